"""Where the limit starts: first logits must be small; PyTorch's default may then be used."""

import numpy as np
import pytest

from bofcheck.simulate import EngineError, Problem, predict, train
from bofcheck.simulate.initialization import draw_arrays
from bofcheck.simulate.limit.start import (
    LARGEST_LOGIT,
    check_problem,
    first_logit,
    gaussian_start,
)

DEFAULT = Problem(
    n_samples=12, dim=2000, key_dim=1500, value_dim=1500, noise_std=2 / np.sqrt(2000),
    signal_norm=2.0, flip_prob=0.1, learning_rate=0.1, init="torch-default",
    start="materialised", test_tokens=32, seed=5,
)  # fmt: skip


@pytest.mark.parametrize("problem", [DEFAULT, gaussian_start(DEFAULT)])
def test_scales_are_those_of_what_is_drawn(problem):
    arrays, scales = draw_arrays(problem, run=0), gaussian_start(problem)
    for name, std in (("W_Q", scales.init_std_qk), ("W_V", scales.init_std_v)):
        assert getattr(arrays, name).std() == pytest.approx(std, rel=0.01, abs=0.0)
    assert np.linalg.norm(arrays.w_O) == pytest.approx(scales.output_norm, rel=0.05, abs=0.0)
    logits = np.diag(arrays.noise @ arrays.W_Q @ (arrays.noise @ arrays.W_K).T)
    assert logits.std() == pytest.approx(first_logit(problem), rel=0.6, abs=0.0)


@pytest.mark.parametrize("trained", [False, True])
def test_runs_of_pytorchs_default_are_near_their_limit(trained):
    problem = DEFAULT.replace(train_output=trained)
    runs = train(problem, seeds=2, steps=300, log_at="geometric:20")
    predicted = predict(problem, steps=300, log=runs.steps, start=runs)
    assert predicted.problem == problem
    for name, close in (
        ("train_loss", 0.06), ("test_loss", 0.03), ("value_norm", 0.03), ("output_norm", 0.01)
    ):  # fmt: skip
        assert predicted[name] == pytest.approx(runs[name], rel=close, abs=0.0), name
    assert runs["train_loss"][:, -1].max() < 0.5 * runs["train_loss"][:, 0].min()


def test_each_run_has_the_output_it_was_drawn_with():
    """|w_O| is 1/√3 on average alone: far from it with few value dimensions."""
    problem = DEFAULT.replace(value_dim=8)
    runs = train(problem, seeds=2, steps=50, log_at="every:10")
    predicted = predict(problem, steps=50, log=runs.steps, start=runs)
    assert predicted["output_norm"] == pytest.approx(runs["output_norm"], rel=1e-12, abs=0.0)
    assert np.abs(runs["output_norm"] * np.sqrt(3) - 1).max() > 0.05
    average = predict(problem, steps=50, log="every:10", draws=2)
    grown, seen, expected = (each["v_plus"][:, -1] for each in (predicted, runs, average))
    assert np.abs(grown / seen - 1).max() < np.abs(expected / seen - 1).max() / 2


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (
            Problem(n_samples=20, init_std_qk=0.3),
            r"init_std_qk = 0.3: first logits spread by 2.61, in the limit by at most 0.3: "
            r"samples of a type then differ from the start; train the problem with the span "
            r"engine, exact in about 1.1 µs a step, or lower init_std_qk, signal_norm or noise_std",
        ),
        (
            Problem(init="torch-default", start="materialised", noise_std=2.0),
            'init = "torch-default": first logits spread by 30.2, .* or lower signal_norm or noise',
        ),
    ],
)
def test_large_first_logits_are_refused(problem, message):
    with pytest.raises(EngineError, match=f"^{message}") as caught:
        predict(problem)
    assert "\n" not in str(caught.value)


def test_the_largest_first_logit_is_allowed():
    problem = Problem(dim=10**8, noise_std=1e-4, key_dim=10**4, init_std_qk=0.05)
    check_problem(problem.replace(init_std_qk=0.05 * (0.99 * LARGEST_LOGIT / 0.25) ** 0.5))
    with pytest.raises(EngineError, match="first logits"):
        check_problem(problem.replace(init_std_qk=0.05 * (1.01 * LARGEST_LOGIT / 0.25) ** 0.5))
