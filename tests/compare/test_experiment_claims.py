"""Claims on the paper's experiments, on runs whose right verdict is known."""

import dataclasses
import zlib
from itertools import product

import numpy as np
import pytest
from synthetic import decide, result, study, trajectory

from bofcheck.compare import Scope, Status, all_claims
from bofcheck.compare.checks.chains import chains
from bofcheck.compare.checks.maps import boundary_level, good_runs
from bofcheck.compare.papers.zhang2025.experiments.fig4 import _tabulate as tabulate_crossings
from bofcheck.compare.statistics.curves import stretches
from bofcheck.compare.statistics.trend import jonckheere
from bofcheck.simulate import Problem

EXPERIMENTS = [claim.id for claim in all_claims().values() if claim.experiments]


def problem(**changes):
    """A small problem of the paper's noise: SNR = mu/20."""
    numbers = {"n_samples": 20, "dim": 100, "noise_std": 2.0, "flip_prob": 0.1, **changes}
    return Problem(**numbers)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    ledger = "bofcheck.compare.papers.zhang2025.ledger"
    monkeypatch.setattr(f"{ledger}.map_boundary.RISING_CONSTANT_RESAMPLES", 60)
    monkeypatch.setattr("bofcheck.compare.checks.joint_trend.JOINT_TREND_PERMUTATIONS", 499)


def floor(p):
    return 0.0 if p == 0 else -p * np.log(p) - (1 - p) * np.log(1 - p)


def ended(kind, loss, runs=8, scatter=0.02, reached=True, error=None, **changes):
    """A cell that ends with some mean test_loss, and test_error."""
    one = problem(**changes)
    key = zlib.crc32(repr((kind, sorted(changes.items()))).encode())
    drawn = scatter * np.random.default_rng(key).standard_normal((runs, 1))
    losses, low = loss + drawn, floor(one.flip_prob)
    if error is None:  # as far between p and 1/2 as the loss between H(p) and log 2
        error = one.flip_prob + (0.5 - one.flip_prob) * (loss - low) / (np.log(2) - low)
    made = trajectory(
        one, [0, 100], runs,
        test_loss=np.hstack([np.full((runs, 1), 0.7), losses]),
        test_error=np.hstack([np.full((runs, 1), 0.5), error + drawn]),
    )  # fmt: skip
    name = "-".join([kind, *(f"{what}{value:g}" for what, value in changes.items())])
    return result(made, name, kind=kind, T3=50.0 if reached else np.nan)


# ------------------------------------------------------------------ trends

TRENDS = [
    # claim, kind, what varies, its levels, sign of the claim
    ("E2", "fig7", "flip_prob", (0.0, 0.1, 0.2, 0.3), 1),
    ("E9", "fig5", "learning_rate", (0.1, 0.2, 0.4), -1),
    ("E10", "fig6", "init_std_v", (0.01, 0.02, 0.04), 1),
    ("E13a", "fig7", "signal_norm", (1.0, 2.0, 4.0, 8.0), 1),
    ("E13b", "fig7", "signal_norm", (1.0, 2.0, 4.0, 8.0), -1),
    ("E14a", "fig7", "noise_std", (0.1, 0.2, 0.4, 0.8), -1),
    ("E14b", "fig7", "noise_std", (0.1, 0.2, 0.4, 0.8), 1),
]


@pytest.mark.parametrize(("claim", "kind", "along", "levels", "sign"), TRENDS)
def test_trends(claim, kind, along, levels, sign):
    def cells(direction, runs=8, n=20):
        return [
            ended(kind, 0.5 + 0.05 * direction * rank, runs, **{along: level, "n_samples": n})
            for rank, level in enumerate(levels)
        ]

    verdict = decide(study(*cells(sign)), claim)
    assert (verdict.status, verdict.scope) == (Status.HOLDS, Scope.OUTSIDE)
    verdict = decide(study(*cells(-sign)), claim)
    assert (verdict.status, verdict.scope) == (Status.VIOLATED, Scope.OUTSIDE)
    # one setting that goes the other way refutes a sentence made of all
    both = decide(study(*cells(sign), *cells(sign, n=30), *cells(-sign, n=40)), claim)
    assert both.status is verdict.status
    assert "n_samples = 40" in both.reason
    # the number shown is the one that refutes it, not the pooled score that would hold
    assert "the chain at" in both.statistic_name
    assert "n_samples = 40" in both.statistic_name
    assert both.statistic <= both.threshold < 0
    assert decide(study(*cells(0)), claim).status is Status.INCONCLUSIVE
    few = decide(study(*cells(sign, runs=3)), claim)
    assert few.status is Status.INCONCLUSIVE
    assert "more seeds would decide it" in few.reason


RATES = (1 / 64, 1 / 16, 1 / 4, 1.0, 4.0)


def at_rates(sign_low, sign_high):
    """test_loss at five learning rates, falling or rising in the lower and in the upper range."""
    losses = [0.5, 0.5 - 0.1 * sign_low, 0.5 - 0.2 * sign_low]
    losses += [losses[-1] - 0.1 * sign_high, losses[-1] - 0.2 * sign_high]
    return study(
        *(
            ended("fig5", loss, learning_rate=rate / 400)  # sigma_p² d = 400
            for rate, loss in zip(RATES, losses, strict=True)
        )
    )


def test_what_depends_on_the_learning_rate_says_so():
    for low, high, status in (
        (1, 1, Status.HOLDS),
        (-1, -1, Status.VIOLATED),
        (1, -1, Status.INCONCLUSIVE),
        (0, 1, Status.INCONCLUSIVE),
    ):
        verdict = decide(at_rates(low, high), "E9")
        assert verdict.status is status
        assert ("it depends on the learning rate" in verdict.reason) == (low * high < 0)
    mixed = decide(at_rates(1, -1), "E9")
    assert "HOLDS for rates from 0.0156 to 0.25" in mixed.reason
    assert "VIOLATED for rates from 0.25 to 4" in mixed.reason
    ranges = mixed.evidence["by_range_of_the_learning_rate"]
    assert [line["verdict"] for line in ranges.values()] == ["HOLDS", "VIOLATED"]
    # one range alone is judged by itself
    upper = study(*at_rates(1, -1).results[2:])
    assert decide(upper, "E9").status is Status.VIOLATED


def test_settings_the_text_leaves_open_are_named():
    verdict = decide(at_rates(1, 1), "E9")
    assert "not in the text, chosen here: d = 100, N = 20, mu = 1" in verdict.reason
    for claim in ("E3a", "E4"):
        reason = decide(map_study(by_law), claim).reason
        assert "learning rate 40 to 450 over max(mu², sigma_p² d)" in reason
        assert "at most 100 steps" in reason


def test_trends_are_judged_apart_by_flip_probability():
    def cells(without, with_flips, errors):
        """test_loss along mu without and with flips, and test_error with them."""
        return study(
            *(
                ended("fig7", 0.5 + 0.05 * way * k, error=err, flip_prob=p, signal_norm=2.0**k)
                for p, way, slope in ((0.0, without, None), (0.1, with_flips, errors))
                for k in range(4)
                for err in (None if slope is None else 0.3 + 0.05 * slope * k,)
            )
        )

    # flips that are fitted raise test_loss while fresh samples are classified better
    turned = cells(-1, 1, -1)
    sentence, theory = decide(turned, "E13a"), decide(turned, "E13b")
    assert (sentence.status, theory.status) == (Status.VIOLATED, Status.HOLDS)
    assert "of 384 comparisons of runs at p = 0.1 (by test_error)" in theory.reason
    assert "comparisons of runs at p = 0.1, along 2 chains" in sentence.reason
    assert set(theory.evidence["score_by_flip_prob"]) == {"0", "0.1"}
    # a direction that holds at one flip probability alone
    for errors, status in ((0, Status.INCONCLUSIVE), (1, Status.VIOLATED)):
        assert decide(cells(-1, -1, errors), "E13b").status is status


def test_the_step_of_the_learning_rate_figure():
    def cell(rate, first, last):
        losses = np.broadcast_to([0.7, first, last], (8, 3)) + 1e-3 * np.arange(8)[:, None]
        made = trajectory(problem(learning_rate=rate), [0, 2_000, 9_000], 8, test_loss=losses)
        return result(made, f"r{rate}", kind="fig5")

    made = study(cell(0.1, 0.6, 0.1), cell(0.2, 0.5, 0.2), cell(0.4, 0.4, 0.3))
    assert decide(made, "E9").status is Status.HOLDS
    altered = study(cell(0.1, 0.4, 0.3), cell(0.2, 0.5, 0.2), cell(0.4, 0.6, 0.1))
    assert decide(altered, "E9").status is Status.VIOLATED


def test_a_chain_holds_all_other_numbers_fixed():
    cells = [
        ended("fig7", 0.5, signal_norm=norm, n_samples=n, learning_rate=0.1 / norm)
        for norm, n in product((1.0, 2.0, 4.0), (10, 20))
    ]
    along_norm = chains(cells, "signal_norm")
    assert [one.levels.tolist() for one in along_norm] == [[1.0, 2.0, 4.0]] * 2
    assert {one.cell.problem.n_samples for one in along_norm[0].results} == {10}
    assert chains(cells, "n_samples") == []  # two levels show no trend
    assert chains(cells, "noise_std") == []


def test_jonckheere_counts_what_it_says():
    rng = np.random.default_rng(1)
    values = tuple(rng.integers(0, 6, size) / 2.0 for size in (5, 3, 7))
    found = jonckheere([values])
    wins = sum(
        (b > a) + (a == b) / 2
        for low, high in ((0, 1), (0, 2), (1, 2))
        for a in values[low]
        for b in values[high]
    )
    assert found.share == pytest.approx(wins / 71, rel=1e-6, abs=0.0)
    assert found.comparisons == 71


def test_the_score_has_its_null_distribution():
    # 4,000 chains of 3 levels with 8 runs: |mean| > 0.06 or a variance off by 9% has p < 2e-4
    rng = np.random.default_rng(0)
    scores = np.array([jonckheere([rng.normal(size=(3, 8))]).score for _ in range(4_000)])
    assert abs(scores.mean()) < 0.06
    assert scores.var() == pytest.approx(1.0, abs=0.09)


# ------------------------------------------------------------------ curves


def curve_study(shape, runs=8, noise=1e-3):
    steps = np.arange(0, 1001, 10)
    cells = []
    for p, norm in product((0.0, 0.1), (40.0, 1.0)):
        rng = np.random.default_rng(round(100 * p + 10 * norm))
        curves = 0.05 + 0.65 * shape(steps)[None, :] + noise * rng.standard_normal((runs, 101))
        made = trajectory(
            problem(flip_prob=p, signal_norm=norm), steps, runs, train_loss=curves, test_loss=curves
        )
        cells.append(result(made, f"fig1-{norm}-{p}", kind="fig1"))
    return study(*cells)


def three_stages(t):
    return 1 / (1 + np.exp((t - 400) / 30))


def test_three_stages():
    assert decide(curve_study(three_stages), "E1").status is Status.HOLDS
    for shape in (lambda t: np.exp(-t / 100), lambda t: 1 - t / 1000):
        assert decide(curve_study(shape), "E1").status is Status.VIOLATED
    assert decide(curve_study(three_stages, runs=2), "E1").status is Status.INCONCLUSIVE


def test_a_curve_that_does_not_fall_has_no_stages():
    before, after = stretches(np.arange(5.0), np.array([[1.0, 1.2, 1.3, 1.2, 1.1]]), 0.1, 0.9)
    assert np.isnan([before[0], after[0]]).all()


# ------------------------------------------------------------------ maps

COUNTS, NORMS = (4, 6, 9, 14, 20), tuple(2.5 * 1.6**k for k in range(8))


def map_study(loss, flip_probs=(0.0, 0.1, 0.2), runs=8, scatter=0.003, kind="heatmap"):
    """Maps whose mean test_loss is a function of N, mu and p."""
    return study(
        *(
            ended(kind, loss(n, norm, p), runs, scatter, n_samples=n, signal_norm=norm, flip_prob=p)
            for p in flip_probs
            for n in COUNTS
            for norm in NORMS
        )
    )


def by_law(n, norm, p, constant=1.0, power=2.0):
    """From log 2 down to H(p) where N·SNR^power passes the constant."""
    level = n * (norm / 20) ** power
    return floor(p) + (np.log(2) - floor(p)) / (1 + (level / constant) ** 2)


def test_both_directions_over_a_map():
    falling, rising = map_study(by_law), map_study(lambda n, norm, p: 1 - by_law(n, norm, p))
    assert decide(falling, "E3b").status is Status.HOLDS
    assert decide(falling, "E3a").status is Status.VIOLATED
    assert decide(rising, "E3a").status is Status.HOLDS
    assert decide(rising, "E3b").status is Status.VIOLATED
    # one flip probability that goes the other way refutes a sentence made of all
    mixed = map_study(lambda n, norm, p: by_law(n, norm, p) if p < 0.2 else n * norm / 1e4)
    assert decide(mixed, "E3a").status is Status.VIOLATED
    assert decide(mixed, "E3b").status is Status.VIOLATED
    assert decide(mixed, "E3b").evidence["against"] == [0.2]
    # test_loss that flips turn round, test_error that falls: the theory's direction, not the text's
    turned = study(
        *(
            ended("heatmap", by_law(n, norm, 0) if p == 0 else n * norm / 1e3, scatter=0.003,
                  error=p + (0.5 - p) * by_law(n, norm, 0), n_samples=n, signal_norm=norm,
                  flip_prob=p)
            for p in (0.0, 0.1)
            for n in COUNTS
            for norm in NORMS
        )
    )  # fmt: skip
    assert decide(turned, "E3b").status is Status.HOLDS
    assert "at p = 0.1 (by test_error)" in decide(turned, "E3b").reason
    assert decide(turned, "E3a").status is Status.VIOLATED
    flat = map_study(lambda n, norm, p: 0.5)
    for claim in ("E3a", "E3b"):
        assert decide(flat, claim).status is Status.INCONCLUSIVE


def test_maps_of_one_shape():
    assert decide(map_study(by_law), "E4").status is Status.HOLDS
    other = map_study(lambda n, norm, p: by_law(n, norm, p) if p < 0.2 else n / 40)
    assert decide(other, "E4").status is Status.VIOLATED
    assert decide(map_study(by_law, flip_probs=(0.1,)), "E4").status is Status.INCONCLUSIVE


def test_the_constant_of_the_boundary():
    cells = map_study(by_law).results
    level = boundary_level(cells, [good_runs(one) for one in cells])
    assert level == pytest.approx(1.0, rel=0.2, abs=0.0)
    grows = map_study(lambda n, norm, p: by_law(n, norm, p, constant=np.exp(8 * p)))
    assert decide(grows, "E7").status is Status.HOLDS
    shrinks = map_study(lambda n, norm, p: by_law(n, norm, p, constant=np.exp(-8 * p)))
    assert decide(shrinks, "E7").status is Status.VIOLATED
    one_sided = map_study(lambda n, norm, p: 0.69)
    assert "no boundary" in str(decide(one_sided, "E7").evidence["not_found"])


def test_runs_that_did_not_reach_their_target_are_on_no_side():
    made = ended("heatmap", 0.3, reached=False)
    assert good_runs(made).size == 0
    assert boundary_level([made], [good_runs(made)]) is None


def test_the_law_along_the_boundary():
    assert decide(map_study(by_law), "E8").status is Status.HOLDS
    # a boundary at one SNR, whatever N
    steep = map_study(lambda n, norm, p: by_law(1.0, norm, p) + 0.0 * n)
    assert decide(steep, "E8").status is not Status.HOLDS
    # a boundary that more samples move to a higher SNR
    turned = map_study(lambda n, norm, p: by_law(10.0 / n, norm, p))
    assert decide(turned, "E8").status is Status.VIOLATED
    few = study(*(one for one in map_study(by_law).results if one.cell.problem.n_samples < 10))
    assert decide(few, "E8").status is Status.INCONCLUSIVE


# ------------------------------------------------------------------ sigma_V and N


def test_saturation_in_sigma_v():
    def cells(loss, runs=8, scatter=1e-3):
        return study(
            *(
                ended("fig6", loss(k), runs, scatter, init_std_v=0.001 * 2.0**k)
                for k in range(-4, 4)
            )
        )

    assert decide(cells(lambda k: 0.4 + 0.05 * max(k, 0)), "E11").status is Status.HOLDS
    linear = decide(cells(lambda k: 0.4 + 0.05 * k), "E11")
    assert linear.status is Status.VIOLATED
    assert linear.evidence["share"] == pytest.approx(0.5, abs=0.02)
    flat = decide(cells(lambda k: 0.4, scatter=0.05), "E11")
    assert flat.status is Status.INCONCLUSIVE
    assert decide(cells(lambda k: 0.4 + k, runs=2), "E11").status is Status.INCONCLUSIVE


def test_samples_help_at_the_higher_snr():
    def cells(fall, runs=8):
        return study(
            *(
                ended("fig7", 0.7 - fall(norm) * rank / 3, runs, n_samples=n, signal_norm=norm)
                for norm in (0.5, 2.0, 4.0)
                for rank, n in enumerate((5, 12, 25, 50))
            )
        )

    as_said = {0.5: 0.02, 2.0: 0.4, 4.0: 0.3}
    assert decide(cells(as_said.get), "E12").status is Status.HOLDS
    everywhere = {0.5: 0.4, 2.0: 0.4, 4.0: 0.3}
    assert decide(cells(everywhere.get), "E12").status is Status.VIOLATED
    rising = {0.5: -0.2, 2.0: -0.2, 4.0: -0.2}
    assert decide(cells(rising.get), "E12").status is Status.VIOLATED
    assert decide(cells(as_said.get, runs=3), "E12").status is Status.INCONCLUSIVE


# ------------------------------------------------------------------ all of them


@pytest.mark.parametrize("power", [2.0, 3.0])
def test_the_figure_shows_the_correlations_that_are_judged(power):
    made = map_study(lambda n, norm, p: by_law(n, norm, p, power=power), scatter=0.05)
    judged = decide(made, "E8").evidence["by_flip_prob"]
    table = tabulate_crossings(made.results, "quick").select(part="crossing")
    shown = {
        f"{row['flip_prob']:g}": row["correlation"]
        for row in table
        if row["quantity"] == ("test_error" if row["flip_prob"] else "test_loss")
    }
    assert shown == {p: line["correlation"] for p, line in judged.items()}
    few = [one for one in made.results if one.cell.problem.n_samples < 10]
    rows = tabulate_crossings(few, "quick").select(part="crossing", quantity="test_loss")
    assert {row["correlation"] for row in rows} <= {None}


@pytest.mark.parametrize("claim", EXPERIMENTS)
def test_nothing_trained_decides_nothing(claim):
    assert decide(study(), claim).status is Status.INCONCLUSIVE
    gone = ended("heatmap", 0.5)
    lost = dataclasses.replace(
        gone, trajectory=trajectory(gone.cell.problem, [0, 9], 8, diverged=range(8))
    )
    kinds = [dataclasses.replace(lost, cell=dataclasses.replace(lost.cell, kind=kind))
             for kind in ("heatmap", "fig1", "fig4", "fig5", "fig6", "fig7")]  # fmt: skip
    verdict = decide(study(*kinds), claim)
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.reason
