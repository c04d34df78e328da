"""Fit the constants of a theorem on calibration cells, jointly over all their runs.

Bounds that share constants are fitted together, as the first form of `registry` that they have: a
factor, exponential decay, a free power or a sum. Each is the bound closest to the data that covers
every calibration point, in the first part of each stage. Every constant is then widened by the
slack.

A constant that covers every run is the worst run's. What can be said of a typical one are limits of
the constant that 95% of runs obey, from the least constant of each run, by order statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from ...theory import Bound, StageTime, Theorem, TheoryError
from ..cells import CellResult, Role, Study
from ..constants import Constants, Fitted
from ..errors import CompareError
from . import free_power
from .means import mean_of
from .points import NotFittableError
from .registry import check_alike, fitted_together, form_for
from .times import fit_time


def fit_constants(study: Study) -> Study:
    """The study with its constants fitted on its calibration stage cells.

    A constant that cannot be fitted is listed in ``constants.failures`` with the reason; the
    claims that need it become INCONCLUSIVE.

    Args:
        study: trained cells, or other runs, with their events.

    Returns:
        The same study with ``constants``; nothing else is changed.

    Example:
        >>> import numpy as np
        >>> from bofcheck.compare.calibration import BenignTruth, synthetic_study
        >>> truth = BenignTruth(C2=0.01, k2=30.0)
        >>> study = synthetic_study(np.random.default_rng(0), 0.0, truth)
        >>> constants = fit_constants(study).constants
        >>> round(constants["C2"].value, 6), round(constants["k2"].value, 6)
        (0.01, 30.0)
        >>> round(constants["C2"].widened, 6), round(constants["k2"].widened, 6)
        (0.02, 15.0)
    """
    cells = list(study.select(Role.CALIBRATION, "stage"))
    fitted: dict[str, Fitted] = {}
    failures: dict[str, str] = {}
    for bounds in fitted_together(study.theorem):
        _merge(fitted, failures, bounds, partial(_fit, study, cells, bounds))
    for time in (law for law in study.theorem.times if law.constants):
        _merge(fitted, failures, [time], partial(fit_time, cells, time))
    return replace(study, constants=Constants(fitted, failures))


def fit_reading(study: Study, name: str) -> Study:
    """The study of one reading of a bound alone, as if the theorem stated nothing else.

    Args:
        study: whose theorem has the reading.
        name: of the reading's bound.

    Raises:
        NoSuchPartError: there is no such reading.

    Example:
        >>> import numpy as np
        >>> from bofcheck.compare.calibration import BenignTruth, synthetic_study
        >>> study = synthetic_study(np.random.default_rng(0), 0.0, BenignTruth())
        >>> alone = fit_reading(study, "B2A")
        >>> [bound.name for bound in alone.theorem.bounds], len(alone.constants.values())
        (['B2A'], 2)
    """
    alone = replace(study, theorem=study.theorem.read(name), constants=Constants())
    return fit_constants(alone)


def fit_bound(study: Study, name: str) -> Study:
    """The study with the constants of one bound, and of those fitted with it, fitted again.

    The other constants stay. For a theorem with another formula of that bound.

    Args:
        study: whose theorem's bound is fitted.
        name: the bound.
    """
    cells = list(study.select(Role.CALIBRATION, "stage"))
    fitted, failures = dict(study.constants.fitted), dict(study.constants.failures)
    for bounds in fitted_together(study.theorem):
        if name in {bound.name for bound in bounds}:
            for constant in (str(c) for bound in bounds for c in bound.constants):
                fitted.pop(constant, None)
            _merge(fitted, failures, bounds, partial(_fit, study, cells, bounds))
    return replace(study, constants=Constants(fitted, failures))


def fit_law(study: Study, law: StageTime) -> Study:
    """The study with another formula of one of its laws of a time, its constants fitted again.

    Args:
        study: whose theorem has a law of the same name.
        law: that takes its place.
    """
    times = tuple(law if time.name == law.name else time for time in study.theorem.times)
    fitted, failures = dict(study.constants.fitted), dict(study.constants.failures)
    for constant in law.constants:
        fitted.pop(f"{constant} of {law.name}", None)
    if law.constants:
        cells = list(study.select(Role.CALIBRATION, "stage"))
        _merge(fitted, failures, [law], partial(fit_time, cells, law))
    theorem = replace(study.theorem, times=times)
    return replace(study, theorem=theorem, constants=Constants(fitted, failures))


def check_fittable(theorem: Theorem) -> None:
    """Refuse bounds whose form no fit here knows, before any data are looked at.

    Raises:
        CompareError: naming the bound, why, and the forms that are known.

    >>> from bofcheck.theory import benign
    >>> check_fittable(benign)
    """
    for bounds in fitted_together(theorem):
        try:
            check_alike(bounds)
            form_for([theorem.continuous(bound) for bound in bounds])
        except (NotFittableError, TheoryError) as error:
            names = " and ".join(bound.name for bound in bounds)
            raise CompareError(f"{theorem.name}: {names} cannot be fitted: {error}") from None


def _fit(study: Study, cells: Sequence[CellResult], bounds: Sequence[Bound]) -> dict[str, Fitted]:
    """The constants of bounds that share them, on the mean curves of cells if they are of means."""
    check_alike(bounds)
    meeting = [study.theorem.continuous(bound) for bound in bounds]
    form = form_for(meeting)
    if bounds[0].reading != "mean":
        return form.fit(study, cells, meeting)
    fitted = form.fit(study, [mean_of(study.theorem, result) for result in cells], meeting)
    if form.fit is free_power.fit:  # whose limits are intervals
        return fitted
    return {name: replace(one, limits=None) for name, one in fitted.items()}


def _merge(
    fitted: dict[str, Fitted],
    failures: dict[str, str],
    parts: Sequence[Bound | StageTime],
    fit: Callable[[], dict[str, Fitted]],
) -> None:
    """Add what could be fitted, or why these bounds or times could not."""
    try:
        fitted |= fit()
    except (NotFittableError, TheoryError) as error:
        failures |= {part.name: str(error) for part in parts}
