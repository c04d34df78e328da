"""Both engines on a real CUDA device; skipped where there is none."""

import numpy as np
import pytest
import torch
from numba import cuda

from bofcheck.simulate import QUANTITIES, LearningRates, Problem, train
from bofcheck.simulate.engines.span import cuda_batch
from bofcheck.simulate.engines.span.cuda_kernel import numbers_of_a_run

# counted in samples or tokens, or a standard deviation of equal numbers: rounding decides
COARSE = {
    "test_error",
    "test_error_low",
    "test_error_high",
    "test_error_drawn",
    "fitted",
    "fitted_flipped",
    "failure_prob_error",
}
needs_numba = pytest.mark.skipif(
    not cuda.is_available(), reason="numba finds no CUDA device and toolkit here"
)
needs_torch = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="torch finds no CUDA device here"
)


def compare(problem, engine, rtol, steps=1000, rates=None):
    cpu, device = (
        train(problem, seeds=3, steps=steps, engine=engine, device=where, rates=rates)
        for where in ("cpu", "cuda")
    )
    np.testing.assert_array_equal(device.diverged_at, cpu.diverged_at)
    for name in set(QUANTITIES) - COARSE:
        np.testing.assert_allclose(
            device[name], cpu[name], rtol=rtol, atol=rtol / 100, equal_nan=True, err_msg=name
        )


@needs_numba
@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("chip", ["unasked", "state", "all", "none"])
def test_span_equals_the_cpu_after_a_thousand_steps(monkeypatch, chip, trained):
    state, sums = numbers_of_a_run(20, 44, 23 if trained else 1)
    # "state" and "all" are more than a block gets unasked if w_O is trained, or for the sums
    allowed = {"unasked": 48 * 1024, "state": 8 * state, "all": 8 * (state + sums), "none": 0}
    monkeypatch.setattr(cuda_batch, "_chip_bytes", lambda: allowed[chip])
    compare(Problem(flip_prob=0.1, train_output=trained), "span", rtol=1e-10)


@needs_numba
def test_span_with_many_samples_equals_the_cpu():
    compare(Problem(n_samples=80, flip_prob=0.1), "span", rtol=1e-10, steps=200)


@needs_numba
def test_span_diverges_where_the_cpu_does():
    rates = LearningRates.uniform(1e200)
    compare(Problem(train_output=True), "span", rtol=1e-10, steps=10, rates=rates)


@needs_torch
@pytest.mark.parametrize("trained", [False, True])
def test_direct_equals_the_cpu_after_a_thousand_steps(trained):
    problem = Problem(
        dim=40, key_dim=20, value_dim=20, flip_prob=0.1, start="materialised", train_output=trained
    )
    compare(problem, "direct", rtol=1e-10)
