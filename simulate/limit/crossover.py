"""The input dimensions between which test_error falls from chance to the flip probability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import entr

from ..errors import EngineError, shown
from ..problem import Problem
from .fresh import margin, mean_loss
from .kernel import MEMORY, QK
from .labels import given_labels
from .observe import class_failures, samples
from .start import check_problem, gaussian_start, noise_square
from .systems import Systems
from .target import advance_to

Array = NDArray[np.float64]

#: How far test_error is from 1/2, or from p, at the ends of a crossover.
CLOSE = 0.01
#: Logarithms of d between which it is searched, and how closely.
_LEAST, _MOST, _EXACT = math.log(2.0), math.log(1e30), 1e-6


@dataclass(frozen=True)
class ErrorCrossover:
    """d at which test_error leaves 1/2 and reaches p, in a problem whose d alone grows.

    Attributes:
        problem: N, SNR, p, the start and the target loss are its own.
        leaves: d*, at which test_error is 1/2 - 0.01; 0 if it is lower at every d.
        reaches: d at which test_error is p + 0.01; inf if it is higher at every d.
        test_error: at the problem's own d.
        large_d_error: test_error as d grows without end; above p by what W_V w_O started with.
        harm: test_loss over its way from H(p), 0, to log 2, 1, at ``reaches``, or where that is inf
            as d grows without end.
        steps: gradient steps until train_loss reached the target.
        labels: the draw of the labels: positive samples, flipped among them, flipped among the
            negative.

    Example:
        >>> harmful = Problem(n_samples=20, dim=10_000, noise_std=0.01, signal_norm=0.0707,
        ...     key_dim=10_000, flip_prob=0.1, learning_rate=0.4, init_std_qk=0.01,
        ...     init_std_v=0.002, target_loss=0.1)
        >>> found = find_crossover(harmful)
        >>> found.leaves < harmful.dim < found.reaches, round(found.harm, 2)
        (True, 0.95)
    """

    problem: Problem
    leaves: float
    reaches: float
    test_error: float
    large_d_error: float
    harm: float
    steps: int
    labels: tuple[int, int, int]


def find_crossover(problem: Problem, *, labels: Sequence[int] | None = None) -> ErrorCrossover:
    """Search the d at which test_error leaves 1/2 and at which it reaches p + 0.01.

    A fresh noise token has V' ~ N(0, τ²) beside the signal's V, and the limit at a fixed length of
    the noise tokens (σ_p²d), N, SNR and start does not depend on d. τ² = σ_p²d·(‖W_V w_O‖²/d) does:
    what training adds to W_V w_O counts ever less, and the start's σ_V²w² alone is left. So
    test_error falls in d while test_loss stays, at any SNR at which the classes are learned at all.
    DERIVED; see docs/limit.md. At a d of some hundreds the limit itself is rough.

    Args:
        problem: trained until train_loss is at most its ``target_loss``.
        labels: as for `predict`; by default classes of one size, with flips at their average
            number, rounded.

    Raises:
        EngineError: the limit does not describe the problem, w_O is trained, or the target is not
            reached.

    Example:
        >>> found = find_crossover(Problem(n_samples=20, dim=400, noise_std=0.05, target_loss=0.1))
        >>> found.leaves, found.test_error < 0.001, found.large_d_error < 1e-6
        (0.0, True, True)
    """
    if not isinstance(problem, Problem):
        raise EngineError(f"problem = {shown(problem)}: give a Problem, such as Problem(dim=100)")
    check_problem(problem)
    if problem.train_output:
        raise EngineError("train_output = true: the crossover is known for a frozen w_O alone; "
                          "set train_output = false")  # fmt: skip
    given, problem = problem, gaussian_start(problem)
    n = problem.n_samples
    if labels is None:
        plus = n // 2
        labels = plus, round(problem.flip_prob * plus), round(problem.flip_prob * (n - plus))
    drawn = given_labels(n, labels)
    output = np.full(1, problem.output_norm)
    systems = Systems.start(problem, drawn.types(n), np.zeros((1, 2)), output)
    advance_to(systems, problem.target_loss)

    def error(log_dim: float) -> float:
        return _test_error(problem, systems, log_dim)

    def crossing(level: float) -> float:
        if error(_LEAST) < level:
            return 0.0
        if error(_MOST) > level:
            return math.inf
        root = brentq(lambda x: error(x) - level, _LEAST, _MOST, xtol=_EXACT)
        return math.exp(float(root))

    reaches = crossing(problem.flip_prob + CLOSE)
    at = _MOST if math.isinf(reaches) else max(math.log(max(reaches, 2.0)), _LEAST)
    return ErrorCrossover(
        problem=given,
        leaves=crossing(0.5 - CLOSE),
        reaches=reaches,
        test_error=error(math.log(problem.dim)),
        large_d_error=error(math.inf),
        harm=_harm(problem, systems, at),
        steps=systems.taken,
        labels=(
            int(drawn.positive[0]), int(drawn.flipped_positive[0]), int(drawn.flipped_negative[0])
        ),
    )  # fmt: skip


def _spread(problem: Problem, systems: Systems, log_dim: float) -> float:
    """τ at a d, the tokens' lengths being the problem's own.

    A memory of length 1 along an axis counts for ρ/d; the start has d axes.
    """
    x, counts = systems.state[systems.place[0]], systems.count[systems.place[0]]
    signal = (x[:, MEMORY] ** 2).sum() / problem.signal_norm**2
    aligned = samples(systems.state[None])["aligned"][systems.place[0], 0]
    rho = noise_square(problem)
    stored = (counts * aligned**2).sum() / rho
    met = stored if problem.noise == "orthogonal" else stored + signal
    started = (problem.init_std_v * problem.output_norm) ** 2
    return math.sqrt(rho * (started + met * math.exp(-log_dim)))


def _test_error(problem: Problem, systems: Systems, log_dim: float) -> float:
    spread = np.array([[_spread(problem, systems, log_dim)]])
    logs, _ = class_failures(problem, systems.state[None], systems.place[:1], spread)
    p = problem.flip_prob
    return p + (1 - 2 * p) * float(np.exp(logs).mean())


def _harm(problem: Problem, systems: Systems, log_dim: float) -> float:
    """test_loss between H(p), 0, and log 2, 1."""
    x, p = systems.state[systems.place[0]], problem.flip_prob
    mean, std = margin(x[:, QK], x[:, MEMORY], np.full(2, _spread(problem, systems, log_dim)))
    loss = float((mean_loss(mean, std) + p * mean).mean())
    best = float(entr(p) + entr(1 - p))
    return (loss - best) / (math.log(2) - best)
