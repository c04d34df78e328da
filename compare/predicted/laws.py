"""How far the limit follows laws that were derived for a part of training, nothing fitted."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq

from ...simulate import Prediction, Problem, find_boundary, predict
from ...theory import benign
from ...theory.lemmas.attention_growth import LOGIT_GAP
from ...theory.lemmas.late_phase import LATE_SLOPE
from ..cells import theory_values
from ..events import find_events

#: How many times the steps of training the late slope is followed.
LATER = (1, 10, 100, 1000)
#: Parts of the time until T2 at which the gap is compared with its law.
EARLY = (0.05, 0.25, 1.0)
#: Logged steps of a run that is followed that far; most N of a boundary's power.
_LOGGED, _MOST_SAMPLES = 400, 1e6


def late_slopes(problem: Problem, steps: int) -> list[float]:
    """Slope of V± in log t over the law's, in the last factor 2 before 1 to 1000 times ``steps``.

    Of `typical_run`.

    Example:
        >>> wide = Problem(n_samples=20, dim=10**9, noise_std=10**-4.5, key_dim=10**5,
        ...     init_std_qk=0.002, learning_rate=0.2)
        >>> [round(slope, 2) for slope in late_slopes(wide, 1000)][-1]
        0.95
    """
    run = typical_run(problem, steps * LATER[-1])
    memory = (run["v_plus"][0] - run["v_minus"][0]) / 2
    slopes = []
    for times in LATER:
        ends = np.array([0.5, 1.0]) * steps * times
        grown = float(np.diff(np.interp(ends, run.steps, memory))[0]) / math.log(2)
        middle = math.sqrt(float(ends.prod()))
        attention = float(np.interp(middle, run.steps, run["attention_clean"][0]))
        slopes.append(grown / float(LATE_SLOPE.numeric(attention=attention)))
    return slopes


def gap_over_law(problem: Problem, steps: int) -> list[float]:
    """Gap of clean samples over Λ at a twentieth and a quarter of T2 and at T2, in `typical_run`.

    Args:
        problem: of the run.
        steps: gradient steps, enough to reach T2; NaN otherwise.

    Example:
        >>> wide = Problem(n_samples=20, dim=10**9, noise_std=10**-4.5, key_dim=10**5,
        ...     init_std_qk=0.002, learning_rate=0.2)
        >>> [round(share, 1) for share in gap_over_law(wide, 1000)]
        [1.0, 0.8, 0.6]
    """
    run, values = typical_run(problem, steps), theory_values(problem)
    (end,) = find_events(benign, run, values)["T2"]
    needed = {str(symbol) for symbol in LOGIT_GAP.expr.free_symbols} - {"t"}
    given = {name: value for name, value in values.items() if name in needed}
    at = float(end) * np.array(EARLY)
    gap = np.interp(at, run.steps, run["gap_clean"][0])
    return [float(share) for share in gap / np.asarray(LOGIT_GAP.numeric(t=at, **given))]


def typical_run(problem: Problem, steps: int) -> Prediction:
    """A run of the limit with classes of one size and flips at their average number, rounded.

    In the limit of small learning rates, without failures.

    Example:
        >>> run = typical_run(Problem(n_samples=20, flip_prob=0.1), 100)
        >>> run.positive.tolist(), run.flipped_positive.tolist()
        ([10], [1])
    """
    half = problem.n_samples // 2
    flips = round(problem.flip_prob * half)
    logged = np.unique(np.geomspace(1, steps, _LOGGED).astype(np.int64))
    return predict(
        problem, steps=steps, log=[0, *logged.tolist()], labels=(half, flips, flips), flow=True,
        failures=False,
    )  # fmt: skip


def boundary_powers(
    flip_prob: float, target_loss: float, start: float, counts: Sequence[float], near: float
) -> tuple[list[float], float]:
    """Local powers of SNR of the limit's boundary of test_loss, and the N of a given power.

    Args:
        flip_prob: p.
        target_loss: ε.
        start: σ_h²d_hσ_p²d.
        counts: N at which the power is wanted.
        near: the power whose N is wanted, below 2.

    Returns:
        Powers at these N; and the N from which it is at least ``near``, NaN if beyond a million.

    Example:
        >>> powers, enough = boundary_powers(0.1, 0.1, 2.0, [8.0], 1.95)
        >>> [round(power, 1) for power in powers], 40 < enough < 120
        ([1.8], True)
    """

    def powers(ns: Sequence[float]) -> list[float]:
        return list(find_boundary(flip_prob, target_loss, n_samples=ns, start=start).powers)

    known = powers(counts)
    low = max(counts)
    while low > 2 and powers([low])[0] >= near:
        low /= 2
    high = 2 * low
    while powers([high])[0] < near:
        low, high = high, 2 * high
        if high > _MOST_SAMPLES:
            return known, math.nan
    root = brentq(
        lambda log: powers([math.exp(log)])[0] - near, math.log(low), math.log(high), xtol=0.02
    )
    return known, math.exp(float(root))
