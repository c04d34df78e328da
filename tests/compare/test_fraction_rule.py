import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from synthetic import inside, outside, result, study, trajectory

from bofcheck.compare import Scope, Status, all_claims
from bofcheck.compare.checks.violation_rate import Outcome, ViolationRate
from bofcheck.compare.statistics.binomial import exact_bounds, runs_to_decide

IN, OUT = inside(), outside()
CLAIM = all_claims()["M1"]

#: Margins of 100 runs, by what their fraction is known to be at the tolerated 5%.
HOLDS = np.full(100, -1.0)
VIOLATED = np.where(np.arange(100) < 20, 1.0, -1.0)
UNDECIDED = np.where(np.arange(100) < 20, np.nan, -1.0)
NOTHING = np.empty(0)


@cache
def trained(problem, runs, name):
    return result(trajectory(problem, [0, 1], runs), name)


def outcome(problem, margins, name="cell", trivial=None):
    margins = np.asarray(margins, dtype=float)
    return Outcome(trained(problem, max(margins.size, 1), name), margins, trivial)


def decided(*outcomes):
    return ViolationRate(outcomes, "break it").decide(CLAIM, study())


@given(st.integers(1, 300), st.data())
def test_interval_agrees_with_binomial_tails(runs, data):
    violations = data.draw(st.integers(0, runs))
    low, high = exact_bounds(violations, runs, 0.05)
    assert low <= violations / runs <= high
    # at the bound, so many (or so few) violations have probability 5%
    assert (violations == 0) == (low == 0)
    assert (violations == runs) == (high == 1)
    if violations > 0:
        assert binom.sf(violations - 1, runs, low) == pytest.approx(0.05, rel=1e-6, abs=0.0)
    if violations < runs:
        assert binom.cdf(violations, runs, high) == pytest.approx(0.05, rel=1e-6, abs=0.0)


@pytest.mark.parametrize("level", [0.5, 0.05, 1e-3])
def test_runs_to_decide_is_the_least_number(level):
    runs = runs_to_decide(level, miss=0.05)
    assert exact_bounds(0, runs, 0.05)[1] <= level < exact_bounds(0, runs - 1, 0.05)[1]


I, O, B, NONE = Scope.INSIDE, Scope.OUTSIDE, Scope.BOTH, Scope.NONE  # noqa: E741
H, V, INC = Status.HOLDS, Status.VIOLATED, Status.INCONCLUSIVE
#: (inside, outside) -> verdict; the cells inside decide, those outside never make up for them.
RULE = [
    (HOLDS, HOLDS, H, B),
    (HOLDS, VIOLATED, H, I),
    (HOLDS, UNDECIDED, H, I),
    (HOLDS, NOTHING, H, I),
    (VIOLATED, HOLDS, V, I),
    (VIOLATED, VIOLATED, V, I),
    (VIOLATED, UNDECIDED, V, I),
    (VIOLATED, NOTHING, V, I),
    (UNDECIDED, HOLDS, INC, I),
    (UNDECIDED, VIOLATED, INC, I),
    (UNDECIDED, UNDECIDED, INC, I),
    (UNDECIDED, NOTHING, INC, I),
    (NOTHING, HOLDS, H, O),
    (NOTHING, VIOLATED, V, O),
    (NOTHING, UNDECIDED, INC, O),
    (NOTHING, NOTHING, INC, NONE),
]


@pytest.mark.parametrize(("within", "without", "status", "scope"), RULE)
def test_rule_table(within, without, status, scope):
    verdict = decided(outcome(IN, within, "in"), outcome(OUT, without, "out"))
    assert (verdict.status, verdict.scope) == (status, scope)


@pytest.mark.parametrize(
    ("few", "many", "status", "scope"),
    [
        # too few runs inside to decide: what lies outside is said to lie outside
        (np.full(8, -1.0), HOLDS, H, O),
        (np.full(8, -1.0), VIOLATED, V, O),
        # one spot inside, and nothing outside can wash it off
        (np.array([1.0] + [-1.0] * 7), HOLDS, INC, I),
        (np.array([np.nan] + [-1.0] * 7), np.full(1000, -1.0), INC, I),
        (np.array([1.0] + [-1.0] * 7), VIOLATED, INC, I),
    ],
)
def test_a_few_runs_inside(few, many, status, scope):
    verdict = decided(outcome(IN, few, "in"), outcome(OUT, many, "out"))
    assert (verdict.status, verdict.scope) == (status, scope)


@pytest.mark.parametrize("problem", [IN, OUT])
def test_mostly_trivial_bounds_are_vacuous(problem):
    trivial = np.arange(100) < 60
    verdict = decided(outcome(problem, HOLDS, trivial=trivial))
    assert verdict.status is Status.VACUOUS
    assert verdict.statistic == pytest.approx(0.6, rel=1e-6, abs=0.0)
    assert verdict.evidence["all"]["runs"] == 40
    # a violated bound was not trivial, whatever it looked like
    violated = decided(outcome(IN, np.ones(100), trivial=np.ones(100, dtype=bool)))
    assert violated.status is Status.VIOLATED
    # a minority of trivial runs is only set aside
    some = decided(outcome(IN, HOLDS, trivial=np.arange(100) < 30))
    assert (some.status, some.evidence["trivial_runs"]) == (Status.HOLDS, 30)


def test_one_broken_cell_is_not_diluted():
    good = [outcome(IN, np.full(16, -1.0), f"good-{i}") for i in range(40)]
    # 8 of 656 runs are far below 5%, yet in that problem the claim is plainly false
    verdict = decided(*good, outcome(IN, [1.0] * 8 + [-1.0] * 8, "broken"))
    assert (verdict.status, verdict.scope) == (Status.VIOLATED, Scope.INSIDE)
    assert "broken alone" in verdict.reason
    assert verdict.statistic > verdict.threshold
    assert decided(*good).status is Status.HOLDS
    # outside the assumptions the same cell only limits the scope
    verdict = decided(*good, outcome(OUT, [1.0] * 8 + [-1.0] * 8, "broken"))
    assert (verdict.status, verdict.scope) == (Status.HOLDS, Scope.INSIDE)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_undecided_is_never_a_pass_nor_a_failure(passing, failing, undecided):
    def status(*margins):
        return decided(outcome(IN, margins)).status

    rest = [-1.0] * passing + [1.0] * failing
    seen = status(*rest, *[np.nan] * undecided)
    if seen is Status.HOLDS:  # then it holds however the undecided runs would have ended
        assert status(*rest, *[1.0] * undecided) is Status.HOLDS
    if seen is Status.VIOLATED:
        assert status(*rest, *[-1.0] * undecided) is Status.VIOLATED
    if passing + failing == 0:
        assert seen is Status.INCONCLUSIVE


def test_level_is_one_over_d_where_that_is_larger():
    tiny = outside(dim=4)  # 1/d = 0.25
    some = np.where(np.arange(100) < 12, 1.0, -1.0)
    assert decided(outcome(tiny, some)).status is Status.HOLDS
    assert decided(outcome(tiny, some)).threshold == 0.25
    assert decided(outcome(OUT, some)).status is Status.VIOLATED


def at_one_over_d(*outcomes):
    return decided(*outcomes).at_one_over_d


def test_at_one_over_d():
    paper = at_one_over_d(outcome(OUT, HOLDS))
    assert (paper.level, paper.status) == (1 / 400, Status.INCONCLUSIVE)
    assert (paper.runs, paper.violations, paper.undecided) == (100, 0, 0)
    assert paper.runs_to_decide == 1197  # log(0.05)/log(1 - 1/400), rounded up
    assert "INCONCLUSIVE, 0 of 100 violate; 1197 runs without one would decide it" in paper.line()
    assert at_one_over_d(outcome(OUT, np.full(1197, -1.0))).status is Status.HOLDS
    assert at_one_over_d(outcome(OUT, np.full(1196, -1.0))).status is Status.INCONCLUSIVE
    # one undecided run, and nothing is known any more
    unsure = at_one_over_d(outcome(OUT, [np.nan] + [-1.0] * 1197))
    assert (unsure.status, unsure.undecided) == (Status.INCONCLUSIVE, 1)
    # the tolerated 5% are no excuse at 1/d
    some = decided(outcome(IN, np.where(np.arange(300) < 3, 1.0, -1.0)))
    assert (some.status, some.at_one_over_d.status) == (Status.HOLDS, Status.VIOLATED)
    assert some.at_one_over_d.line().endswith("VIOLATED, 3 of 300 violate")


def test_fitted_constants_are_not_refuted_at_one_over_d():
    # three runs beyond constants fitted on a few dozen others: larger constants are not excluded
    some = outcome(IN, np.where(np.arange(300) < 3, 1.0, -1.0))
    paper = ViolationRate([some], "break it", fitted=True).decide(CLAIM, study()).at_one_over_d
    assert (paper.status, paper.violations) == (Status.INCONCLUSIVE, 3)
    assert paper.runs_to_decide == runs_to_decide(1 / IN.dim, 3, miss=0.05)


def test_no_run_no_line():
    assert at_one_over_d(outcome(IN, HOLDS, trivial=np.ones(100, dtype=bool))) is None


def test_at_one_over_d_speaks_of_the_cells_that_decide():
    inside, outside_runs = outcome(IN, HOLDS, "in"), outcome(OUT, VIOLATED, "out")
    paper = at_one_over_d(inside, outside_runs)
    assert (paper.level, paper.violations) == (1 / IN.dim, 0)


@given(st.floats(1e-6, 0.4), st.integers(0, 20))
def test_runs_to_decide_after_some_violations(level, violations):
    runs = runs_to_decide(level, violations, miss=0.05)
    assert exact_bounds(violations, runs, 0.05)[1] <= level * (1 + 1e-9)
    if runs > violations + 1:
        assert exact_bounds(violations, runs - 1, 0.05)[1] > level * (1 - 1e-9)


def test_error_rates_at_the_threshold_itself():
    # True fraction 5% in each of 4 cells of 50 runs. Wrong HOLDS: at most 5%; wrong VIOLATED: at
    # most 5%, half pooled and half over single cells. 200 replicates: more than 20 of either have
    # probability P(Bin(200, .05) > 20) = 9e-4.
    rng = np.random.default_rng(11)
    seen = []
    for _ in range(200):
        margins = np.where(rng.random((4, 50)) < 0.05, 1.0, -1.0)
        seen.append(decided(*(outcome(IN, row, str(i)) for i, row in enumerate(margins))).status)
    assert seen.count(Status.HOLDS) <= 20
    assert seen.count(Status.VIOLATED) <= 20


def test_error_rates_far_from_the_threshold():
    # 1% of 200 runs violate: HOLDS needs at most 4 of them (95%); 20%: VIOLATED needs 16 (99.99%).
    rng = np.random.default_rng(12)
    for fraction, right, least in ((0.01, Status.HOLDS, 80), (0.2, Status.VIOLATED, 99)):
        seen = []
        for _ in range(100):
            margins = np.where(rng.random((4, 50)) < fraction, 1.0, -1.0)
            rows = (outcome(IN, row, str(i)) for i, row in enumerate(margins))
            seen.append(decided(*rows).status)
        assert seen.count(right) >= least


def test_one_run_alone_decides_nothing():
    # a single violation has probability 5% at the very level that is tolerated
    for margin in (1.0, -1.0, np.nan):
        assert decided(outcome(IN, [margin])).status is Status.INCONCLUSIVE
    assert decided().status is Status.INCONCLUSIVE


def test_worst_cell_and_counts_are_told():
    never = outcome(IN, np.full(60, np.inf), "never")
    verdict = decided(outcome(IN, np.full(60, -0.5), "fine"), never)
    assert verdict.worst_cell == "never"
    line = {one["cell"]: one for one in verdict.evidence["cells"]}["never"]
    assert (line["violations"], line["worst_margin"]) == (60, math.inf)
