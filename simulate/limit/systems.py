"""`Systems`: the classes of all runs of a prediction, each distinct class computed once.

With a frozen w_O classes meet nowhere; `pairs` has the classes that share a trained w_O.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from ..errors import EngineError
from ..numerics.threads import spread
from ..problem import Problem
from .kernel import DEVIATION, KK, LEFT, MEMORY, OUTPUT, QQ, STATE, advance, derivative
from .start import noise_square

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Relative tolerance with which the limit of small learning rates is integrated.
FLOW_TOLERANCE = 1e-9


def start_state(problem: Problem, count: Array, memory: Array, output: Array) -> Array:
    """(S, 39) start of systems: tokens orthogonal, W_K W_Kᵀ and W_Q W_Qᵀ multiples of 1.

    Args:
        problem: its scales are used.
        count: (S, 2) samples of either type.
        memory: (S,) z V_z(0).
        output: (S,) ``|w_O|``.

    >>> state = start_state(Problem(), np.array([[8.0, 2.0]]), np.zeros(1), np.ones(1))
    >>> float(round(state[0, 12 + 4] * 8 + state[0, 30 + 1], 9))  # |k_0|² n + |dk_0|²
    0.12288
    """
    scale = problem.init_std_qk**2 * problem.key_dim
    noise = scale * noise_square(problem)
    state = np.zeros((len(count), STATE))
    state[:, MEMORY] = memory
    state[:, LEFT:OUTPUT] = 1.0
    state[:, OUTPUT] = output**2
    share = np.where(count > 0, 1.0 / np.maximum(count, 1e-300), 0.0)
    for block in (QQ, KK):
        state[:, block] = scale * problem.signal_norm**2
        for kind in range(2):
            state[:, block + 4 * (kind + 1)] = noise * share[:, kind]
    for kind in range(2):
        spare = np.where(count[:, kind] > 0, noise * np.maximum(1.0 - share[:, kind], 0.0), 0.0)
        state[:, DEVIATION + 3 * kind] = state[:, DEVIATION + 3 * kind + 1] = spare
    return state


def step_rates(problem: Problem) -> Array:
    """(2,) eta μ² and eta ρ.

    >>> step_rates(Problem(dim=400, learning_rate=0.5, signal_norm=2.0)).round(9).tolist()
    [2.0, 0.5]
    """
    return problem.learning_rate * np.array([problem.signal_norm**2, noise_square(problem)])


def class_rows(types: NDArray[np.number], memory: Array, output: Array) -> Array:
    """(R, 2, 4) numbers of each class: counts of both types, z V_z(0) and the output's norm.

    >>> class_rows(np.array([[[3, 1], [2, 0]]]), np.array([[0.1, 0.2]]), np.ones(1)).tolist()
    [[[3.0, 1.0, 0.1, 1.0], [2.0, 0.0, -0.2, 1.0]]]
    """
    norms = np.repeat(output, 2).reshape(-1, 2, 1)
    return np.concatenate([types, (memory * [1.0, -1.0])[:, :, None], norms], axis=2)


@dataclass
class Systems:
    """Distinct classes in training, and which of them each run has.

    Attributes:
        n_samples: N.
        count: (S, 2) samples with the label kept and flipped.
        state: (S, 39) see `kernel`.
        place: (R, 2) the systems of each run's classes + and -.
        rates: (2,) see `step_rates`.
        taken: gradient steps taken.
        diverged: (S,) step at which an output was not finite, -1 if none was.
    """

    n_samples: float
    count: Array
    state: Array
    place: IntArray
    rates: Array
    taken: int
    diverged: IntArray

    @classmethod
    def start(
        cls, problem: Problem, types: NDArray[np.number], memory: Array, output: Array
    ) -> Systems:
        """Systems of R runs.

        Args:
            problem: with a Gaussian start; its output is taken to be frozen.
            types: (R, 2, 2) samples by class and by label.
            memory: (R, 2) V_+(0) and V_-(0).
            output: (R,) ``|w_O|`` at step 0.
        """
        rows = class_rows(types, memory, output).reshape(-1, 4)
        distinct, place = np.unique(rows, axis=0, return_inverse=True)
        count = np.ascontiguousarray(distinct[:, :2], dtype=np.float64)
        return cls(
            n_samples=float(problem.n_samples),
            count=count,
            state=start_state(problem, count, distinct[:, 2], distinct[:, 3]),
            place=place.reshape(-1, 2),
            rates=step_rates(problem),
            taken=0,
            diverged=np.full(len(count), -1, dtype=np.int64),
        )

    def advance(self, steps: int) -> None:
        """Take that many gradient steps, systems in parallel over cores."""

        def work(first: int, last: int) -> None:
            advance(
                first, last, self.count, self.n_samples, self.rates, self.state, self.taken,
                steps, self.diverged,
            )  # fmt: skip

        spread(work, len(self.count))
        self.taken += steps

    def flow(self, learning_rate: float, logged: IntArray) -> Array:
        """(T, S, 38) states where learning_rate·step is given and the learning rate small.

        Raises:
            EngineError: the equations could not be integrated.
        """
        states = np.empty((len(logged), *self.state.shape))
        clock = np.asarray(learning_rate * logged, dtype=np.float64)
        change = np.empty(STATE)
        size = np.ones(STATE)
        size[QQ:LEFT] = self.attention_size()
        for system, count in enumerate(self.count):

            def slope(_: float, x: Array, count: Array = count) -> Array:
                derivative(x, count, self.n_samples, self.rates / learning_rate, change)
                return change.copy()

            states[:, system] = integrate(slope, self.state[system], size, clock)
        return states

    def attention_size(self) -> float:
        """The largest product of queries and keys, beside which errors are small."""
        return max(float(self.state[:, QQ:LEFT].max(initial=0.0)), 1e-300)


def integrate(
    slope: Callable[[float, Array], Array], start: Array, size: Array, clock: Array
) -> Array:
    """(T, n) solution of x' = slope(t, x) at the times ``clock``.

    Args:
        slope: of time and x.
        start: (n,) x at time 0.
        size: (n,) typical magnitudes.
        clock: (T,) increasing times.

    Raises:
        EngineError: the equations could not be integrated.

    >>> clock = np.linspace(0.0, 1.0, 3)
    >>> integrate(lambda t, x: -x, np.ones(1), np.ones(1), clock).round(6).ravel().tolist()
    [1.0, 0.606531, 0.367879]
    """
    solved = solve_ivp(
        slope, (0.0, clock[-1]), start, method="DOP853", t_eval=clock,
        rtol=FLOW_TOLERANCE, atol=FLOW_TOLERANCE * size,
    )  # fmt: skip
    if not solved.success:
        raise EngineError(f"the limit of small steps: {solved.message}")
    return np.asarray(solved.y.T)
