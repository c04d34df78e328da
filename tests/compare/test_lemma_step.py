import dataclasses

import numpy as np
import pytest
from synthetic import decide, study

from bofcheck.compare import Status
from bofcheck.compare.papers.zhang2025.ledger import model_and_gradient
from bofcheck.compare.papers.zhang2025.ledger.model_and_gradient import lemma_step
from bofcheck.simulate import Problem, draw_arrays


def loss(arrays, W_V, w_O):
    """L_S by its definition."""
    u = W_V @ w_O
    total = 0.0
    for true, observed, noise in zip(
        arrays.labels.true, arrays.labels.observed, arrays.noise, strict=True
    ):
        tokens = np.stack([arrays.signals[0 if true > 0 else 1], noise])
        scores = np.exp(tokens @ arrays.W_Q @ arrays.W_K.T @ tokens.T)
        shares = scores / scores.sum(axis=1, keepdims=True)
        total += np.log1p(np.exp(-observed * (shares @ tokens @ u).sum() / 2))
    return total / len(arrays.noise)


def slopes(function, at):
    """Central differences."""
    out = np.empty_like(at)
    for index in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[index] = 1e-5
        out[index] = (function(at + step) - function(at - step)) / 2e-5
    return out


@pytest.mark.parametrize("trained", [False, True])
def test_lemma_is_a_gradient_step_by_finite_differences(trained):
    problem = Problem(
        n_samples=5, dim=6, key_dim=4, value_dim=3, flip_prob=0.3, signal_norm=1.5, noise_std=0.6,
        init_std_qk=0.5, init_std_v=0.5, start="materialised", seed=4,
    )  # fmt: skip
    arrays = draw_arrays(problem, run=0)
    W_V = arrays.W_V - 0.3 * slopes(lambda x: loss(arrays, x, arrays.w_O), arrays.W_V)
    w_O = arrays.w_O
    if trained:
        w_O = w_O - 0.3 * slopes(lambda x: loss(arrays, arrays.W_V, x), arrays.w_O)
    before, after = lemma_step(arrays, 0.3, trained)
    assert before == pytest.approx(arrays.W_V @ arrays.w_O, rel=1e-6, abs=0.0)
    # central differences leave some 1e-10; the step itself is of size 0.1
    assert after == pytest.approx(W_V @ w_O, abs=1e-8)
    assert np.abs(after - before).max() > 0.01


def test_claim_holds():
    verdict = decide(study(), "S6")
    assert verdict.status is Status.HOLDS
    assert verdict.statistic < 1e-12


def factor_two(arrays, rate, trained):
    before, after = lemma_step(arrays, rate, trained)
    return before, before + 2 * (after - before)


def no_second_order(arrays, rate, trained):
    """The term of order rate² left out, which only a trained w_O has."""
    before, up = lemma_step(arrays, rate, trained)
    down = lemma_step(arrays, -rate, trained)[1]
    return before, before + (up - down) / 2


def no_flips(arrays, rate, trained):
    labels = dataclasses.replace(arrays.labels, observed=arrays.labels.true)
    return lemma_step(dataclasses.replace(arrays, labels=labels), rate, trained)


def not_a_number(arrays, rate, trained):
    before, after = lemma_step(arrays, rate, trained)
    return before, after * (np.nan if len(arrays.noise) == 4 else 1.0)


@pytest.mark.parametrize("wrong", [factor_two, no_second_order, no_flips, not_a_number])
def test_wrong_lemmas_are_caught(wrong, monkeypatch):
    monkeypatch.setattr(model_and_gradient, "lemma_step", wrong)
    monkeypatch.setattr(model_and_gradient, "LEMMA_STEP_TRIALS", 3)
    assert decide(study(), "S6").status is Status.VIOLATED
