"""Bounds in expectation and at a quantile, on curves of which the law is known."""

import dataclasses

import numpy as np
import pytest
from planted_forms import STEPS, curves, judged, theorem

from bofcheck.compare import Scope, Status
from bofcheck.compare.checks.mean_bound import MeanBound
from bofcheck.compare.checks.stage_bound import StageBound
from bofcheck.compare.statistics.mean_limits import mean_limits
from bofcheck.compare.userdata import Measured
from bofcheck.compare.userdata.claims import theorem_claims
from bofcheck.theory.theorem_file.load import theorem_from_toml

MEAN = 'reading = "mean"'


def law(t, n, m):
    return 3 * m / n / t


def mean(excess="C*m/n/t", constants="C", **rest):
    return theorem(excess, constants, MEAN, **rest)


def test_a_true_bound_on_the_mean_holds_and_false_ones_do_not():
    made = curves(law)
    for kind in ("upper", "lower"):
        verdict, constants = judged(made, mean(kind=kind))
        assert verdict.status is Status.HOLDS, verdict.reason
        assert constants["C"].limits is None
        assert constants["C"].runs == 6 * 24
        for excess in ("C/n/t", "C*m/t", "C*m/n/t**2", "C*m/n/t**0.5", "C*m/n**2/t"):
            verdict, _ = judged(made, mean(excess, kind=kind))
            true_but_loose = excess.endswith({"upper": "0.5", "lower": "t**2"}[kind])
            assert (verdict.status is Status.HOLDS) == true_but_loose, (excess, verdict.reason)


def test_the_mean_is_judged_and_not_the_runs():
    made = curves(law, scatter=1.0, runs=80)
    on_average = 3 * np.exp(0.5)
    above, _ = judged(made, mean(f"{2 * on_average}*m/n/t", ""))
    assert above.status is Status.HOLDS
    assert judged(made, theorem(f"{2 * on_average}*m/n/t", ""))[0].status is Status.VIOLATED
    below, _ = judged(made, mean(f"{on_average / 2.5}*m/n/t", ""))
    assert below.status is Status.VIOLATED
    assert "the mean over runs exceeds the bound in" in below.reason
    near, _ = judged(made, mean(f"{on_average}*m/n/t", ""))
    assert near.status is Status.INCONCLUSIVE
    assert "more runs would tell" in near.reason
    assert near.evidence["more_runs"] > 80


def test_scaled_frozen_and_rising_curves_refute_it():
    stated = mean("6*m/n/t", "")
    assert judged(curves(law), stated)[0].status is Status.HOLDS
    for changed in (
        lambda t, n, m: 4 * law(t, n, m),
        lambda t, n, m: law(np.minimum(t, 100), n, m),
        lambda t, n, m: law(t, n, m) * (1 + (t / 3000) ** 2),
    ):
        assert judged(curves(changed), stated)[0].status is Status.VIOLATED


def test_other_forms_on_means():
    made = curves(lambda t, n, m: 3 * m / t + 20 * m / n)
    assert judged(made, mean("C1*m/t + C2*m/n", "C1 C2"))[0].status is Status.HOLDS
    assert judged(made, mean("C1/t + C2/n", "C1 C2"))[0].status is not Status.HOLDS
    verdict, constants = judged(curves(law), mean("C*m/n*t**(-a)", "C a"))
    assert verdict.status is Status.HOLDS
    assert constants["a"].limits[0] < 1 < constants["a"].limits[1]
    flat = curves(lambda t, n, m: 3 * m / n + 0 * t, steps=[0.0])
    assert judged(flat, mean("C*m/n", "C"))[0].status is Status.HOLDS
    assert judged(flat, mean("C*m/n**2", "C"))[0].status is not Status.HOLDS


def _changed(made, change):
    cells, numbers = made
    return {name: change(cell) for name, cell in cells.items()}, numbers


def test_what_leaves_a_mean_open():
    made, stated = curves(law), mean("6*m/n/t", "")

    def diverge(cell):
        first = np.arange(len(cell.seeds)) == 0
        return dataclasses.replace(cell, diverged=first)

    def stop_early(cell):
        loss = cell["loss"].copy()
        loss[0, len(STEPS) // 2 :] = np.nan
        return dataclasses.replace(cell, quantities={"loss": loss})

    def with_gap(cell):
        loss = cell["loss"].copy()
        loss[0, 10:30] = np.nan
        return dataclasses.replace(cell, quantities={"loss": loss})

    def own_steps(cell):
        shift = np.linspace(0, 0.4, len(cell.seeds))[:, None]
        return dataclasses.replace(cell, steps=cell.steps + shift)

    for change, said in (
        (diverge, "1 runs diverged"),
        (lambda cell: cell.rows(np.arange(24) < 7), "it has 7 runs; 8 are needed"),
        (stop_early, "not known to the end"),
        (with_gap, "its runs share 17 of 37 logged steps"),
        (own_steps, "its runs have no step in common"),
    ):
        verdict, _ = judged(_changed(made, change), stated)
        assert verdict.status is Status.INCONCLUSIVE
        assert said in verdict.reason
    beyond, _ = judged(_changed(made, stop_early), mean("2*m/n/t", ""))
    assert beyond.status is Status.VIOLATED


def test_stages_are_those_of_the_mean():
    text = """
name = "two"
title = "Two stages"
source = "a test"
provenance = "DERIVED"
model = "a law"
[symbols]
n = "samples"
m = "difficulty"
[[events]]
name = "low"
when = "loss <= 0.03"
[[stages]]
name = "early"
until = "low"
[[stages]]
name = "late"
[[stages.bounds]]
name = "X1"
quantity = "loss"
reading = "mean"
excess = "LIMIT"
"""
    made = curves(lambda t, n, m: 1 / t + 0 * n)
    for limit, status in (("1/20", Status.HOLDS), ("1/100", Status.VIOLATED)):
        stated = theorem_from_toml(text.replace("LIMIT", limit)).theorem
        verdict, _ = judged(made, stated)
        assert verdict.status is status, verdict.reason
        steps = {cell["steps"] for cell in verdict.evidence["cells"]}
        assert steps < set(range(1, STEPS.size))


def test_cells_outside_the_conditions_decide_by_themselves():
    made = curves(law)
    for excess, most, status, scope in (
        ("6*m/n/t", 1.5, Status.HOLDS, Scope.BOTH),
        ("6/n/t", 1.5, Status.HOLDS, Scope.INSIDE),
        ("2*m/n/t", 1.5, Status.VIOLATED, Scope.INSIDE),
        ("6*m/n/t", 0.5, Status.HOLDS, Scope.OUTSIDE),
        ("2*m/n/t", 0.5, Status.VIOLATED, Scope.OUTSIDE),
    ):
        condition = f'{MEAN}\n[[conditions]]\nname = "easy"\nholds = "m <= {most}"'
        verdict, _ = judged(made, theorem(excess, "", condition))
        assert (verdict.status, verdict.scope) == (status, scope), verdict.reason


def test_a_bound_at_a_quantile_tolerates_that_fraction():
    made = curves(law, scatter=1.0)
    twice = "3*exp(1)*m/n/t"  # one standard deviation up: 16% of runs lie above
    for quantile, status in ((0.05, Status.VIOLATED), (0.3, Status.HOLDS)):
        verdict, _ = judged(made, theorem(twice, "", f"quantile = {quantile}"))
        assert verdict.status is status, verdict.reason
        assert verdict.threshold == quantile
        assert verdict.at_one_over_d is None
    few, _ = judged(made, theorem("C*m/n/t", "C", "quantile = 0.01"))
    assert few.status is Status.INCONCLUSIVE
    assert "more runs without one would decide it" in few.reason


def test_one_cell_beyond_its_quantile_fails_alone():
    cells, numbers = curves(law, scatter=1.0)
    spoilt = cells["n50-m1"]
    cells["n50-m1"] = Measured(
        spoilt.steps, spoilt.seeds, {"loss": 20 * spoilt["loss"]}, spoilt.diverged
    )
    verdict, _ = judged((cells, numbers), theorem("30*m/n/t", "", "quantile = 0.2"))
    assert verdict.status is Status.VIOLATED
    assert "too many in n50-m1 alone" in verdict.reason
    assert verdict.threshold == 0.2


def test_claims_say_how_they_are_read():
    for keys, check, words in (
        ("", StageBound, "loss is at most C/t"),
        (MEAN, MeanBound, "the mean over runs of loss is at most C/t"),
        ("quantile = 0.1", StageBound, "loss is at most C/t with probability 0.9 or more"),
    ):
        (claim,) = theorem_claims(theorem("C/t", "C", keys), trained=False)
        assert isinstance(claim.check.check, check)
        assert words in claim.statement
    bound = mean().bound("X1")
    assert bound.latex().startswith(r"\mathbb{E}[\mathrm{loss}] \le")
    assert "<mo>[</mo><mtext>loss</mtext><mo>]</mo>" in bound.mathml()
    assert bound.subs(C=2).reading == "mean"


@pytest.mark.parametrize(("runs", "at_most"), [(8, 0.07), (24, 0.06)])
def test_limits_of_a_mean_miss_as_often_as_they_say(runs, at_most):
    rng = np.random.default_rng(5)
    for sign in (1, -1):  # skewed up, then down
        skewed = np.exp(sign * 0 + 0.3 * rng.standard_normal((runs, 20_000)))
        low, high = mean_limits(sign * skewed, 0.05)
        true = sign * np.exp(0.3**2 / 2)
        assert np.mean(high < true) < at_most
        assert np.mean(low > true) < at_most
    normal = rng.standard_normal((runs, 20_000))
    low, high = mean_limits(normal, 0.05)
    assert 0.035 < np.mean(high < 0) < 0.055
    assert 0.035 < np.mean(low > 0) < 0.055
    same = np.full((runs, 1), 0.1)
    assert [end[0] for end in mean_limits(same, 0.05)] == pytest.approx(
        [0.1] * 2, rel=1e-12, abs=0.0
    )


def test_true_means_are_rarely_refuted():
    # the bound is the mean itself, the least favourable: every step of every cell may be wrong
    exact = np.exp(0.3**2 / 2)
    refuted = sum(
        judged(curves(law, seed=seed, within=0.0), mean(f"{3 * exact}*m/n/t", ""))[0].status
        is Status.VIOLATED
        for seed in range(20)
    )
    assert refuted <= 2


def test_copies_of_a_run_are_no_mean():
    cells, numbers = curves(law)
    copied = {
        name: dataclasses.replace(
            cell, quantities={"loss": np.repeat(cell["loss"][:1], len(cell.seeds), axis=0)}
        )
        for name, cell in cells.items()
    }
    verdict, _ = judged((copied, numbers), mean("9*m/n/t", ""))
    assert verdict.status is Status.INCONCLUSIVE
    assert "copies of others" in verdict.reason
    assert "it has 1 runs; 8 are needed" in verdict.reason
