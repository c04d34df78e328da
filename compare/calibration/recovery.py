"""Known constants without noise, and what is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..fitting.constants import fit_constants
from .benign import TIMES as BENIGN_TIMES
from .benign import BenignTruth
from .harmful import TIMES as HARMFUL_TIMES
from .harmful import HarmfulTruth
from .synthetic import synthetic_study


@dataclass(frozen=True)
class Recovered:
    """One constant, known and fitted.

    Attributes:
        regime: the study's.
        name: as in `Constants`.
        true: the known value.
        fitted: the fitted value, NaN where it could not be fitted.
    """

    regime: str
    name: str
    true: float
    fitted: float

    @property
    def error(self) -> float:
        """Relative error."""
        return abs(self.fitted / self.true - 1.0)


def recover_constants() -> tuple[Recovered, ...]:
    """Every constant of both theorems, known and fitted without noise.

    >>> constants = recover_constants()
    >>> len(constants), max(constant.error for constant in constants) < 1e-6
    (15, True)
    """
    rng = np.random.default_rng(0)
    benign, harmful = BenignTruth(), HarmfulTruth()
    out: list[Recovered] = []
    for form, times in BENIGN_TIMES.items():
        fitted = fit_constants(synthetic_study(rng, 0.0, BenignTruth(form=form))).constants.values()
        true = _times(times, form)
        if form == benign.form:
            true |= {name: getattr(benign, name) for name in ("C2", "k2", "k3")}
        out += [_one("benign", name, value, fitted) for name, value in true.items()]
    fitted = fit_constants(synthetic_study(rng, 0.0, harmful)).constants.values()
    true = {"C1": harmful.C1, "C2": harmful.C2} | _times(HARMFUL_TIMES, "paper")
    out += [_one("harmful", name, value, fitted) for name, value in true.items()]
    return tuple(out)


def _times(times: Mapping[str, Mapping[str, float]], form: str) -> dict[str, float]:
    return {
        f"{constant} of {event} ({form})": value
        for event, constants in times.items()
        for constant, value in constants.items()
    }


def _one(regime: str, name: str, true: float, fitted: Mapping[str, float]) -> Recovered:
    return Recovered(regime, name, true, fitted.get(name, float("nan")))
