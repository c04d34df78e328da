"""Constants of the laws for the times of events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from ...theory import StageTime, evaluate
from ..cells import CellResult
from ..constants import Fitted
from ..thresholds import FIT_MIN_RUNS, SLACK_C
from .bounds import speaks_of
from .points import NotFittableError, obeying_limits

Array = NDArray[np.float64]


def fit_time(cells: Sequence[CellResult], time: StageTime) -> dict[str, Fitted]:
    """Constants of a stage time over calibration runs.

    One constant: the least that covers every run, an envelope like any other; of a deadline, the
    latest step the log allows for the event. Several: least squares in relative error, each
    non-negative.

    Raises:
        NotFittableError: too few runs reached the event, or the law is not a positive number.
    """
    terms = time.terms()
    rows: list[Array] = []
    runs = 0
    for result in cells:
        if not speaks_of(time, result):
            continue
        when = result.events[time.event]
        if time.reading == "deadline" and len(terms) == 1:
            when = result.came(time.event)[1]
        reached = when[result.ok]
        runs += reached.size
        reached = reached[reached > 0]
        known = {str(symbol) for term in terms.values() for symbol in term.free_symbols}
        given = {name: value for name, value in result.values.items() if name in known}
        scales = [float(evaluate(term, given)) for term in terms.values()]
        rows.extend(np.array(scales) / step for step in reached)
    if len(rows) < FIT_MIN_RUNS:
        raise NotFittableError(f"{len(rows)} calibration runs reached {time.event}; {FIT_MIN_RUNS} "
                               "are needed")  # fmt: skip
    matrix = np.array(rows)
    if not (np.isfinite(matrix).all() and (matrix >= 0).all() and matrix.any(axis=1).all()):
        raise NotFittableError("the law is not a positive number in some calibration cell")
    solution = nnls(matrix, np.ones(len(matrix)))[0]
    limits = None
    if len(terms) == 1:
        solution = np.array([1.0 / matrix.min()])
        limits = obeying_limits(1.0 / matrix[:, 0], upper=True)
    missed = runs - len(rows)
    note = f"{missed} of {runs} runs had {time.event} at step 0 or not at all" if missed else ""
    return {
        f"{symbol} of {time.name}": Fitted(
            f"{symbol} of {time.name}", float(value), float(value * SLACK_C), (time.name,),
            len(rows), len(rows), note, limits,
        )
        for symbol, value in zip(terms, solution, strict=True)
    }  # fmt: skip
