"""The edges of what a problem may be, and what the span path may load."""

import subprocess
import sys

import numpy as np
import pytest

from bofcheck.simulate import QUANTITIES, Problem, train

MAY_BE_NAN = {
    "attention_flipped",
    "v_noise_flipped",
    "fitted_flipped",
    "failure_prob_error",
    "failure_tilt_gap",
}


def assert_sound(trajectory):
    assert not trajectory.diverged.any()
    for name in QUANTITIES:
        assert name in MAY_BE_NAN or not np.isnan(trajectory[name]).any(), name


def test_dimension_of_a_quadrillion_is_sampled_and_trained():
    dim = 10**15
    problem = Problem(
        n_samples=20, dim=dim, key_dim=10**7, value_dim=10**7, noise_std=dim**-0.5,
        init_std_qk=1e-4, init_std_v=1e-4, learning_rate=0.2, test_tokens=8,
    )  # fmt: skip
    trajectory = train(problem, seeds=2, steps=400)
    assert_sound(trajectory)
    assert (trajectory["train_loss"][:, -1] < 0.5 * trajectory["train_loss"][:, 0]).all()
    # without flips SNR = 1 gives V+ = -V- the sign of its class
    assert (trajectory["v_plus"][:, -1] > 0).all()
    assert (trajectory["v_minus"][:, -1] < 0).all()


@pytest.mark.parametrize("engine", ["direct", "span"])
@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize(
    "changes",
    [
        {"n_samples": 1},
        {"key_dim": 1},
        {"value_dim": 1},
        {"dim": 2},
        {"dim": 3, "noise": "orthogonal"},
        {"test_tokens": 1},
        {"init_std_qk": 0.0, "init_std_v": 0.0},
        {"n_samples": 1, "dim": 2, "key_dim": 1, "value_dim": 1, "test_tokens": 1},
    ],
    ids=str,
)
def test_smallest_sizes_train(engine, trained, changes):
    start = "materialised" if engine == "direct" else "sampled"
    base = Problem(n_samples=4, dim=30, key_dim=3, value_dim=3, test_tokens=5, start=start)
    trajectory = train(
        base.replace(train_output=trained, **changes), seeds=2, steps=20, engine=engine
    )
    assert_sound(trajectory)


def test_span_trains_without_torch():
    script = (
        "import sys\n"
        "from bofcheck.simulate import Problem, engine_names, train\n"
        "assert engine_names() == ['direct', 'span']\n"
        "train(Problem(n_samples=3, dim=10**6, test_tokens=2), seeds=1, steps=3)\n"
        "train(Problem(n_samples=3, dim=10, start='materialised'), seeds=1, steps=3)\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] == 'torch'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
