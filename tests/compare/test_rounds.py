"""Runs added until claims about runs are decided: what is shared, what grows, what is kept."""

import importlib
from dataclasses import replace

import numpy as np
import pytest
from synthetic import inside, result, study, trajectory

from bofcheck.compare import Cell, Claim, CompareError, Part, Plan, Role, Status, all_claims, verify
from bofcheck.compare.checks.violation_rate import Count, Outcome, ViolationRate
from bofcheck.compare.rounds import planned_looks, short_of_runs, verify_until_decided
from bofcheck.simulate import Problem, TrajectoryStore
from bofcheck.simulate.train import train
from bofcheck.theory import Provenance, get_theorem

#: The verdict on a claim that fails in cells outside the assumptions.
FAILS = "VIOLATED"
EASY = Problem(n_samples=8, dim=400, test_tokens=8)


def decided(margins, looks):
    runs = result(trajectory(inside(), [0, 1], len(margins)), "cell")
    rate = ViolationRate([Outcome(runs, np.asarray(margins, dtype=float))], "break it")
    return rate.decide(all_claims()["B8"], replace(study(), looks=looks))


@pytest.mark.parametrize(("looks", "needed"), [(1, 59), (2, 72), (4, 86)])
def test_looks_share_the_chance_of_a_miss(looks, needed):
    short = decided(np.full(needed - 1, -1.0), looks)
    assert (short.status, short.evidence["more_runs"]) == (Status.INCONCLUSIVE, 1)
    enough = decided(np.full(needed, -1.0), looks)
    assert enough.status is Status.HOLDS
    assert "more_runs" not in enough.evidence
    assert enough.evidence["confidence"] == 1 - 0.05 / looks


def test_a_failure_needs_more_violations_where_there_are_more_looks():
    margins = np.where(np.arange(60) < 8, 1.0, -1.0)
    assert decided(margins, 1).status is Status.VIOLATED
    assert decided(margins, 8).status is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("violations", "undecided", "runs", "more"),
    [
        (0, 0, 40, 19),
        (1, 0, 60, 33),
        (0, 30, 40, 0),  # most runs say nothing: more of the same would not either
        (5, 0, 60, 148),
        (0, 0, 0, 0),
        (0, 0, 59, 0),  # it holds
    ],
)
def test_more_runs_are_asked_for_where_they_can_decide(violations, undecided, runs, more):
    assert Count(runs, violations, undecided, 0.05, 0.0).more == more


def test_a_fraction_at_the_level_is_rarely_called_small_however_often_it_is_looked_at():
    looks, replicates = planned_looks(60, 60 * 16), 2000
    drawn = np.random.default_rng(5).random((replicates, looks[-1])) < 0.05
    found = {shared: np.zeros(replicates, dtype=bool) for shared in (1, len(looks))}
    for runs in looks:
        violations = drawn[:, :runs].sum(axis=1)
        for shared, called in found.items():
            holds = {
                v: Count(runs, int(v), 0, 0.05, 0.0, looks=shared).holds
                for v in np.unique(violations)
            }
            called |= np.array([holds[v] for v in violations])
    assert found[len(looks)].mean() < 0.05
    assert found[1].mean() > 0.07  # the chance that is shared is a chance that is there


def test_planned_looks_end_at_the_limit():
    assert planned_looks(8) == (8, 16, 32, 64)
    assert planned_looks(3, 7) == (3, 6, 7)
    with pytest.raises(CompareError, match="max_seeds = 4: below the 8 runs"):
        planned_looks(8, 4)


class Margins:
    """A claim that some share of runs breaks: every run whose index is a multiple."""

    def __init__(self, every):
        self.every = every

    def decide(self, claim, study):
        outcomes = [
            Outcome(r, np.where((r.trajectory.seeds + 1) % self.every, -1.0, 1.0))
            for r in study.select(Role.HELD_OUT, "stage")
        ]
        return ViolationRate(outcomes, "break it").decide(claim, study)


def claim(name, every, regime="benign"):
    check = Margins(every)
    return Claim(name, "a claim", Provenance.DERIVED, "a test", (regime,), check, kinds=("stage",))


def part(claims, name="b", regime="benign"):
    cells = tuple(
        Cell(f"{name}{kind}", Role.HELD_OUT, kind, EASY.replace(seed=at), steps=2)
        for at, kind in enumerate(("stage", "ladder"), start=len(name) + ord(name))
    )
    return Part(get_theorem(regime), tuple(claims), cells, log_at="every:1", fit=False)


@pytest.fixture
def calls(monkeypatch):
    """The runs of every training, by the cell's seed."""
    seen = []

    def counted(problem, **how):
        seen.append((problem.seed, list(how["seeds"])))
        return train(problem, **how)

    monkeypatch.setattr(importlib.import_module("bofcheck.compare.verify"), "train", counted)
    return seen


def until_decided(plan, folder, **more):
    store = TrajectoryStore(folder, {"seeds": plan.seeds}, grows=True)
    return verify_until_decided(plan, store, **more)


def words(verification):
    return [verdict.status.value for verdict in verification.verdicts]


def test_runs_are_added_where_a_claim_lacks_them_and_nothing_is_trained_twice(tmp_path, calls):
    clean, other = claim("clean", 10**6), claim("other", 2, "harmful")
    parts = (part([clean]), part([other], "h", "harmful"))
    plan = Plan({"seeds": 30}, parts, (clean, other), seeds=30)
    verify(plan, store=TrajectoryStore(tmp_path, {"seeds": 30}))  # an existing folder
    first = len(calls)
    found = until_decided(plan, tmp_path)
    assert words(found) == ["HOLDS", FAILS]
    assert found.settings["looks"] == [30, 60, 120]
    assert found.settings["looks_planned"] == 4
    assert found.settings["until_decided"] == (
        "3 of 4 planned looks, each with a 1.25% chance of a miss"
    )
    stage = parts[0].cells[0].problem.seed
    assert calls[first:] == [(stage, [*range(30, 60)]), (stage, [*range(60, 120)])]
    runs = {r.cell.name: len(r.trajectory.seeds) for s in found.studies for r in s.results}
    assert runs == {"bstage": 120, "bladder": 30, "hstage": 30, "hladder": 30}
    # the same request goes through the same looks, from the store
    done = len(calls)
    again = until_decided(plan, tmp_path)
    assert len(calls) == done
    assert (again.settings, again.verdicts) == (found.settings, found.verdicts)


def test_the_limit_ends_it_and_is_said(tmp_path, calls):
    some = claim("some", 25)  # 4% of the runs: within the level, and hard to tell from it
    plan = Plan({"seeds": 25}, (part([some]),), (some,), seeds=25)
    found = until_decided(plan, tmp_path, most=100)
    assert words(found) == ["INCONCLUSIVE"]
    assert found.settings["looks"] == [25, 50, 100]
    assert short_of_runs(found) == {("benign", "some")}
    assert max(len(runs) for _, runs in calls) <= 100


def test_runs_that_cannot_decide_are_not_added(tmp_path, calls):
    class Undecided(Margins):
        def decide(self, claim, study):
            results = study.select(Role.HELD_OUT, "stage")
            outcomes = [Outcome(r, np.full(len(r.trajectory.seeds), np.nan)) for r in results]
            return ViolationRate(outcomes, "break it").decide(claim, study)

    none = replace(claim("none", 2), check=Undecided(1))
    found = until_decided(Plan({}, (part([none]),), (none,), seeds=40), tmp_path)
    assert words(found) == ["INCONCLUSIVE"]
    assert found.settings["looks"] == [40]
    assert len(calls) == 2


def test_a_claim_that_is_decided_may_be_decided_again_by_the_last_look(tmp_path):
    # clean in its first 100 runs, then a run in 2 fails: what is shown rests on all runs
    class Late(Margins):
        def decide(self, claim, study):
            outcomes = []
            for r in study.select(Role.HELD_OUT, "stage"):
                breaks = (r.trajectory.seeds > 99) & (r.trajectory.seeds % 2 == 0)
                outcomes.append(Outcome(r, np.where(breaks, 1.0, -1.0)))
            return ViolationRate(outcomes, "break it").decide(claim, study)

    late = replace(claim("late", 2), check=Late(1))
    rare = claim("rare", 90)
    plan = Plan({}, (part([late, rare]),), (late, rare), seeds=100)
    found = until_decided(plan, tmp_path)
    assert found.settings["looks"] == [100, 200]
    assert words(found) == [FAILS, "HOLDS"]


def test_what_cannot_grow_is_refused(tmp_path):
    some = claim("some", 2)
    plan = Plan({}, (part([some]),), (some,), seeds=2)
    with pytest.raises(CompareError, match="store that grows"):
        verify_until_decided(plan, TrajectoryStore(tmp_path, {}))
    with pytest.raises(CompareError, match="number of runs"):
        until_decided(replace(plan, seeds=None), tmp_path)
