"""The limit of gradient descent: equal to real runs whose tokens are orthogonal; near others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orthogonal_runs import orthogonal_arrays, orthogonal_problem, widened

from bofcheck.simulate import EngineError, Problem, ScheduleError, predict, train
from bofcheck.simulate.limit.labels import all_labels, random_labels
from bofcheck.simulate.limit.systems import Systems

#: Quantities of the training samples alone.
TRAINED = (
    "train_loss", "attention_clean", "attention_flipped", "gap_clean", "v_plus", "v_minus",
    "v_noise_clean", "v_noise_flipped", "v_noise_max", "v_noise_aligned", "fitted",
    "fitted_flipped", "residual_clean", "residual_all", "value_norm", "output_norm",
)  # fmt: skip


def compare_with_training(types, memory, engine, steps=60, **changes):
    n = int(np.sum(types))
    problem = orthogonal_problem(n, start="materialised", **changes)
    arrays = orthogonal_arrays(problem, types, memory)
    trained = train(problem, seeds=1, steps=steps, engine=engine, log_at="every:7", start=[arrays])
    predicted = predict(widened(problem), steps=steps, log="every:7", start=trained)
    assert predicted.positive == sum(types[0])
    for name in TRAINED:
        np.testing.assert_allclose(
            predicted[name], trained[name], rtol=1e-10, atol=1e-12, err_msg=name
        )
    return trained


@pytest.mark.parametrize("engine", ["direct", "span"])
@pytest.mark.parametrize(
    "types", [((3, 1), (2, 2)), ((1, 0), (4, 0)), ((0, 0), (2, 1)), ((2, 3), (1, 1))]
)
def test_orthogonal_runs_are_their_limit(types, engine):
    trained = compare_with_training(types, (0.03, -0.05), engine)
    gap = trained["gap_clean"]
    assert abs(gap[0, -1] - gap[0, 0]) > 0.5  # the attention has moved


@settings(max_examples=15, deadline=None)
@given(
    st.tuples(*[st.integers(0, 3)] * 4).filter(lambda counts: sum(counts) > 1),
    st.tuples(*[st.integers(-300, 300).map(lambda thousandths: thousandths / 1000)] * 2),
    st.floats(0.3, 3.0),
    st.floats(0.3, 3.0),
    st.floats(0.1, 2.0),
)
def test_any_orthogonal_run_is_its_limit(counts, memory, signal, noise, query):
    n = sum(counts)
    compare_with_training(
        (counts[:2], counts[2:]), memory, "span", steps=40, signal_norm=signal,
        noise_std=noise / np.sqrt(n + 2), init_std_qk=query / np.sqrt(2 * (n + 2)),
        learning_rate=0.1,
    )  # fmt: skip


def test_where_noise_tokens_start_fades_as_said():
    """The least V of the noise tokens keeps the share of its start that is said, to a tenth."""
    types, h = ((3, 0), (3, 0)), 1e-3
    problem = orthogonal_problem(6, start="materialised", init_std_qk=0.0, signal_norm=0.1)
    options = {"seeds": 1, "steps": 60, "log_at": [60]}
    plain = train(problem, start=[orthogonal_arrays(problem, types)], **options)
    arrays = orthogonal_arrays(problem, types)
    arrays.W_V[2, 0] = -h / (problem.noise_std * np.sqrt(problem.dim) * problem.output_norm)
    trained = train(problem, start=[arrays], **options)
    predicted = predict(problem, steps=60, start=trained, log=[60])
    kept = (plain["v_noise_aligned"] - trained["v_noise_aligned"])[0, -1]
    said = (plain["v_noise_aligned"] - predicted["v_noise_aligned"])[0, -1]
    assert said < 0.8 * h
    assert said == pytest.approx(kept, rel=0.02, abs=0.0)


def test_it_is_what_finite_runs_tend_to():
    """Errors fall as d and d_h grow; at d = 10^8 they are within a percent."""
    worst = []
    for size in (1, 100):
        problem = Problem(
            n_samples=12, dim=10**6 * size, key_dim=10_000 * size, signal_norm=1.0,
            noise_std=1e-3 / np.sqrt(size), flip_prob=0.1, learning_rate=0.3,
            init_std_qk=0.01 / np.sqrt(size), init_std_v=0.01 / np.sqrt(size), seed=3,
        )  # fmt: skip
        trained = train(problem, seeds=4, steps=300, log_at="geometric:20")
        predicted = predict(problem, steps=300, log=trained.steps, start=trained)
        ratio = predicted["train_loss"] / trained["train_loss"] - 1
        worst.append(np.median(np.abs(ratio).max(axis=1)))
        loss = predicted["test_loss"] / trained["test_loss"] - 1
        assert np.median(np.abs(loss).max(axis=1)) < 0.02
    assert worst[1] < worst[0] / 3
    assert worst[1] < 0.003


def test_small_steps_follow_the_flow():
    """Halving the learning rate halves the distance to the limit of small steps."""
    base = Problem(
        n_samples=10, dim=10**8, noise_std=1e-4, key_dim=10_000, init_std_qk=0.01,
        init_std_v=1e-3, learning_rate=0.2, flip_prob=0.1,
    )  # fmt: skip
    gaps = []
    for halved in range(3):
        problem = base.replace(learning_rate=0.2 / 2**halved)
        steps = 200 * 2**halved
        options = {"steps": steps, "log": f"every:{steps // 4}", "labels": (5, 1, 0)}
        step, flow = predict(problem, **options), predict(problem, flow=True, **options)
        gaps.append(np.abs(step["v_plus"] - flow["v_plus"]).max())
    assert gaps[0] / gaps[1] == pytest.approx(2.0, rel=0.1, abs=0.0)
    assert gaps[1] / gaps[2] == pytest.approx(2.0, rel=0.1, abs=0.0)


def test_steps_do_not_depend_on_the_log():
    problem = Problem(n_samples=8, dim=10**6, noise_std=1e-3, flip_prob=0.1)
    coarse = predict(problem, steps=500, log=[500], labels=(4, 1, 0))
    fine = predict(problem, steps=500, log="every:10", labels=(4, 1, 0))
    assert coarse["train_loss"][0, -1] == fine["train_loss"][0, -1]


def test_classes_shared_by_draws_are_computed_once():
    problem = Problem(n_samples=12, flip_prob=0.2)
    draws = all_labels(problem)
    types = draws.types(12)
    systems = Systems.start(problem, types, np.zeros((len(types), 2)), np.ones(len(types)))
    assert len(systems.count) == sum(size + 1 for size in range(13)) < len(types) / 4
    assert (systems.count[systems.place] == types).all()


@pytest.mark.parametrize("flip_prob", [0.0, 0.1, 0.4])
def test_all_draws_have_the_shares_of_random_draws(flip_prob):
    problem = Problem(n_samples=6, flip_prob=flip_prob)
    every = all_labels(problem)
    assert every.weights.sum() == pytest.approx(1.0, rel=1e-12, abs=0.0)
    drawn = random_labels(problem, 4000)
    for name in ("positive", "flipped_positive", "flipped_negative"):
        mean = every.weights @ getattr(every, name)
        seen = getattr(drawn, name)
        assert abs(seen.mean() - mean) <= 4.5 * seen.std() / np.sqrt(4000)


def test_random_draws_are_those_of_training():
    problem = Problem(n_samples=9, dim=1000, flip_prob=0.3)
    trained, drawn = train(problem, seeds=5, steps=1), predict(problem, steps=1, draws=5)
    for name in ("positive", "flipped_positive", "flipped_negative"):
        assert (getattr(trained, name) == getattr(drawn, name)).all()


def test_the_mean_of_failure_probabilities_is_a_mean_of_probabilities():
    problem = Problem(n_samples=6, dim=10**6, noise_std=1e-3, flip_prob=0.2, init_std_v=1e-3)
    prediction = predict(problem, steps=300, log="every:100")
    mean = prediction.weights @ np.exp(prediction["log_failure_prob"])
    assert np.exp(prediction.mean("log_failure_prob")) == pytest.approx(mean, rel=1e-12, abs=0.0)
    error = prediction.mean("test_error")
    assert error == pytest.approx(0.2 + 0.6 * mean, rel=1e-12, abs=0.0)
    with pytest.raises(KeyError, match="no quantity 'loss'"):
        prediction.mean("loss")


def test_a_step_too_large_diverges():
    problem = Problem(
        n_samples=4, learning_rate=1e90, signal_norm=1e80, noise_std=1e80, init_std_qk=1e-90
    )
    prediction = predict(problem, steps=10, log="every:1", labels=(2, 0, 0))
    assert prediction.diverged_at[0] > 0
    assert np.isnan(prediction["train_loss"][0, prediction.diverged_at[0] :]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": (9, 1)}, "three whole numbers"),
        ({"labels": (9, 1.5, 0)}, "three whole numbers"),
        ({"labels": (21, 0, 0)}, "of n_samples = 20"),
        ({"labels": (9, 10, 0)}, "of n_samples = 20"),
        ({"labels": (9, 0, 12)}, "of n_samples = 20"),
        ({"draws": 0}, "draws = 0: must be a whole number from 1"),
        ({"draws": True}, "draws = True"),
        ({"draws": 3, "labels": (9, 0, 0)}, "exclude each other"),
        ({"start": (1.0,)}, "two numbers"),
        ({"start": (1.0, float("nan"))}, "two numbers"),
        ({"start": ("a", "b")}, "two numbers"),
    ],
)
def test_arguments_that_do_not_fit(arguments, message):
    with pytest.raises(EngineError, match=message):
        predict(Problem(n_samples=20), steps=5, **arguments)


def test_problems_and_schedules_that_do_not_fit():
    with pytest.raises(EngineError, match="key_dim = 7"):
        predict(Problem(key_dim=7))
    with pytest.raises(EngineError, match="give a Problem"):
        predict({"dim": 4})
    with pytest.raises(EngineError, match="more than 30,000; give draws"):
        predict(Problem(n_samples=400, flip_prob=0.3))
    with pytest.raises(ScheduleError):
        predict(Problem(), log="sometimes")
    trained = train(Problem(n_samples=4, dim=100), seeds=1, steps=3, log_at=[3])
    with pytest.raises(EngineError, match="n_samples = 4"):
        predict(Problem(n_samples=5), start=trained)
    with pytest.raises(EngineError, match="leave out labels"):
        predict(Problem(n_samples=4), start=trained, draws=2)


@pytest.mark.parametrize("trained_output", [False, True])
def test_noise_orthogonal_to_the_signals(trained_output):
    """A fresh token then misses what the signals' V add to W_V w_O; the logged norm holds it."""
    problem = Problem(
        n_samples=10, dim=10**6, key_dim=10_000, noise_std=1e-3, noise="orthogonal",
        learning_rate=0.3, init_std_qk=0.01, init_std_v=1e-3, seed=2,
        train_output=trained_output,
    )  # fmt: skip
    trained = train(problem, seeds=3, steps=300, log_at="every:100")
    predicted = predict(problem, steps=300, log="every:100", start=trained)
    for name, close in (("value_norm", 0.01), ("test_loss", 0.02), ("log_failure_prob", 0.05)):
        assert predicted[name] == pytest.approx(trained[name], rel=close, abs=0.0)
    learned = trained["value_norm"][:, -1] ** 2 - trained["value_norm"][:, 0] ** 2
    assert (learned > trained["value_norm"][:, 0] ** 2).all()
