"""The limit with a trained w_O: equal to real runs whose tokens and values are orthogonal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orthogonal_runs import orthogonal_arrays, orthogonal_problem, widened

from bofcheck.simulate import EngineError, Problem, predict, train
from bofcheck.simulate.limit.labels import all_labels
from bofcheck.simulate.limit.pairs import PairedSystems

#: Quantities of the training samples alone, but for those that average over where V starts.
TRAINED = (
    "train_loss", "attention_clean", "attention_flipped", "gap_clean", "v_plus", "v_minus",
    "v_noise_max", "v_noise_aligned", "fitted", "fitted_flipped", "residual_clean",
    "residual_all", "value_norm", "output_norm",
)  # fmt: skip


def trained_problem(n, **changes):
    defaults = {
        "start": "materialised", "train_output": True, "init_std_v": 0.2,
        "value_dim": max(8, n + 3), "learning_rate": 0.2,
    }  # fmt: skip
    return orthogonal_problem(n, **{**defaults, **changes})


def compare_with_training(types, memory, engine, steps=60, **changes):
    problem = trained_problem(int(np.sum(types)), **changes)
    arrays = orthogonal_arrays(problem, types, memory)
    trained = train(problem, seeds=1, steps=steps, engine=engine, log_at="every:7", start=[arrays])
    predicted = predict(widened(problem), steps=steps, log="every:7", start=trained)
    for name in TRAINED:
        np.testing.assert_allclose(
            predicted[name], trained[name], rtol=1e-9, atol=1e-11, err_msg=name
        )
    return trained


@pytest.mark.parametrize("engine", ["direct", "span"])
@pytest.mark.parametrize("types", [((3, 1), (2, 2)), ((1, 0), (4, 0)), ((0, 0), (2, 1))])
def test_orthogonal_runs_are_their_limit(types, engine):
    trained = compare_with_training(types, (0.03, -0.05), engine)
    gap, output = trained["gap_clean"], trained["output_norm"]
    assert abs(gap[0, -1] - gap[0, 0]) > 0.2  # the attention has moved
    assert abs(output[0, -1] / output[0, 0] - 1) > 0.2


@settings(max_examples=12, deadline=None)
@given(
    st.tuples(*[st.integers(0, 3)] * 4).filter(lambda counts: sum(counts) > 1),
    st.tuples(*[st.integers(-300, 300).map(lambda thousandths: thousandths / 1000)] * 2),
    st.floats(0.3, 2.0),
    st.floats(0.3, 2.0),
    st.sampled_from([0.0, 0.03, 0.3]),
    st.floats(0.2, 2.0),
)
def test_any_orthogonal_run_is_its_limit(counts, memory, signal, noise, value, output):
    n = sum(counts)
    compare_with_training(
        (counts[:2], counts[2:]), memory, "span", steps=40, signal_norm=signal,
        noise_std=noise / np.sqrt(n + 2), init_std_v=value, output_norm=output,
        learning_rate=0.1,
    )  # fmt: skip


def test_where_noise_tokens_start_fades_as_said():
    """Opposite starts of two tokens of a type change the least V by the share that is said."""
    types, h = ((3, 0), (3, 0)), 1e-3
    problem = trained_problem(6, init_std_qk=0.0, signal_norm=0.1, init_std_v=0.1)
    options = {"seeds": 1, "steps": 60, "log_at": [60]}
    plain = train(problem, start=[orthogonal_arrays(problem, types)], **options)
    arrays = orthogonal_arrays(problem, types)
    length = problem.noise_std * np.sqrt(problem.dim) * problem.output_norm
    arrays.W_V[2:4, 0] = -h / length, h / length
    trained = train(problem, start=[arrays], **options)
    predicted = predict(problem, steps=60, start=trained, log=[60])
    kept = (plain["v_noise_aligned"] - trained["v_noise_aligned"])[0, -1]
    said = (plain["v_noise_aligned"] - predicted["v_noise_aligned"])[0, -1]
    assert said == pytest.approx(kept, rel=1e-3, abs=0.0)
    assert abs(said - h) > 0.05 * h


def test_it_is_what_finite_runs_tend_to():
    """The error falls as d, d_h and d_v grow; the limit of a frozen w_O is far off."""
    worst, frozen = [], []
    for size in (1, 100):
        problem = Problem(
            n_samples=12, dim=10**6 * size, key_dim=10_000 * size, value_dim=500 * size,
            noise_std=1e-3 / np.sqrt(size), flip_prob=0.1, learning_rate=0.3,
            init_std_qk=0.01 / np.sqrt(size), init_std_v=0.01 / np.sqrt(size), seed=3,
            train_output=True,
        )  # fmt: skip
        trained = train(problem, seeds=4, steps=300, log_at="geometric:20")
        predicted = predict(problem, steps=300, log=trained.steps, start=trained)
        other = predict(
            problem.replace(train_output=False), steps=300, log=trained.steps, start=trained
        )
        for made, errors in ((predicted, worst), (other, frozen)):
            ratio = made["train_loss"] / trained["train_loss"] - 1
            errors.append(np.median(np.abs(ratio).max(axis=1)))
        for name, close in (("test_loss", 0.02), ("output_norm", 0.01), ("value_norm", 0.01)):
            assert predicted[name] == pytest.approx(trained[name], rel=close, abs=0.0)
    assert worst[1] < worst[0] / 3
    assert worst[1] < 0.003
    assert min(frozen) > 0.3


def test_failures_of_trained_runs():
    problem = Problem(
        n_samples=16, dim=10**8, key_dim=20_000, value_dim=5000, noise_std=1e-4, flip_prob=0.1,
        learning_rate=0.05, init_std_qk=0.009, init_std_v=0.02, seed=4, train_output=True,
    )  # fmt: skip
    trained = train(problem, seeds=2, steps=800, log_at="geometric:16")
    predicted = predict(problem, steps=800, log=trained.steps, start=trained)
    seen, said = trained["log_failure_prob"], predicted["log_failure_prob"]
    assert seen.min() < -300
    assert np.abs(said / seen - 1).max() < 0.12


def test_small_steps_follow_the_flow():
    """Halving the learning rate halves the distance to the limit of small steps."""
    base = Problem(
        n_samples=10, dim=10**8, noise_std=1e-4, key_dim=10_000, init_std_qk=0.01,
        init_std_v=0.02, learning_rate=0.2, flip_prob=0.1, train_output=True,
    )  # fmt: skip
    gaps = {"v_plus": [], "output_norm": [], "v_noise_aligned": []}
    for halved in range(3):
        problem = base.replace(learning_rate=0.2 / 2**halved)
        steps = 200 * 2**halved
        options = {"steps": steps, "log": f"every:{steps // 4}", "labels": (5, 1, 0)}
        step, flow = predict(problem, **options), predict(problem, flow=True, **options)
        for name, values in gaps.items():
            values.append(np.abs(step[name] - flow[name]).max())
    for name, (first, second, third) in gaps.items():
        assert first / second == pytest.approx(2.0, rel=0.1, abs=0.0), name
        assert second / third == pytest.approx(2.0, rel=0.1, abs=0.0), name


def test_runs_that_exchange_their_classes_share_a_pair():
    problem = Problem(n_samples=8, flip_prob=0.2, train_output=True, init_std_v=0.05)
    draws = all_labels(problem)
    types = draws.types(8)
    systems = PairedSystems.start(problem, types, np.zeros((len(types), 2)), np.ones(len(types)))
    assert (systems.count[systems.place] == types).all()
    assert len(systems.count) / 2 < 0.6 * len(types)
    options = {"steps": 200, "log": "every:100"}
    one = predict(problem, labels=(5, 2, 1), start=(0.3, 0.1), **options)
    other = predict(problem, labels=(3, 1, 2), start=(-0.1, -0.3), **options)
    assert (one["train_loss"] == other["train_loss"]).all()
    assert (one["v_plus"] == -other["v_minus"]).all()


def test_a_step_too_large_diverges():
    problem = Problem(
        n_samples=4, learning_rate=1e90, signal_norm=1e80, noise_std=1e80, train_output=True,
        init_std_qk=1e-90,
    )  # fmt: skip
    prediction = predict(problem, steps=10, log="every:1", labels=(2, 0, 0))
    assert prediction.diverged_at[0] > 0
    assert np.isnan(prediction["train_loss"][0, prediction.diverged_at[0] :]).all()


def test_few_value_dimensions_are_refused():
    with pytest.raises(EngineError, match="value_dim = 7: the limit is that of a large value_dim"):
        predict(Problem(value_dim=7, train_output=True))
    predict(Problem(value_dim=7), steps=1, labels=(10, 0, 0))
