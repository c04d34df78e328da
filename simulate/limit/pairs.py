"""`PairedSystems`: both classes of each run, which meet in a trained w_O.

Value vectors start as W_V is drawn: V_± as given, everything off w_O as large as on average over
its d_v - 1 directions, and orthogonal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..numerics.threads import spread
from ..problem import Problem
from .kernel import LEFT, QQ, STATE
from .pair_kernel import ROWS, VECTORS, W, advance_pairs, derivative_pair
from .start import noise_square
from .systems import Systems, class_rows, integrate, start_state, step_rates

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


def start_values(problem: Problem, count: Array, memory: Array, output: Array) -> Array:
    """(P, 11, 7) products of value vectors and w_O at the start; see `pair_kernel`.

    Args:
        problem: its scales are used.
        count: (P, 2, 2) samples by class and type.
        memory: (P, 2) V_+(0) and -V_-(0).
        output: (P,) ``|w_O|``.

    >>> problem, count = Problem(init_std_v=0.1), np.full((1, 2, 2), 5.0)
    >>> values = start_values(problem, count, np.ones((1, 2)), np.ones(1))
    >>> values[0, 0].round(3).tolist()  # of u_+
    [6.11, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]
    """
    pairs, square = len(count), output[:, None, None] ** 2
    along = np.zeros((pairs, VECTORS))  # the part of each along w_O, times |w_O|
    along[:, [0, 3]] = memory
    values = np.zeros((pairs, ROWS, VECTORS))
    values[:, :VECTORS] = along[:, :, None] * along[:, None] / square
    scale = _value_square(problem)
    share = np.where(count > 0, 1.0 / np.maximum(count, 1e-300), 0.0)
    for z in range(2):
        values[:, 3 * z, 3 * z] += scale * problem.signal_norm**2
        for a in range(2):
            at = 3 * z + 1 + a
            values[:, at, at] = scale * noise_square(problem) * share[:, z, a]
    values[:, :W, W] = values[:, W, :W] = along[:, :W]
    values[:, VECTORS:, :W] = along[:, None, :W] / square
    values[:, W, W] = output**2
    values[:, VECTORS:, W] = 1.0
    return values


def _value_square(problem: Problem) -> float:
    """σ_V²(d_v - 1): the square of a value vector off w_O, over that of its token."""
    return problem.init_std_v**2 * (problem.value_dim - 1)


@dataclass
class PairedSystems(Systems):
    """Distinct pairs of classes in training; a pair's classes are two systems in a row.

    Attributes:
        values: (P, 11, 7) see `pair_kernel`.
        inverse: (2,) 1/μ² and 1/ρ.
        spare: σ_V²(d_v - 1).
    """

    values: Array
    inverse: Array
    spare: float

    @classmethod
    def start(
        cls, problem: Problem, types: NDArray[np.number], memory: Array, output: Array
    ) -> PairedSystems:
        """Pairs of R runs; those that differ by an exchange of the classes are the same.

        Args:
            problem: with a Gaussian start; its output is taken to be trained.
            types: (R, 2, 2) samples by class and by label.
            memory: (R, 2) V_+(0) and V_-(0).
            output: (R,) ``|w_O|`` at step 0.
        """
        rows = class_rows(types, memory, output)
        swapped = np.array([tuple(plus) > tuple(minus) for plus, minus in rows])
        rows[swapped] = rows[swapped, ::-1]
        distinct, pair = np.unique(rows.reshape(-1, 8), axis=0, return_inverse=True)
        classes = distinct.reshape(-1, 4)
        count = np.ascontiguousarray(classes[:, :2], dtype=np.float64)
        first = np.where(swapped, 1, 0)
        place = 2 * pair.reshape(-1, 1) + np.stack([first, 1 - first], axis=1)
        memories = classes[:, 2].reshape(-1, 2)
        return cls(
            n_samples=float(problem.n_samples),
            count=count,
            state=start_state(problem, count, classes[:, 2], classes[:, 3]),
            place=place,
            rates=step_rates(problem),
            taken=0,
            diverged=np.full(len(count), -1, dtype=np.int64),
            values=start_values(problem, count.reshape(-1, 2, 2), memories, classes[::2, 3]),
            inverse=1.0 / np.array([problem.signal_norm**2, noise_square(problem)]),
            spare=_value_square(problem),
        )

    def advance(self, steps: int) -> None:
        """Take that many gradient steps, pairs in parallel over cores."""
        count = self.count.reshape(-1, 2, 2)
        state = self.state.reshape(-1, 2, STATE)
        diverged = self.diverged[::2].copy()

        def work(first: int, last: int) -> None:
            advance_pairs(
                first, last, count, self.n_samples, self.rates, self.inverse, self.spare, state,
                self.values, self.taken, steps, diverged,
            )  # fmt: skip

        spread(work, len(count))
        self.diverged = np.repeat(diverged, 2)
        self.taken += steps

    def flow(self, learning_rate: float, logged: IntArray) -> Array:
        """(T, S, 39) states where learning_rate·step is given and the learning rate small.

        Raises:
            EngineError: the equations could not be integrated.
        """
        states = np.empty((len(logged), *self.state.shape))
        both, rates = 2 * STATE, self.rates / learning_rate
        clock = np.asarray(learning_rate * logged, dtype=np.float64)
        size = np.full(both + ROWS * VECTORS, min(1.0, float(self.values[:, W, W].min())))
        size[:both].reshape(2, STATE)[:, QQ:LEFT] = self.attention_size()
        change = np.empty_like(size)
        parts = change[:both].reshape(2, STATE), change[both:].reshape(ROWS, VECTORS)
        for pair, count in enumerate(self.count.reshape(-1, 2, 2)):

            def slope(_: float, x: Array, count: Array = count) -> Array:
                state, values = x[:both].reshape(2, STATE), x[both:].reshape(ROWS, VECTORS)
                derivative_pair(
                    state, values, count, self.n_samples, rates, self.inverse, self.spare, *parts
                )
                return change.copy()

            start = np.concatenate(
                [self.state[2 * pair : 2 * pair + 2].ravel(), self.values[pair].ravel()]
            )
            solved = integrate(slope, start, size, clock)
            states[:, 2 * pair : 2 * pair + 2] = solved[:, :both].reshape(-1, 2, STATE)
        return states
