"""How many threads a model's steps take: one, unless the products of its tokens are large.

A step of a small problem is many operations of microseconds. Handing each to several threads costs
more than the work itself, and ten times more where other programs use the same cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..model_problem import ModelProblem

#: Multiplications of a step and run from which several threads are faster.
_MANY = 2_000_000


def threads_for(problem: ModelProblem) -> int:
    """Threads of torch for a problem, whatever the number of runs.

    >>> from bofcheck.simulate import make_problem
    >>> threads_for(make_problem(model="linear"))
    1
    """
    mixture = problem.law.mixture()
    rows = len(mixture.norms) + len(mixture.noisy) * problem.n_samples
    return torch.get_num_threads() if rows**2 * problem.network.start_stds().size > _MANY else 1


@contextmanager
def limited_threads(count: int) -> Iterator[None]:
    """Torch uses so many threads inside, and as many as before afterwards."""
    before = torch.get_num_threads()
    if before != count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if before != count:
            torch.set_num_threads(before)
