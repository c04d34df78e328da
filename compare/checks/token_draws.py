"""The data a study was trained on, redrawn: the reduced start, and real arrays.

Reduced starts are those of training, redrawn with the same keys. Real arrays of a problem in
10¹¹ dimensions do not exist, so they are drawn for a copy in a dimension that can be stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...simulate import Problem, draw_arrays
from ...simulate.initialization import draw_reduced
from ..cells import CellResult, Role, Study
from ..thresholds import TOKEN_RUNS, TOKEN_STORED_DIM

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Tokens:
    """Tokens of several draws of one kind, in units in which a true statement has no scale.

    Attributes:
        kind: ``"stored"`` (real arrays) or ``"sampled"`` (the reduced start).
        cell: the problem's cell.
        dim: dimension they were drawn in.
        signal_gram: (K, 2, 2) inner products of the signals over mu².
        along: (K, n, 2) coordinates of noise tokens along both signals over sigma_p.
        squares: (K, n) squared norms of noise tokens over sigma_p².
        pairs: (2, m) coordinates off the signals over sigma_p, no coordinate twice; stored
            draws only.
    """

    kind: str
    cell: str
    dim: int
    signal_gram: Array
    along: Array
    squares: Array
    pairs: Array | None = None


def stored_copy(problem: Problem) -> Problem:
    """The same data distribution at a dimension whose arrays can be stored.

    >>> stored_copy(Problem(dim=10**9)).dim, stored_copy(Problem(dim=400)).dim
    (1024, 400)
    """
    return problem.replace(
        dim=min(problem.dim, TOKEN_STORED_DIM), key_dim=2, value_dim=2, test_tokens=1,
        start="materialised", dtype="float64",
    )  # fmt: skip


def draw_tokens(study: Study) -> Iterator[Tokens]:
    """The tokens of every held-out stage cell whose noise is the paper's, drawn both ways."""
    for result in noise_of_the_paper(study):
        runs = result.trajectory.seeds[:TOKEN_RUNS].tolist()
        yield _stored(result, runs)
        if result.cell.problem.start == "sampled":
            yield _sampled(result, runs)


def noise_of_the_paper(study: Study) -> Iterator[CellResult]:
    """Held-out stage cells whose noise is not projected off the signals by design."""
    for result in study.select(Role.HELD_OUT, "stage"):
        if result.cell.problem.noise == "isotropic":
            yield result


def _stored(result: CellResult, runs: list[int]) -> Tokens:
    problem = stored_copy(result.cell.problem)
    arrays = [draw_arrays(problem, run) for run in runs]
    signals = np.stack([each.signals for each in arrays]) / problem.signal_norm
    noise = np.stack([each.noise for each in arrays]) / problem.noise_std
    off = noise[:, :, 2 : 2 + 2 * ((problem.dim - 2) // 2)]
    return Tokens(
        "stored",
        result.cell.name,
        problem.dim,
        signals @ signals.transpose(0, 2, 1),
        noise @ signals.transpose(0, 2, 1),
        (noise**2).sum(axis=2),
        np.stack([off[:, :, 0::2].ravel(), off[:, :, 1::2].ravel()]),
    )


def _sampled(result: CellResult, runs: list[int]) -> Tokens:
    problem = result.cell.problem.replace(test_tokens=1)
    mu, sigma_p = problem.signal_norm, problem.noise_std
    grams = np.stack([draw_reduced(problem, run).gram for run in runs])
    return Tokens(
        "sampled",
        result.cell.name,
        problem.dim,
        grams[:, :2, :2] / mu**2,
        grams[:, 2:, :2] / (mu * sigma_p),
        np.diagonal(grams, axis1=1, axis2=2)[:, 2:] / sigma_p**2,
    )
