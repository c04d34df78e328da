"""Cutting an advance into short calls changes no number and misses no step."""

import importlib
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.simulate import QUANTITIES, Problem, train
from bofcheck.simulate.engines import Pacer

PROBLEM = Problem(n_samples=6, dim=40, key_dim=5, value_dim=4, noise_std=0.2, flip_prob=0.2)


class Recorder:
    def __init__(self, cost: float = 0.0) -> None:
        self.calls: list[int] = []
        self.cost = cost

    def advance(self, steps: int) -> None:
        self.calls.append(steps)
        time.sleep(self.cost)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 10**9), max_size=8))
def test_every_step_is_taken_once_and_reported(parts: list[int]) -> None:
    batch, pacer = Recorder(), Pacer()
    for steps in parts:
        before, first, seen = sum(batch.calls), len(batch.calls), []
        pacer.advance(batch, steps, seen.append)
        assert sum(batch.calls) - before == steps
        assert seen == np.cumsum(batch.calls[first:])[:-1].tolist()
    assert all(call > 0 for call in batch.calls)


def test_slow_calls_become_short_ones() -> None:
    batch, pacer = Recorder(cost=0.6), Pacer()
    pacer.stretch = 100
    pacer.advance(batch, 141)
    assert batch.calls[0] == 100
    assert batch.calls[1] < 50


@pytest.mark.parametrize("stretch", [1, 7, 10**6])
@pytest.mark.parametrize(
    "problem",
    [PROBLEM, PROBLEM.replace(learning_rate=1e3, train_output=True)],
    ids=["calm", "diverging"],
)
@pytest.mark.parametrize("engine", ["span", "direct"])
def test_numbers_do_not_depend_on_the_stretches(
    monkeypatch: pytest.MonkeyPatch, stretch: int, problem: Problem, engine: str
) -> None:
    problem = problem.replace(start="materialised")
    plain = train(problem, seeds=2, steps=60, log_at=[3], engine=engine)

    class Fixed(Pacer):
        @property
        def stretch(self) -> int:
            return stretch

        @stretch.setter
        def stretch(self, value: int) -> None:
            pass

    monkeypatch.setattr(importlib.import_module("bofcheck.simulate.train"), "Pacer", Fixed)
    cut = train(problem, seeds=2, steps=60, log_at=[3], engine=engine)
    for name in QUANTITIES:
        assert plain[name].tobytes() == cut[name].tobytes(), name
    assert plain.diverged_at.tolist() == cut.diverged_at.tolist()
