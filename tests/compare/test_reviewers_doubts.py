"""R1 to R7: each doubt is found where the data have it, and not where they do not."""

import dataclasses

import numpy as np
import pytest
from synthetic import decide, inside, outside, result, study, trajectory

from bofcheck.compare import Role, Scope, Status, all_claims
from bofcheck.compare.checks import reruns
from bofcheck.compare.papers.zhang2025.ledger import fresh_scores
from bofcheck.compare.papers.zhang2025.ledger.flips_in_training import (
    margin_at_least_loss,
    test_margins,
)
from bofcheck.compare.papers.zhang2025.ledger.fresh_scores import score_parts
from bofcheck.compare.papers.zhang2025.ledger.imported_rates import noise_score
from bofcheck.compare.statistics.normality import normality
from bofcheck.simulate import Problem, train

OUT = Role.HELD_OUT
test_margins.__test__ = False  # a function of the ledger, not a test


def with_flips(made, flipped_positive, flipped_negative):
    return dataclasses.replace(
        made,
        flipped_positive=np.asarray(flipped_positive),
        flipped_negative=np.asarray(flipped_negative),
    )


# The test of normality


def test_normal_groups_are_rejected_as_often_as_stated():
    rng = np.random.default_rng(1)
    p = [normality(rng.normal(size=(10, 60)) + 3.0).p for _ in range(150)]
    assert 1 <= np.sum(np.array(p) <= 0.05) <= 16
    assert np.mean(p) == pytest.approx(0.5, rel=0.0, abs=0.08)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.standard_t(5, size=(60, 120)),
        lambda rng: rng.uniform(size=(60, 120)),
        lambda rng: rng.exponential(size=(60, 120)),
        lambda rng: rng.normal(size=(60, 120)) * rng.choice([0.5, 2.0], size=(60, 120)),
    ],
    ids=["heavy tails", "no tails", "skewed", "two spreads"],
)
def test_other_laws_are_found(draw):
    found = normality(draw(np.random.default_rng(2)))
    assert found.p < 1e-6
    assert found.furthest(0.01) > 0.2


def test_moments_of_normal_groups_lie_within_their_limits():
    rng = np.random.default_rng(3)
    found = [normality(rng.normal(size=(10, 60))) for _ in range(150)]
    skewness = np.array([each.skewness / each.skewness_error for each in found])
    excess = np.array([each.excess / each.excess_error for each in found])
    for score in (skewness, excess):
        assert score.mean() == pytest.approx(0.0, rel=0.0, abs=0.3)
        assert score.std() == pytest.approx(1.0, rel=0.2, abs=0.0)


def test_too_few_values_or_equal_values_say_nothing():
    assert normality([np.arange(10.0)]) is None
    assert normality([np.zeros(50)]) is None


# R1: the factor 1 - 2p


def _growing(power, cells=9, runs=8, scatter=0.0):
    """Cells in which V± grow by the early law with 1-2p to a power, p the realised share."""
    rng = np.random.default_rng(4)
    results = []
    for index in range(cells):
        problem = inside(flip_prob=0.05 + 0.02 * index).replace(seed=index)
        half = problem.n_samples // 2
        flips = np.array([run % 5 for run in range(runs)])
        share = 2 * flips / problem.n_samples
        rate = problem.learning_rate / 8 * (1 - 2 * share) ** power
        rate = rate * np.exp(scatter * rng.normal(size=runs))
        steps = np.arange(0, 40, 4)
        line = rate[:, None] * steps
        made = trajectory(problem, steps, runs, v_plus=line, v_minus=-line)
        made = with_flips(made, flips, flips)
        assert (made.positive == half).all()
        results.append(result(made, f"cell-{index}"))
    return study(*results)


def test_growth_with_the_factor_fails_the_imported_rates_and_growth_without_holds():
    found = decide(_growing(1.0, scatter=0.02), "R1")
    assert found.status is Status.VIOLATED
    assert found.scope is Scope.INSIDE
    assert found.statistic == pytest.approx(1.0, rel=0.0, abs=0.1)
    assert decide(_growing(0.0, scatter=0.02), "R1").status is Status.HOLDS
    assert decide(_growing(0.5, scatter=0.02), "R1").status is Status.VIOLATED


def test_growth_that_scatters_too_much_or_too_few_cells_decide_nothing():
    assert decide(_growing(0.15, scatter=0.6), "R1").status is Status.INCONCLUSIVE
    found = decide(_growing(1.0, cells=2), "R1")
    assert found.status is Status.INCONCLUSIVE
    assert "no power could be fitted" in found.reason
    none = result(trajectory(inside(), [0, 1], 4))
    assert "no run has an early growth" in decide(study(none), "R1").reason


# R3: training noise against fresh noise


def _noisy(factor, runs=90, seed=5):
    problem = inside()
    rng = np.random.default_rng(seed)
    memory = problem.noise_std * rng.normal(size=(runs, problem.n_samples)) * factor
    size = np.abs(memory).mean(axis=1, keepdims=True)
    made = trajectory(problem, [0, 10, 20, 30], runs, v_noise_clean=size, value_norm=1.0)
    return result(made, T1=10.0, T2=20.0, T3=30.0)


@pytest.mark.parametrize(
    ("factor", "status"), [(1.0, Status.HOLDS), (3.0, Status.VIOLATED), (0.4, Status.VIOLATED)]
)
def test_training_noise_is_as_fresh_noise_only_where_it_is(factor, status):
    found = decide(study(_noisy(factor)), "R3")
    assert found.status is status
    ratio = found.evidence["median_ratio_of_variances"]["cell"]["T2"]
    assert ratio == pytest.approx(factor**2, rel=0.15, abs=0.0)


def test_scores_of_fresh_noise_are_standard():
    score = noise_score(_noisy(1.0, runs=2000), "T2")
    assert score.mean() == pytest.approx(0.0, rel=0.0, abs=0.1)
    assert score.std() == pytest.approx(1.0, rel=0.1, abs=0.0)


def test_a_run_without_its_second_event_is_undecided():
    one = _noisy(1.0)
    never = dataclasses.replace(one, events=dict(one.events) | {"T2": np.full(90, np.nan)})
    assert decide(study(never), "R3").status is Status.INCONCLUSIVE


# R2, R4 and R5: fresh scores, on runs taken again


def _again(regime="benign", cells=4, runs=6, t1=4.0, t2=12.0, **numbers):
    """Cells at rest in the log, whose problems the checks train again."""
    results = []
    for index in range(cells):
        problem = outside(
            dim=200_000, noise_std=1 / np.sqrt(200_000), key_dim=4_000, test_tokens=500,
            learning_rate=0.02, init_std_qk=0.01, init_std_v=0.01, seed=index,
        ).replace(**numbers)  # fmt: skip
        made = trajectory(problem, [0, 10, 20], runs)
        results.append(result(made, f"cell-{index}", T1=t1, T2=t2))
    return study(*results, regime=regime)


def test_scores_at_even_attention_are_gaussian_and_at_sharp_attention_are_not():
    found = decide(_again(), "R2")
    assert found.status is Status.HOLDS, found.reason
    assert found.scope is Scope.OUTSIDE
    sharp = decide(_again(init_std_qk=0.6), "R2")
    assert sharp.status is Status.VIOLATED, sharp.reason
    assert sharp.statistic < 1e-6


def test_few_fresh_samples_or_cells_never_hold():
    few = decide(_again(test_tokens=50, runs=2), "R2")
    assert few.status is Status.INCONCLUSIVE, few.reason
    for claim in ("R2", "R4", "R5"):
        found = decide(_again(cells=3), claim)
        assert found.status is Status.INCONCLUSIVE
        assert "are needed" in found.reason


def test_events_beyond_the_steps_that_are_taken_again_are_left_out(monkeypatch):
    monkeypatch.setattr(reruns, "states", lambda *_: pytest.fail("nothing is to be trained"))
    found = decide(_again(t1=reruns.MOST_STEPS + 1.0, t2=reruns.MOST_STEPS + 2.0), "R2")
    assert found.status is Status.INCONCLUSIVE


def test_the_parts_of_a_score_add_up_sample_by_sample():
    made = _again(cells=1, runs=2, learning_rate=1.0, flip_prob=0.3).results[0]
    first, last = reruns.states(made, (0, 30))
    for run in range(2):
        parts, scores = score_parts(first, last, run)
        np.testing.assert_allclose(parts.sum(axis=0), scores, rtol=0, atol=1e-12)
        start = first.snapshot.test_values[run] / 2
        np.testing.assert_allclose(parts[0, 0], start, rtol=0, atol=1e-12)
        assert all(part.any() for part in parts)


def test_variances_add_up_at_even_attention_and_not_at_learned_attention():
    even = decide(_again(runs=15), "R4")
    assert even.status is Status.HOLDS, even.reason
    numbers = {"init_std_qk": 0.04, "init_std_v": 0.2, "learning_rate": 0.1}
    learned = decide(_again(runs=15, t2=250.0, **numbers), "R4")
    assert learned.status is Status.VIOLATED, learned.reason


def test_the_mean_of_fresh_memory_is_zero_and_a_shift_by_its_mean_size_is_seen(monkeypatch):
    found = decide(_again(), "R5")
    assert found.status is Status.VIOLATED
    assert "the mean of g is" in found.reason
    low, high = found.evidence["mean_over_mean_size"]
    assert low < 0 < high
    plain = fresh_scores.states

    def shifted(one, steps):
        out = []
        for state in plain(one, steps):
            spread = one.cell.problem.noise_std * state.snapshot.value_norm[:, None]
            moved = state.snapshot.test_values + np.sqrt(2 / np.pi) * spread
            snapshot = dataclasses.replace(state.snapshot, test_values=moved)
            out.append(dataclasses.replace(state, snapshot=snapshot))
        return out

    monkeypatch.setattr(fresh_scores, "states", shifted)
    assert decide(_again(), "R5").status is Status.HOLDS


def test_runs_taken_again_are_the_runs_that_were_trained():
    problem = Problem(n_samples=6, dim=2000, learning_rate=0.5, init_std_v=0.05, flip_prob=0.2)
    made = train(problem, seeds=4, steps=20, log_at="every:20")
    (state,) = reruns.states(result(made), (20,))
    for name, values in (
        ("v_plus", state.snapshot.signal_values[:, 0]),
        ("value_norm", state.snapshot.value_norm),
        ("v_noise_max", np.abs(state.snapshot.noise_values).max(axis=1)),
    ):
        np.testing.assert_array_equal(values, made[name][:, -1])


# R6: the least test_loss


def _stopping(at, runs=70, flip_prob=0.1, end=2.0):
    """Runs whose test_loss is least where the margin over log((1-p)/p) is ``at``."""
    problem = inside(flip_prob=flip_prob)
    steps = np.arange(0, 101)
    ratio = np.linspace(0.0, end, steps.size)
    margin = ratio * np.log((1 - flip_prob) / flip_prob) if flip_prob else ratio
    loss = 0.4 + (ratio - at) ** 2
    made = trajectory(
        problem, steps, runs, attention_test=0.5, v_plus=2 * margin, v_minus=-2 * margin,
        test_loss=loss,
    )  # fmt: skip
    return study(result(made, kind="margin"))


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (1.0, Status.HOLDS),
        (0.9, Status.HOLDS),
        (0.5, Status.VIOLATED),
        (1.5, Status.VIOLATED),
        (0.0, Status.VIOLATED),
        (2.5, Status.VIOLATED),
    ],
)
def test_the_margin_at_the_least_loss_decides(at, status):
    assert decide(_stopping(at), "R6").status is status


def test_a_loss_that_still_falls_decides_nothing():
    assert decide(_stopping(1.0, end=0.9), "R6").status is Status.INCONCLUSIVE
    assert decide(_stopping(1.0, flip_prob=0.0), "R6").status is Status.INCONCLUSIVE


def test_the_median_margin_follows_from_the_log():
    problem = Problem(
        n_samples=20, dim=10**6, key_dim=2_000, noise_std=1e-3, flip_prob=0.1, learning_rate=0.05,
        init_std_qk=0.05, init_std_v=0.01, test_tokens=400,
    )  # fmt: skip
    made = result(train(problem, seeds=3, steps=900, log_at="every:900"))
    (state,) = reruns.states(made, (900,))
    scores = state.scores()
    for run in range(3):
        medians = np.median(scores[2 * run]), np.median(scores[2 * run + 1])
        logged = test_margins(made)[run, -1]
        assert logged == pytest.approx(np.mean(medians), rel=0.02, abs=0.0)
    assert np.isfinite(margin_at_least_loss(made)[0]).all()


# R7: the loss log 2


def _fitting(clean, flipped, runs=70, t3=90.0, flips=2):
    """Runs with shares of clean and of flipped samples fitted at 0, 20, …, 100 steps."""
    problem = inside()
    clean, flipped = np.array(clean, dtype=float), np.array(flipped, dtype=float)
    samples, turned = problem.n_samples, 2 * flips
    share = (clean * (samples - turned) + flipped * turned) / samples
    made = trajectory(problem, range(0, 101, 20), runs, fitted=share, fitted_flipped=flipped)
    made = with_flips(made, np.full(runs, flips), np.full(runs, flips))
    return result(made, T1=10.0, T2=50.0, T3=t3)


@pytest.mark.parametrize(
    ("clean", "flipped", "status"),
    [
        ([0.5, 0.9, 1, 1, 1, 1], [0.5, 0, 0, 0, 0.5, 1], Status.HOLDS),
        ([0.5, 0.9, 1, 1, 1, 1], [0.5, 0.25, 0.25, 0.25, 0.5, 1], Status.VIOLATED),
        ([0.5, 0.9, 0.9, 0.9, 0.9, 1], [0.5, 0, 0, 0, 0.5, 1], Status.VIOLATED),
        ([1, 0.9, 0.9, 1, 1, 1], [0, 0, 0, 1, 1, 1], Status.VIOLATED),
        ([0.5, 0.9, 0.9, 0.9, 0.9, 1], [1, 1, 1, 1, 1, 0], Status.VIOLATED),
    ],
    ids=["told apart", "a flip fitted", "a clean one not", "before T1", "after T3"],
)
def test_the_loss_tells_flips_where_all_are_on_their_side(clean, flipped, status):
    assert decide(study(_fitting(clean, flipped)), "R7").status is status


def test_runs_that_end_early_or_have_no_flips_say_nothing():
    early = _fitting([0.5, 0.9, 0.9, 0.9, 0.9, 0.9], [0.5, 0, 0, 0, 0, 0], t3=np.nan)
    assert decide(study(early), "R7").status is Status.INCONCLUSIVE
    none = _fitting([1] * 6, [0] * 6, flips=0)
    assert decide(study(none), "R7").status is Status.INCONCLUSIVE


def test_the_doubts_say_whose_they_are():
    for name in ("R1", "R2", "R3", "R4", "R5"):
        assert "public review" in all_claims()[name].source
