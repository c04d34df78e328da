"""`PhaseBoundary`: does a boundary follow a law N^a·SNR^b·d^c (·d_h^e) = C, rather than a rival?

A power agrees with the law's where its interval over resampled cells lies within a tolerance of
it and contains it, or is surely less off than a power of B11 may be; it differs where the interval
excludes the law's power and the fitted power is materially off (`agreement`). The law must also
predict cells it was not fitted on no worse than its rival.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..errors import CompareError
from ..fitting.boundary_sides import Quantity, fit_sides, sides
from ..statistics.boundary import BoundaryFit, compare_boundaries
from ..thresholds import (
    BOUNDARY_FOLDS,
    BOUNDARY_TOLERANCE_D,
    BOUNDARY_TOLERANCE_D_H,
    BOUNDARY_TOLERANCE_SNR,
    GOOD_RUN_CUT_OFF,
    LOGISTIC_RIDGE,
    POWER_MATERIAL_SHARE,
    POWER_TOLERANCE,
    POWERS_MISS,
    RIVAL_STANDARD_ERRORS,
)
from ..verdict import Status, Verdict
from .agreement import Word, agreement

#: How far a power may be from the law's: a quarter of the way between the rivals (1, 2, 0) and
#: (1, 4, 1), and half of the power of d_h in question.
TOLERANCE: Mapping[str, float] = {
    "SNR": BOUNDARY_TOLERANCE_SNR,
    "d": BOUNDARY_TOLERANCE_D,
    "d_h": BOUNDARY_TOLERANCE_D_H,
}
#: Names of a law's powers, in order.
_ORDER = ("N", "SNR", "d", "d_h")


@dataclass(frozen=True)
class PhaseBoundary:
    """A law of a boundary is judged on all cells of a kind, beside its rivals.

    HOLDS where every fitted power agrees with the law's and no rival predicts held-out cells
    better; a failure where a power differs or a rival is clearly better; else INCONCLUSIVE. A power
    agrees where its interval lies within a quarter of the rivals' distance (half of the power, for
    d_h) and contains the law's power, or is surely off by less than three quarters of what a power
    of B11 may be; it differs where its interval excludes the law's power and it is off by as much.
    The intervals that decide miss in 5% together.

    Attributes:
        kind: of the cells.
        quantity: what ends good or bad.
        law: powers of N, SNR, d and, where it varies, d_h.
        rivals: name -> powers of laws to compare with.
        scaling: how sigma_V, sigma_h and d_h were scaled, for the evidence.
        flip_prob: takes only the cells with this flip probability; all of them if None.
        for_large_n: whether the law is one for large N. The powers are then fitted for the smaller
            and the larger N, too.
    """

    kind: str
    quantity: Quantity
    law: tuple[float, ...]
    rivals: Mapping[str, tuple[float, ...]]
    scaling: str
    flip_prob: float | None = None
    for_large_n: bool = False

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the cells of the kind."""
        cells = [
            result
            for result in study.select(kind=self.kind)
            if self.flip_prob in (None, result.cell.problem.flip_prob)
        ]
        data = sides(cells, self.quantity)
        key_dim = data.key_dim if len(self.law) == 4 else None
        evidence: dict[str, object] = {
            "how_the_rest_was_scaled": self.scaling,
            "cut_off": GOOD_RUN_CUT_OFF,
        }
        own = law_text(self.law)
        laws = {own: self.law, **self.rivals}
        try:
            fit = fit_sides(data, key_dim)
            comparison = compare_boundaries(
                data.n,
                data.snr,
                data.d,
                data.above,
                laws,
                key_dim=key_dim,
                folds=BOUNDARY_FOLDS,
                ridge=LOGISTIC_RIDGE,
            )
        except CompareError as error:
            return claim.verdict(study, Status.INCONCLUSIVE, str(error), evidence=evidence)
        target = dict(zip(_ORDER, self.law, strict=False))
        judged = judge_boundary(fit, target)
        beaten = comparison.better != own and comparison.clearly_worse(own, RIVAL_STANDARD_ERRORS)
        evidence |= fit_lines(fit) | {
            "law_powers": target,
            "judged": judged,
            "held_out_log_likelihood_a_run": dict(comparison.log_likelihoods),
            "behind_the_better": {
                name: [comparison.differences[name], comparison.errors[name]] for name in laws
            },
            "better": comparison.better,
            "log_constants": dict(comparison.constants),
        }
        scope = scope_of(data.results)
        words = set(judged.values())
        status = Status.INCONCLUSIVE
        if beaten or "differs" in words:
            status = Status.VIOLATED
        elif words == {"agrees"} and comparison.better == own:
            status = Status.HOLDS
        rivals = [name for name in laws if name != own]
        far_behind = {
            name for name in rivals if comparison.clearly_worse(name, RIVAL_STANDARD_ERRORS)
        }
        rest = [
            f"{name} {'clearly ' if name in far_behind else ''}behind"
            for name in rivals
            if comparison.better == own
        ]
        said = [
            f"{name}^{target.get(name, 0.0):g} is excluded"
            for name, word in judged.items()
            if word != "agrees" and _excluded(fit, name, target)
        ]
        if self.for_large_n:
            halves = _by_half_of_n(cells, self.quantity)
            evidence["by_half_of_N"] = halves
            said += [f"the law is one for large N: {' and '.join(halves)}"]
        statistic, number = _worst(fit, target), "largest distance of an interval's end from the "
        number += "law's power, over its tolerance"
        if "differs" in words:
            statistic = max(
                abs(fit.powers[name] - target.get(name, 0.0)) / _material(name)
                for name, word in judged.items()
                if word == "differs"
            )
            number = "largest distance of a power that differs from the law's, over a material one"
        return claim.verdict(
            study,
            status,
            f"{fitted_text(fit)}; held out, {comparison.better} predicts best"
            + "".join(f", {rival}" for rival in rest)
            + "".join(f"; {text}" for text in said),
            scope=scope,
            statistic=statistic,
            statistic_name=number,
            relation="<=",
            threshold=1.0,
            evidence=evidence,
        )


def judge_boundary(fit: BoundaryFit, law: Mapping[str, float]) -> dict[str, Word]:
    """Power -> ``"agrees"``, ``"differs"`` or ``"open"``; that of N is 1 by definition."""
    names = fit.names[1:]
    out: dict[str, Word] = {}
    for name in names:
        wanted = law.get(name, 0.0)
        low, high = fit.interval(name, 1 - POWERS_MISS / len(names))
        out[name] = agreement(
            fit.powers[name] - wanted, low - wanted, high - wanted,
            tolerance=TOLERANCE[name], material=_material(name),
        )  # fmt: skip
    return out


def _material(name: str) -> float:
    """From which distance on a power is another power: as for the powers of B11, or less."""
    return POWER_MATERIAL_SHARE * min(POWER_TOLERANCE, TOLERANCE[name])


def _excluded(fit: BoundaryFit, name: str, law: Mapping[str, float]) -> bool:
    low, high = fit.interval(name)
    return not low <= law.get(name, 0.0) <= high


def _by_half_of_n(cells: Sequence[CellResult], quantity: Quantity) -> list[str]:
    """The boundary of the cells with the smaller and with the larger N, in words."""
    counts = [each.cell.problem.n_samples for each in cells]
    middle = sorted(counts)[len(counts) // 2]
    halves = {
        f"N < {middle}": [each for each in cells if each.cell.problem.n_samples < middle],
        f"N >= {middle}": [each for each in cells if each.cell.problem.n_samples >= middle],
    }
    told = []
    for name, part in halves.items():
        try:
            told.append(f"{fitted_text(fit_sides(sides(part, quantity)))} for {name}")
        except CompareError as error:
            told.append(f"not fitted for {name}: {error}")
    return told


def fit_lines(fit: BoundaryFit) -> dict[str, object]:
    """JSON-ready: a fitted boundary."""
    return {
        "fitted": {
            name: {"power": fit.powers[name], "interval_95": list(fit.interval(name))}
            for name in fit.names[1:]
        },
        "log_constant": fit.log_constant,
        "sharpness": fit.sharpness,
        "cells": fit.cells,
        "share_of_good_runs": fit.above,
        "separated": fit.separated,
    }


def boundary_lines(results: Sequence[CellResult], quantity: Quantity) -> dict[str, object]:
    """JSON-ready: the boundary fitted through some cells, or why it cannot be."""
    data = sides(results, quantity)
    try:
        return fit_lines(fit_sides(data))
    except CompareError as error:
        return {"not_fitted": str(error)}


def fitted_text(fit: BoundaryFit) -> str:
    """The boundary in one line.

    Example:
        >>> import numpy as np
        >>> from bofcheck.compare.statistics.boundary import fit_boundary
        >>> n, snr = np.array([(n, s) for n in (4, 8, 16, 32) for s in (.1, .2, .4, .8)]).T
        >>> good, settings = n * snr**2 > 1.0, {"confidence": 0.95, "spare_cells": 4, "ridge": 0.01}
        >>> fitted_text(fit_boundary(n, snr, np.ones(16), good, resamples=50, **settings))[:8]
        'N·SNR^1.'
    """
    parts = [
        f"{name}^{fit.powers[name]:.2f} [{fit.low[name]:.2f}, {fit.high[name]:.2f}]"
        for name in fit.names[1:]
    ]
    return "·".join(["N", *parts])


def law_text(law: tuple[float, ...]) -> str:
    """A law's name.

    >>> law_text((1, 2, 0)), law_text((1, 4, 1)), law_text((1, 2, 0, 0.25))
    ('N·SNR^2', 'N·SNR^4·d', 'N·SNR^2·d_h^0.25')
    """
    named = [(name, power) for name, power in zip(_ORDER, law, strict=False) if power]
    return "·".join(name if power == 1 else f"{name}^{power:g}" for name, power in named)


def _worst(fit: BoundaryFit, law: Mapping[str, float]) -> float:
    return max(
        abs(end - law.get(name, 0.0)) / TOLERANCE[name]
        for name in fit.names[1:]
        for end in fit.interval(name)
    )
