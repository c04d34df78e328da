"""S1 to S5 on drawn data, and on data with one fault."""

import dataclasses

import numpy as np
import pytest
from synthetic import decide, outside, result, study, trajectory

from bofcheck.compare import Status
from bofcheck.compare.checks import token_draws as draws
from bofcheck.compare.checks.model_forms import matrix_outputs, training_tokens
from bofcheck.compare.papers.zhang2025.ledger import data_distribution, model_and_gradient
from bofcheck.compare.statistics import exact_tests
from bofcheck.simulate import Problem, draw_arrays
from bofcheck.simulate.initialization import draw_labels, draw_reduced


def cells(seed=0, **numbers):
    problems = [outside(flip_prob=p, seed=seed, **numbers) for p in (0.0, 0.1, 0.2)]
    made = [result(trajectory(one, [0, 9]), f"c{rank}") for rank, one in enumerate(problems)]
    return study(*made)


@pytest.mark.parametrize("claim", ["S1", "S2", "S3", "S4"])
def test_data_as_drawn_pass(claim):
    # each claim calls true data violated at most once in 10^4: 3e-3 for all 32 here
    for seed in range(8):
        verdict = decide(cells(seed), claim)
        assert verdict.status is Status.HOLDS, verdict.reason
    assert decide(study(), claim).status is Status.INCONCLUSIVE


def relabel(monkeypatch, change):
    """Labels drawn as ever, then changed: change(rng, true, observed, p) -> true, observed."""

    def drawn(problem, run):
        rng = np.random.default_rng(run)
        one = draw_labels(problem, run)
        first = change(rng, one.true, one.observed, problem.flip_prob)
        return type(one)(*first, *change(rng, one.test_true, one.test_observed, problem.flip_prob))

    monkeypatch.setattr(data_distribution, "draw_labels", drawn)


def more_flips(rng, true, observed, p):
    # (1 - p)·0.5 p more flips: 8 runs of 276 labels, 3 standard errors and more at each p
    return true, np.where(rng.random(true.size) < 0.5 * p, -true, observed)


def flips_of_one_sign(rng, true, observed, p):
    return true, np.where((true > 0) & (rng.random(true.size) < 0.5), np.abs(observed), observed)


def mostly_positive(rng, true, observed, p):
    turn = (rng.random(true.size) < 0.1) & (true < 0)
    return np.where(turn, 1, true), np.where(turn, -observed, observed)


def one_flip_where_there_are_none(rng, true, observed, p):
    observed = observed.copy()
    if p == 0.0 and true.size == 20:
        observed[0] = -true[0]
    return true, observed


@pytest.mark.parametrize(
    "change", [more_flips, flips_of_one_sign, mostly_positive, one_flip_where_there_are_none]
)
def test_wrong_labels_are_caught(change, monkeypatch):
    relabel(monkeypatch, change)
    verdict = decide(cells(), "S1")
    assert verdict.status is Status.VIOLATED, verdict.reason


def spoil(monkeypatch, change):
    """Real arrays drawn as ever, with one of their fields replaced."""

    def drawn(problem, run):
        one = draw_arrays(problem, run)
        return dataclasses.replace(one, **change(one))

    monkeypatch.setattr(draws, "draw_arrays", drawn)


def longer(one):
    return {"signals": one.signals * [[1.0], [1 + 1e-9]]}


def leaning(one):
    return {"signals": one.signals + 1e-9 * one.signals[::-1] * [[1.0], [0.0]]}


@pytest.mark.parametrize("change", [longer, leaning])
def test_signals_that_are_not_alike_are_caught(change, monkeypatch):
    spoil(monkeypatch, change)
    assert decide(cells(), "S2").status is Status.VIOLATED


def wider_along_the_signals(one):
    noise = one.noise.copy()
    noise[:, :2] *= 1.2  # 960 values: the variance's standard error is 4.6%
    return {"noise": noise}


def wider_elsewhere(one):
    noise = one.noise.copy()
    noise[:, 2:] *= 1.02
    return {"noise": noise}


def correlated(one):
    noise = one.noise.copy()
    noise[:, 3::2] += 0.05 * noise[:, 2::2][:, : noise[:, 3::2].shape[1]]
    return {"noise": noise}


def shifted(one):
    noise = one.noise.copy()
    noise[:, :2] += 0.2 * 0.05
    return {"noise": noise}


@pytest.mark.parametrize("change", [wider_along_the_signals, wider_elsewhere, correlated, shifted])
def test_noise_that_is_not_isotropic_is_caught(change, monkeypatch):
    spoil(monkeypatch, change)
    assert decide(cells(), "S3").status is Status.VIOLATED


def test_projected_noise_is_caught_in_either_start(monkeypatch):
    def projected(draw):
        return lambda problem, run: draw(problem.replace(noise="orthogonal"), run)

    for name, draw in (("draw_arrays", draw_arrays), ("draw_reduced", draw_reduced)):
        with monkeypatch.context() as patch:
            patch.setattr(draws, name, projected(draw))
            verdict = decide(cells(), "S3")
        assert verdict.status is Status.VIOLATED
        kind = "stored" if name == "draw_arrays" else "sampled"
        assert verdict.evidence["variance_along_over_sigma_p2"][kind] == 0.0


def test_noise_projected_by_design_is_set_aside():
    verdict = decide(cells(noise="orthogonal"), "S3")
    assert verdict.status is Status.INCONCLUSIVE


def stretched(one):
    return {"noise": one.noise * 1.01}


def one_long_token(one):
    noise = one.noise.copy()
    noise[0] *= 1.2  # six standard deviations of the norm at d = 400
    return {"noise": noise}


def all_of_one_length(one):
    length = np.linalg.norm(one.noise, axis=1, keepdims=True)
    return {"noise": one.noise * 0.05 * np.sqrt(one.noise.shape[1]) / length}


@pytest.mark.parametrize("change", [stretched, one_long_token, all_of_one_length])
def test_norms_of_the_wrong_law_are_caught(change, monkeypatch):
    spoil(monkeypatch, change)
    assert decide(cells(), "S4").status is Status.VIOLATED


def test_chi_square_scores_at_the_dimension_of_a_large_cell():
    # at 10^11 degrees of freedom chi-square is normal to 1e-6
    z = np.array([-5.0, -1.0, 0.0, 2.0, 6.0])
    scores = exact_tests.chi_square_scores(1e11 + z * np.sqrt(2e11), 1e11)
    assert scores == pytest.approx(z, abs=1e-4)


def test_p_values_are_uniform_on_true_data():
    # 400 p-values of each test: more than 39 below 0.05 has probability 1e-4 (twice 2 tests)
    rng = np.random.default_rng(3)
    scores = [exact_tests.chi_square_scores(rng.chisquare(30, 50), 30) for _ in range(400)]
    for test in (exact_tests.largest_p, exact_tests.shape_p):
        assert 5 <= sum(test(one) < 0.05 for one in scores) <= 39


def test_the_four_softmax_form_holds():
    verdict = decide(study(), "S5")
    assert verdict.status is Status.HOLDS
    assert verdict.statistic < 1e-13


def test_the_matrix_form_is_the_definition():
    problem = Problem(n_samples=3, dim=4, key_dim=2, value_dim=3, init_std_qk=0.7,
                      init_std_v=0.7, start="materialised", test_tokens=1)  # fmt: skip
    arrays = draw_arrays(problem, 0)
    by_hand = []
    for X in training_tokens(arrays):
        total = 0.0
        for x in X:
            scores = np.array([x @ arrays.W_Q @ arrays.W_K.T @ key for key in X])
            shares = np.exp(scores) / np.exp(scores).sum()
            total += sum(
                s * (key @ arrays.W_V @ arrays.w_O) for s, key in zip(shares, X, strict=True)
            )
        by_hand.append(total / 2)
    assert matrix_outputs(training_tokens(arrays), arrays) == pytest.approx(
        by_hand, rel=1e-12, abs=0.0
    )


def swapped_queries(tokens, weights):
    return matrix_outputs(tokens, dataclasses.replace(weights, W_Q=weights.W_K, W_K=weights.W_Q))


def mean_left_out(tokens, weights):
    return 2 * matrix_outputs(tokens, weights)


def not_a_number(tokens, weights):
    return np.where(len(tokens) == 5, np.nan, matrix_outputs(tokens, weights))


@pytest.mark.parametrize("wrong", [swapped_queries, mean_left_out, not_a_number])
def test_wrong_expansions_are_caught(wrong, monkeypatch):
    monkeypatch.setattr(model_and_gradient, "four_softmax_outputs", wrong)
    assert decide(study(), "S5").status is Status.VIOLATED
