"""`PhaseBoundary`: does a boundary follow a law N^a·SNR^b·d^c (·d_h^e) = C, rather than a rival?

A power agrees with the law's where its interval over resampled cells lies within a tolerance of
it, and differs where the interval lies wholly outside. The law must also predict cells it was
not fitted on no worse than its rival.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..errors import CompareError
from ..statistics.boundary import BoundaryFit, compare_boundaries
from ..thresholds import (
    BOUNDARY_FOLDS,
    BOUNDARY_TOLERANCE_D,
    BOUNDARY_TOLERANCE_D_H,
    BOUNDARY_TOLERANCE_SNR,
    GOOD_RUN_CUT_OFF,
    LOGISTIC_RIDGE,
    RIVAL_STANDARD_ERRORS,
)
from ..verdict import Status, Verdict
from .boundary_sides import Quantity, fit_sides, sides

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
    better; a failure where a power differs or a rival is clearly better; else INCONCLUSIVE.

    Attributes:
        kind: of the cells.
        quantity: what ends good or bad.
        law: powers of N, SNR, d and, where it varies, d_h.
        rivals: name -> powers of laws to compare with.
        scaling: how sigma_V, sigma_h and d_h were scaled, for the evidence.
        flip_prob: takes only the cells with this flip probability; all of them if None.
    """

    kind: str
    quantity: Quantity
    law: tuple[float, ...]
    rivals: Mapping[str, tuple[float, ...]]
    scaling: str
    flip_prob: float | None = None

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
        return claim.verdict(
            study,
            status,
            f"{fitted_text(fit)}; held out, {comparison.better} predicts best"
            + "".join(f", {rival}" for rival in rest),
            scope=scope,
            statistic=_worst(fit, target),
            statistic_name="largest distance of an interval's end from the law's power, over its "
            "tolerance",
            relation="<=",
            threshold=1.0,
            evidence=evidence,
        )


def judge_boundary(fit: BoundaryFit, law: Mapping[str, float]) -> dict[str, str]:
    """Power -> ``"agrees"``, ``"differs"`` or ``"open"``; that of N is 1 by definition."""
    out = {}
    for name in fit.names[1:]:
        low, high = (end - law.get(name, 0.0) for end in fit.interval(name))
        limit = TOLERANCE[name]
        agrees = low >= -limit and high <= limit
        out[name] = "agrees" if agrees else "differs" if low > limit or high < -limit else "open"
    return out


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
