"""Where the limit starts: which problems it describes, their scales, and V of each run at step 0.

PyTorch's default draws uniform entries of variance 1/(3 fan_in). Sums over many of them are as of
Gaussian entries of that variance, so the limit is that of a Gaussian start (DERIVED).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..errors import EngineError
from ..problem import Problem

Array = NDArray[np.float64]

#: Least d_h, and least d_v where w_O is trained.
NARROWEST = 8
#: Largest standard deviation of the first logits; there train_loss is 3% off in the median.
LARGEST_LOGIT = 0.3
#: Operations a second of the span engine on two cores, of docs/benchmarks.md.
_SPEED = 8e10


def noise_square(problem: Problem) -> float:
    """ρ, the mean square length of a noise token.

    >>> round(noise_square(Problem(dim=400, noise_std=0.05)), 12)
    1.0
    """
    axes = problem.dim - (2 if problem.noise == "orthogonal" else 0)
    return problem.noise_std**2 * axes


def gaussian_start(problem: Problem) -> Problem:
    """The problem with a Gaussian start of the same scales.

    >>> default = Problem(dim=300, init="torch-default", start="materialised")
    >>> start = gaussian_start(default)
    >>> round(start.init_std_qk, 6), round(start.output_norm, 6)  # 1/√(3 d), 1/√3
    (0.033333, 0.57735)
    """
    if problem.init == "gaussian":
        return problem
    std = 1.0 / math.sqrt(3 * problem.dim)
    return problem.replace(
        init="gaussian", start="sampled", init_std_qk=std, init_std_v=std,
        output_norm=1.0 / math.sqrt(3),
    )  # fmt: skip


def first_logit(problem: Problem) -> float:
    """Standard deviation σ_h²√d_h max(μ², ρ) of the longer token's logit on itself at step 0.

    >>> round(first_logit(Problem(dim=400, noise_std=0.05, init_std_qk=0.1, key_dim=100)), 12)
    0.1
    """
    longest = max(problem.signal_norm**2, noise_square(problem))
    return gaussian_start(problem).init_std_qk ** 2 * math.sqrt(problem.key_dim) * longest


def check_problem(problem: Problem) -> None:
    """Refuse problems the limit does not describe.

    Raises:
        EngineError: d_h is below 8, d_v is with a trained w_O, or first logits are not small.

    >>> check_problem(Problem())
    """
    widths = {"key_dim": problem.key_dim}
    if problem.train_output:
        widths["value_dim"] = problem.value_dim
    for name, width in widths.items():
        if width < NARROWEST:
            trained = " with train_output = true" if name == "value_dim" else ""
            raise EngineError(
                f"{name} = {width}: the limit is that of a large {name}{trained}; give at least "
                f"{NARROWEST}, or train the problem"
            )
    logit = first_logit(problem)
    if logit > LARGEST_LOGIT:
        tokens = problem.n_samples + 2
        micros = 8e6 * tokens**3 / _SPEED
        gaussian = problem.init == "gaussian"
        name = f"init_std_qk = {problem.init_std_qk:g}" if gaussian else f'init = "{problem.init}"'
        lower = "init_std_qk, signal_norm" if gaussian else "signal_norm"
        raise EngineError(
            f"{name}: first logits spread by {logit:.3g}, in the limit by at most "
            f"{LARGEST_LOGIT:g}: samples of a type then differ from the start; train the problem "
            f"with the span engine, exact in about {micros:.2g} µs a step, or lower {lower} or "
            "noise_std"
        )


@dataclass(frozen=True)
class Start:
    """Where V and w_O start in each run, beyond the limit, in which V starts at 0.

    Attributes:
        memory: (R, 2) V_+(0) and V_-(0).
        square: (R,) |W_V(0) w_O|².
        lowest: (R,) min y_n V_n(0) over the noise tokens.
        output: (R,) |w_O| at step 0.
    """

    memory: Array
    square: Array
    lowest: Array
    output: Array


def typical_start(problem: Problem, runs: int) -> Start:
    """V_±(0) = 0, and the expected |W_V(0) w_O|² and least y_n V_n(0).

    Args:
        problem: with a Gaussian start.
        runs: how many.

    >>> start = typical_start(Problem(n_samples=2, init_std_v=0.01, dim=400, noise_std=0.05), 1)
    >>> start.square.round(6).tolist(), start.lowest.round(6).tolist()  # -0.01/√π
    ([0.04], [-0.005642])
    """
    scale = problem.init_std_v * problem.output_norm
    x = np.linspace(-14.0, 14.0, 5601)
    largest = np.trapezoid((x > 0) + 0.5 * (x == 0) - ndtr(x) ** problem.n_samples, x)
    low = -scale * np.sqrt(noise_square(problem)) * largest
    square = scale**2 * problem.dim
    return Start(
        np.zeros((runs, 2)), np.full(runs, square), np.full(runs, low),
        np.full(runs, problem.output_norm),
    )  # fmt: skip
