"""The CUDA kernel, run by Numba's simulator, against the CPU kernel on every logged quantity."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bofcheck.simulate import QUANTITIES
from bofcheck.simulate.engines.span.cuda_kernel import numbers_of_a_run

SCRIPT = Path(__file__).with_name("simulated_cuda.py")
EVERYTHING, NOTHING = 48 * 1024, 0
STATE_ALONE = 8 * numbers_of_a_run(n_samples=3, r=2, n_values=1)[0]
SMALL = {
    "n_samples": 3, "dim": 6, "key_dim": 2, "value_dim": 3, "flip_prob": 0.3, "noise_std": 0.4,
    "init_std_qk": 0.3, "init_std_v": 0.3, "test_tokens": 4,
}  # fmt: skip
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


def case(chip=EVERYTHING, threads=3, steps=25, seeds=2, rates=(0.3, 0.2, 0.1), log_at=None,
         options=None, **changes):  # fmt: skip
    return {
        "problem": {**SMALL, **changes}, "chip": chip, "threads": threads, "steps": steps,
        "seeds": seeds, "rates": list(rates), "log_at": log_at or [0, 1, steps],
        "options": options or {},
    }  # fmt: skip


CASES = {
    "all on chip": case(),
    "sums in global memory": case(chip=STATE_ALONE),
    "all in global memory": case(chip=NOTHING),
    "one thread": case(threads=1, seeds=1),
    "more threads than work": case(threads=40, steps=3, seeds=1),
    "trained output": case(train_output=True),
    "trained output, all in global memory": case(train_output=True, chip=NOTHING, threads=2),
    "wide": case(n_samples=4, key_dim=40, threads=4, steps=6, seeds=1),
    "one sample": case(n_samples=1, key_dim=1),
    "a thousand steps": case(n_samples=2, key_dim=1, steps=1000, seeds=1, threads=2,
                             train_output=True),
    # losses start near log 2; seeds reach the target at steps of their own, some not at all
    "stop at a target": case(stop_at_target=True, target_loss=0.45, seeds=4, steps=40,
                             log_at=[0, 5, 10, 15, 20, 25, 30, 40]),
    "overflow": case(rates=(1e200, 1e200, 1e200), steps=6, train_output=True, log_at=[0, 2, 6]),
}  # fmt: skip
SINGLE = {"float32": case(dtype="float32")}
LONG = {
    f"long, {chip} bytes": case(
        n_samples=4, key_dim=4, steps=1000, seeds=2, chip=chip, train_output=True
    )
    for chip in (EVERYTHING, NOTHING)
}


def simulate(cases, folder):
    given, found = folder / "cases.json", folder / "results.npz"
    given.write_text(json.dumps(cases))
    done = subprocess.run(
        [sys.executable, SCRIPT, given, found],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with np.load(found) as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return simulate(CASES | SINGLE, tmp_path_factory.mktemp("simulated"))


def assert_equal_to_rounding(results, name, rtol=1e-10):
    for end in ("diverged_at", "stopped_at"):
        np.testing.assert_array_equal(
            results[f"{name}/cuda/{end}"], results[f"{name}/cpu/{end}"], err_msg=end
        )
    for quantity in set(QUANTITIES) - COARSE:
        cpu, cuda = (results[f"{name}/{device}/{quantity}"] for device in ("cpu", "cuda"))
        np.testing.assert_allclose(
            cuda, cpu, rtol=rtol, atol=rtol / 100, equal_nan=True, err_msg=quantity
        )


@pytest.mark.parametrize("name", CASES)
def test_cuda_equals_cpu(results, name):
    assert_equal_to_rounding(results, name)


def test_float32_is_near_float64(results):
    """The CPU forms losses in float64 even so; the two differ by float32's rounding, and do."""
    for quantity in ("train_loss", "value_norm"):
        single = results[f"float32/cuda/{quantity}"]
        double = results[f"all on chip/cpu/{quantity}"]
        assert 0.0 < np.abs(single / double - 1.0).max() < 1e-5


def test_divergence_and_stops_are_seen(results):
    assert (results["overflow/cuda/diverged_at"] >= 0).all()
    stopped = results["stop at a target/cuda/stopped_at"]
    # inside a stretch, where only the kernel can see it
    assert (np.isin(stopped, [-1, 5, 10, 15, 20, 25, 30, 40], invert=True)).any()
    assert len(set(stopped)) > 1


def test_placement_and_threads_change_no_bit(results):
    for quantity in QUANTITIES:
        plain = results[f"all on chip/cuda/{quantity}"]
        for other in ("sums in global memory", "all in global memory"):
            np.testing.assert_array_equal(results[f"{other}/cuda/{quantity}"], plain)
        # a run's numbers do not depend on the runs beside it, nor on the block's size
        np.testing.assert_array_equal(results[f"one thread/cuda/{quantity}"], plain[:1])


@pytest.mark.slow
def test_cuda_equals_cpu_after_a_thousand_steps(tmp_path):
    found = simulate(LONG, tmp_path)
    for name in LONG:
        assert_equal_to_rounding(found, name)
