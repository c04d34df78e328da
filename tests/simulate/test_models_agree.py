"""Every model trained in the span of its tokens is the same model trained on real arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.simulate import make_problem, train
from bofcheck.simulate.data import law_names
from bofcheck.simulate.models import model_names
from bofcheck.simulate.reduced.engine import start_runs

RULES = {
    "gradient descent": {},
    "hinge": {"loss": "hinge"},
    "minibatches": {"batch_size": 3},
    "momentum": {"momentum": 0.9, "learning_rate": 0.005},
    "weight decay": {"weight_decay": 0.05},
    "label noise": {"label_noise": 0.2},
    "everything": {
        "batch_size": 4, "momentum": 0.5, "weight_decay": 0.02, "label_noise": 0.1, "loss": "hinge",
    },
}  # fmt: skip
#: Counts and their limits jump where a rounding error moves a fresh sample over the boundary.
COUNTED = {"test_error", "test_error_low", "test_error_high"}


def difference(problem, steps, seeds=2):
    """Largest difference of all quantities but counts, relative to the quantity's largest value."""
    dense, reduced = (
        train(problem, seeds=seeds, steps=steps, engine=engine, log_at="geometric:8")
        for engine in ("direct", "span")
    )
    assert (dense.diverged_at == reduced.diverged_at).all()
    assert not dense.diverged.any()
    apart = 0.0
    for name in dense.quantities:
        if name not in COUNTED:
            scale = np.nanmax(np.abs(dense[name]), initial=1e-12)
            # the square root of a weight matrix of low rank keeps half of the digits
            loosened = 1e-4 if name == "test_loss" else 1.0
            gap = np.nanmax(np.abs(dense[name] - reduced[name]), initial=0.0)
            apart = max(apart, loosened * gap / scale)
    return apart


@pytest.mark.parametrize("model", model_names())
def test_a_thousand_steps_agree_for_every_model(model):
    assert thousand_steps(model, "everything") < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("model", model_names())
def test_a_thousand_steps_agree_for_every_model_and_rule(model, rule):
    assert thousand_steps(model, rule) < 1e-9


def thousand_steps(model, rule):
    data = {"single_head": "signal_noise"}.get(model, "cluster")
    problem = make_problem(
        model=model, data=data, n_samples=7, dim=24, noise_std=0.3, signal_norm=1.5, flip_prob=0.2,
        **({"learning_rate": 0.05} | RULES[rule]), start="materialised", test_tokens=8,
    )  # fmt: skip
    return difference(problem, 1000, seeds=1)


MODELS_AND_LAWS = [
    (model, law)
    for model in model_names()
    for law in law_names()
    if model != "single_head" or law == "signal_noise"  # attention needs two tokens to choose from
]


def small_problem(kinds, **fields):
    return make_problem(model=kinds[0], data=kinds[1], **fields)


problems = st.builds(
    small_problem,
    kinds=st.sampled_from(MODELS_AND_LAWS),
    noise=st.sampled_from(["isotropic", "orthogonal"]),
    n_samples=st.integers(1, 9),
    dim=st.integers(3, 40),  # below and above the number of tokens
    signal_norm=st.floats(0.2, 3.0),
    noise_std=st.floats(0.05, 0.5),
    flip_prob=st.sampled_from([0.0, 0.3]),
    loss=st.sampled_from(["logistic", "hinge"]),
    momentum=st.sampled_from([0.0, 0.9]),
    weight_decay=st.sampled_from([0.0, 0.1]),
    batch_size=st.sampled_from([0, 1]),
    label_noise=st.sampled_from([0.0, 0.2]),
    init_std=st.sampled_from([0.0, 0.2]),
    learning_rate=st.just(0.01),
    start=st.just("materialised"),
    test_tokens=st.just(5),
    seed=st.integers(0, 10**6),
)


@given(problem=problems)
@settings(max_examples=12, deadline=None)
def test_any_small_problem_agrees(problem):
    assert difference(problem, 60) < 1e-9


@pytest.mark.parametrize(
    "options",
    [
        {"model": "relu_cnn", "power": 3, "init_std": 0.3},
        {"model": "leaky_relu", "train_output": True, "init_std": 0.3},
        {"model": "relu_cnn", "noise_tokens": 3, "strong_factor": 4.0, "signals": "orthogonal"},
        {"model": "leaky_relu", "data": "xor", "init_std": 0.3},
    ],
    ids=["cubed", "second layer", "four tokens", "xor"],
)
def test_options_of_models_and_laws_agree(options):
    problem = make_problem(
        n_samples=6, dim=30, noise_std=0.2, signal_norm=1.5, learning_rate=0.05, momentum=0.5,
        weight_decay=0.01, start="materialised", test_tokens=6, **options,
    )  # fmt: skip
    assert difference(problem, 200) < 1e-9


def test_states_agree_and_not_only_their_averages():
    problem = make_problem(
        model="relu_cnn", n_samples=5, dim=20, noise_std=0.3, weight_decay=0.1, momentum=0.5,
        start="materialised", test_tokens=4, noise="orthogonal",
    )  # fmt: skip
    states = []
    for engine in ("direct", "span"):
        batch = start_runs(problem, [3, 5], engine, "cpu")
        batch.advance(200)
        states.append(batch.state())
    for dense, reduced in zip(states[0][:2], states[1][:2], strict=True):
        assert np.abs((dense - reduced).numpy()).max() < 1e-12 * np.abs(dense.numpy()).max()


def test_both_engines_stop_at_the_target_and_mark_divergence_at_the_same_step():
    common = {
        "model": "relu_cnn", "n_samples": 5, "dim": 30, "noise_std": 0.5, "start": "materialised",
        "test_tokens": 4,
    }  # fmt: skip
    stopping = make_problem(
        **common, stop_at_target=True, target_loss=0.3, learning_rate=1.0, weight_decay=0.01
    )
    exploding = make_problem(**common, power=3, learning_rate=1e6, init_std=1.0)
    for problem in (stopping, exploding):
        dense, reduced = (
            train(problem, seeds=4, steps=200, engine=engine, log_at="every:40")
            for engine in ("direct", "span")
        )
        assert (dense.stopped_at == reduced.stopped_at).all()
        assert (dense.diverged_at == reduced.diverged_at).all()
        np.testing.assert_allclose(dense["train_loss"], reduced["train_loss"], rtol=1e-9)
    assert dense.diverged.any()
    stopped = train(stopping, seeds=4, steps=200, log_at="every:1")
    assert (stopped.stopped_at > 0).all()
    for run, step in enumerate(stopped.stopped_at):
        assert stopped["train_loss"][run, step - 1] > 0.3 >= stopped["train_loss"][run, step]
        assert len(set(stopped["weight_norm"][run, step:])) == 1
