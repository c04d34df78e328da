"""The sampled start: the reduced start drawn directly, at a cost that does not depend on d.

For Gaussian tokens and weights the inner products the span engine needs have a known joint
law: Gram matrices are Wishart, and a matrix of Gaussian rows seen in an orthonormal frame
adapted to those rows is a Bartlett factor (lower trapezoidal, chi on the diagonal). The
draw is exact in distribution (DERIVED), jointly over all training and test tokens of a run unless
``test_draw = "resampled"``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.signal_noise import draw_coordinates, draw_labels
from ..errors import EngineError
from ..numerics.bartlett import bartlett
from ..problem import Problem
from ..randomness import Stream, generator
from .fresh_tokens import draw_joint, draw_resampled
from .reduced import ReducedStart

Array = NDArray[np.float64]


def draw_reduced(problem: Problem, run: int) -> ReducedStart:
    """Draw one run's reduced start for Gaussian initialisation at any d, d_h and d_v.

    The frame's axes are, in order: both signals, the training noise tokens, the value
    directions U, the test tokens. Training draws use their own streams, so they do
    not depend on ``test_tokens``.

    Args:
        problem: with ``init="gaussian"``.
        run: run index; the draws are keyed by (seed, problem, run).

    Raises:
        EngineError: if the initialisation is not Gaussian.

    Example:
        >>> start = draw_reduced(Problem(n_samples=4, dim=10**9, test_tokens=3), run=0)
        >>> start.gram.shape, start.queries.shape, start.test_gram.shape
        ((6, 6), (6, 12), (3, 6))
    """
    p = problem
    if p.init != "gaussian":
        raise EngineError(f'a sampled start needs init = "gaussian", not "{p.init}"')
    weights = generator(p, run, Stream.WEIGHTS)

    tokens = draw_coordinates(p, run)
    n_axes = tokens.shape[1]
    value_frame, output = _value_coordinates(weights, p, n_axes)
    directions = np.hstack(
        [value_frame.T, p.init_std_v * bartlett(weights, output.size, p.dim - n_axes)]
    )
    trained = p.init_std_qk * bartlett(weights, 2 * n_axes, p.key_dim)
    draw = draw_joint if p.test_draw == "joint" else draw_resampled
    fresh = draw(p, run, tokens, directions, trained)
    return ReducedStart(
        labels=draw_labels(p, run),
        gram=tokens @ tokens.T,
        queries=tokens @ trained[:n_axes],
        keys=tokens @ trained[n_axes:],
        values=tokens @ directions[:, :n_axes].T,
        output=output,
        line_gram=directions @ directions.T,
        **fresh,
    )


def _value_coordinates(
    rng: np.random.Generator, problem: Problem, n_axes: int
) -> tuple[Array, Array]:
    """W_V(0) on the training axes, value axis rotated to start along w_O; and w_O there."""
    along_output = rng.standard_normal((n_axes, 1))
    across = np.zeros((n_axes, 0))
    if problem.train_output:
        across = bartlett(rng, n_axes, problem.value_dim - 1)
    frame = problem.init_std_v * np.hstack([along_output, across])
    output = np.zeros(frame.shape[1])
    output[0] = problem.output_norm
    return frame, output
