"""Problems at the ends of what is admissible: numbers, a marked divergence or one refusal."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bofcheck.simulate import QUANTITIES, Problem, ProblemError, train

#: NaN without divergence: no such sample, or nothing to estimate from.
MAY_BE_NAN = {
    "attention_clean", "attention_flipped", "gap_clean", "v_noise_clean", "v_noise_flipped",
    "fitted_flipped", "residual_clean", "failure_prob_error", "failure_tilt_gap",
}  # fmt: skip
#: NaN also where training samples have outputs and fresh samples overflow.
OF_FRESH = {
    "test_loss", "test_error", "test_error_low", "test_error_high", "test_error_drawn",
    "log_failure_prob", "attention_test",
}  # fmt: skip
POSITIVE = st.sampled_from(
    [1e-150, 1e-120, 1e-80, 1e-40, 1e-12, 1e-3, 0.5, 1.0, 30.0, 1e8, 1e30, 1e60, 1e100]
)
TINY_TOO = st.one_of(POSITIVE, st.sampled_from([5e-324, 1e-310, 1e-200]))


@st.composite
def problems(draw):
    start = draw(st.sampled_from(["materialised", "sampled"]))
    noise = draw(st.sampled_from(["isotropic", "orthogonal"]))
    return {
        "n_samples": draw(st.sampled_from([1, 2, 5])),
        "dim": draw(st.sampled_from([2, 3, 7])) if noise == "isotropic" else 4,
        "key_dim": draw(st.sampled_from([1, 2, 30])),
        "value_dim": draw(st.sampled_from([1, 3])),
        "signal_norm": draw(POSITIVE),
        "noise_std": draw(POSITIVE),
        "flip_prob": draw(st.sampled_from([0.0, 5e-324, 0.1, 0.4999999999999999])),
        "learning_rate": draw(TINY_TOO),
        "init_std_qk": draw(st.one_of(st.just(0.0), POSITIVE)),
        "init_std_v": draw(st.one_of(st.just(0.0), POSITIVE)),
        "output_norm": draw(TINY_TOO),
        "noise": noise,
        "train_output": draw(st.booleans()),
        "target_loss": draw(TINY_TOO),
        "stop_at_target": draw(st.booleans()),
        "test_tokens": draw(st.sampled_from([1, 2, 9])),
        "test_draw": draw(st.sampled_from(["joint", "resampled"])) if start == "sampled"
        else "joint",
        "start": start,
        "dtype": draw(st.sampled_from(["float64", "float32"])),
    }  # fmt: skip


def assert_sound(trajectory):
    """Whatever is not a number is marked: by the run's divergence, or as a mean over nothing."""
    for run, diverged_at in enumerate(trajectory.diverged_at):
        for name in QUANTITIES:
            values = trajectory[name][run]
            known = np.ones(values.size, dtype=bool)
            if diverged_at >= 0:
                known = trajectory.steps < diverged_at
                assert np.isnan(values[~known]).all(), name
            if name not in MAY_BE_NAN | OF_FRESH:
                assert not np.isnan(values[known]).any(), name
    error, low, high = (trajectory[name] for name in
                        ("test_error", "test_error_low", "test_error_high"))  # fmt: skip
    known = ~np.isnan(error)
    assert (low[known] <= error[known]).all()
    assert (error[known] <= high[known]).all()
    assert (high[known] <= 1.0).all()


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(problems(), st.sampled_from(["span", "direct"]))
@example({"signal_norm": 1e-150, "noise_std": 1e-150, "dim": 20, "key_dim": 4}, "span")
@example({"init_std_v": 0.0, "init_std_qk": 0.0, "dim": 20, "flip_prob": 0.1}, "span")
def test_any_admissible_problem_trains_or_says_that_it_diverged(fields, engine):
    problem = Problem(**fields)
    if engine == "direct" and problem.start == "sampled":
        problem = problem.replace(start="materialised", test_draw="joint")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trajectory = train(problem, seeds=2, steps=4, engine=engine, log_at="every:1")
    assert_sound(trajectory)


@pytest.mark.parametrize("name", ["signal_norm", "noise_std", "init_std_qk", "init_std_v"])
@pytest.mark.parametrize("value", [1e-170, 5e-324, 9e-151, -1.0, float("nan"), 1e101])
def test_lengths_whose_squares_are_no_numbers_are_refused(name, value):
    with pytest.raises(ProblemError, match=rf"^{name} = ") as caught:
        Problem(**{name: value})
    assert "\n" not in str(caught.value)
