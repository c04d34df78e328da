"""L1 to L6 on runs that were trained, and on the same runs altered so that the limit is wrong."""

import dataclasses
import math

import numpy as np
import pytest
from synthetic import decide, study, with_quantities

from bofcheck.compare import Cell, Role, Scope, Status, all_claims, analyse
from bofcheck.compare.cells import taught_nothing
from bofcheck.compare.checks.limit_boundary import distances
from bofcheck.compare.papers.zhang2025.designs import get_design
from bofcheck.compare.papers.zhang2025.designs._limit_cells import limit_cells
from bofcheck.compare.predicted.edges import Edge
from bofcheck.compare.predicted.runs import (
    complete,
    predicted,
    time_errors,
    worst_log_p,
    worst_relative,
    worst_time,
)
from bofcheck.compare.predicted.sizes import chain, mean_error
from bofcheck.simulate import Problem, train
from bofcheck.theory import benign

#: N·SNR² of the limit's boundary at the middle of the limit-edge cells' N.
LEVEL = 1.3469
RUNS, STEPS = 64, 600
WIDE = Problem(
    n_samples=24, dim=10**9, noise_std=10**-4.5, key_dim=200_000, flip_prob=0.05,
    learning_rate=0.24, init_std_qk=0.0016, init_std_v=0.01, target_loss=0.15,
)  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    """A cell the limit describes well."""
    cell = Cell("wide", Role.HELD_OUT, "limit", WIDE, STEPS)
    return analyse(cell, train(WIDE, seeds=RUNS, steps=STEPS, log_at="geometric:20"), benign)


@pytest.fixture(autouse=True)
def nothing_is_trained_twice(trained, monkeypatch):
    """Altered runs start as the trained ones, so that their predictions are the same."""
    import bofcheck.compare.predicted.runs as limit_runs

    known = predicted(trained.trajectory)

    def same(trajectory):
        return known if trajectory.problem == WIDE else predicted(trajectory)

    monkeypatch.setattr(limit_runs, "predicted", same)


def altered(cell, **quantities):
    """The cell with other curves, and its events found again."""
    made = with_quantities(cell, **quantities).trajectory
    return analyse(cell.cell, made, benign)


@pytest.mark.parametrize("claim", ["L1", "L2", "L3", "L4"])
def test_trained_runs_hold(trained, claim):
    verdict = decide(study(trained), claim)
    assert verdict.status is Status.HOLDS, verdict.reason
    assert verdict.threshold == 0.05
    assert verdict.at_one_over_d is None
    assert verdict.evidence["all"]["runs"] == RUNS - taught_nothing(trained).sum()
    assert verdict.evidence["worst_errors"]["median"] < verdict.evidence["within"] / 2


@pytest.mark.parametrize(("claim", "loss"), [("L1", "train_loss"), ("L2", "test_loss")])
@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_a_loss_that_is_five_percent_off_is_rejected(trained, claim, loss, factor):
    values = trained.trajectory[loss].copy()
    values[:, 12] *= factor  # a single logged step
    verdict = decide(study(altered(trained, **{loss: values})), claim)
    assert (verdict.status, verdict.scope) == (Status.VIOLATED, Scope.OUTSIDE)


def test_other_failures_are_rejected(trained):
    depth = trained.trajectory["log_failure_prob"]
    assert depth[:, -1].max() < -20
    shallow = decide(study(altered(trained, log_failure_prob=0.8 * depth)), "L3")
    assert shallow.status is Status.VIOLATED
    frozen = depth.copy()
    frozen[:, 12:] = depth[:, [12]]  # no decay from then on
    assert decide(study(altered(trained, log_failure_prob=frozen)), "L3").status is Status.VIOLATED
    small = decide(study(altered(trained, log_failure_prob=1.02 * depth)), "L3")
    assert small.status is Status.HOLDS


def test_a_loss_that_rises_is_rejected(trained):
    loss = trained.trajectory["test_loss"]
    rising = np.where(trained.trajectory.steps > STEPS / 2, loss[:, [0]], loss)
    assert decide(study(altered(trained, test_loss=rising)), "L2").status is Status.VIOLATED


@pytest.mark.parametrize("event", ["T1", "T2", "T3", "T_gap"])
def test_times_that_are_shifted_are_rejected(trained, event):
    off, there = time_errors(trained, event, 0.03)
    assert there.mean() > 0.9
    assert np.median(off[there]) < 0.02
    times = dict(trained.events)
    times[event] = times[event] * 1.06
    late = dataclasses.replace(trained, events=times)
    assert decide(study(late), "L4").status is Status.VIOLATED
    # an event that does not come at all
    times[event] = np.full(RUNS, np.nan)
    never = dataclasses.replace(trained, events=times)
    verdict = decide(study(never), "L4")
    assert verdict.status is Status.VIOLATED
    assert verdict.evidence["by_event"][event]["beyond"] > RUNS / 2


def test_events_near_the_end_are_open(trained):
    never = dataclasses.replace(trained, events=trained.events | {"T3": np.full(RUNS, np.nan)})
    assert np.isinf(worst_time(never, ("T3",), 0.03)).all()
    # the limit foresees it so near the last step that the run might have come a little later
    foreseen = analyse(trained.cell, predicted(trained.trajectory), benign).events["T3"]
    within = 1 - foreseen.min() / STEPS + 1e-9
    assert np.isnan(worst_time(never, ("T3",), within)).all()
    # an event that comes in neither does not count
    both = ("T1", "T3")
    known = worst_time(trained, both, 0.03)
    assert np.nanmax(known) == max(
        np.nanmax(time_errors(trained, event, 0.03)[0]) for event in both
    )


def test_runs_that_end_early_are_undecided(trained):
    longer = dataclasses.replace(trained.cell, steps=STEPS + 1)
    cut = dataclasses.replace(trained, cell=longer)
    assert not complete(cut).any()
    lost = trained.trajectory["train_loss"].copy()
    lost[:30, -1] = np.nan
    stopped = dataclasses.replace(
        trained.trajectory, stopped_at=np.where(np.arange(RUNS) < 30, 500, -1)
    )
    diverged = dataclasses.replace(
        trained.trajectory, diverged_at=np.where(np.arange(RUNS) < 30, 500, -1)
    )
    for claim in ("L1", "L2", "L3", "L4"):
        assert decide(study(cut), claim).status is Status.INCONCLUSIVE
        for made in (stopped, diverged):
            one = dataclasses.replace(trained, trajectory=made)
            verdict = decide(study(one), claim)
            assert verdict.status is Status.INCONCLUSIVE
            assert verdict.evidence["all"]["undecided"] == (~taught_nothing(one))[:30].sum()
    assert decide(study(altered(trained, train_loss=lost)), "L1").status is Status.INCONCLUSIVE


def test_no_cells_decide_nothing(trained):
    stage = dataclasses.replace(trained, cell=dataclasses.replace(trained.cell, kind="stage"))
    for claim in ("L1", "L2", "L3", "L4", "L5", "L6"):
        assert decide(study(), claim).status is Status.INCONCLUSIVE
        assert decide(study(stage), claim).status is Status.INCONCLUSIVE
        assert all_claims()[claim].provenance.value == "DERIVED"


def test_errors_by_hand(trained):
    off = np.abs(predicted(trained.trajectory)["train_loss"] / trained.trajectory["train_loss"] - 1)
    assert worst_relative(trained, "train_loss") == pytest.approx(off.max(axis=1), rel=1e-12, abs=0)
    depth = trained.trajectory["log_failure_prob"]
    gap = np.abs(predicted(trained.trajectory)["log_failure_prob"] - depth)
    share = (gap / np.maximum(-depth, math.log(2))).max(axis=1)
    assert worst_log_p(trained) == pytest.approx(share, rel=1e-12, abs=0.0)


def test_the_boundary_is_compared_with_the_limits():
    """Sides by a law of the limit's level and power hold; those of another level do not."""
    cells = [each for each in limit_cells() if each.kind == "limit-edge"]
    results = tuple(dataclasses.make_dataclass("Fake", ["cell"])(each) for each in cells)
    rng = np.random.default_rng(1)
    n = np.array([each.problem.n_samples for each in cells], dtype=float)
    level = n * np.array([each.problem.snr for each in cells]) ** 2
    middle = np.exp(np.log(n).mean())

    def edge(height, tilt=0.11):
        noise = rng.normal(0.0, 0.1, (len(cells), 16))
        above = (np.log(level / height) + tilt * np.log(n / middle))[:, None] + noise > 0
        return above.astype(float)

    true = edge(LEVEL)
    lines = distances(Edge(results, true, true))
    assert lines["log N·SNR²"]["predicted"] == pytest.approx(math.log(LEVEL), rel=0.0, abs=1e-3)
    assert lines["power of SNR"]["trained"] == pytest.approx(1.8, rel=0.0, abs=0.1)
    assert {line["word"] for line in lines.values()} == {"agrees"}
    moved = edge(1.3 * LEVEL)
    assert distances(Edge(results, moved, moved))["log N·SNR²"]["word"] == "differs"
    tilted = edge(LEVEL, -0.3)
    assert distances(Edge(results, tilted, true))["power of SNR"]["word"] == "differs"


@pytest.fixture(scope="module")
def sizes():
    """Every second cell of both chains, trained for less long."""
    results = []
    for each in limit_cells():
        if each.kind == "limit-size" and int(each.name.rsplit("-", 1)[1]) % 2:
            cell = dataclasses.replace(each, steps=600)
            made = train(cell.problem, seeds=8, steps=600, log_at="every:150")
            results.append(analyse(cell, made, benign))
    return results


def test_chains(sizes):
    assert [each.cell.name for each in chain(sizes, "d")] == [
        f"limit-d-{k}" for k in range(1, 12, 2)
    ]
    assert [each.values["d_h"] for each in chain(sizes, "d_h")] == [10.0**k for k in range(3, 9)]


def test_the_error_falls_and_a_floor_is_rejected(sizes):
    verdict = decide(study(*sizes), "L6")
    powers = {name: line["power"] for name, line in verdict.evidence["powers"].items()}
    assert powers == pytest.approx(dict.fromkeys(powers, -0.5), rel=0.0, abs=0.1)
    assert verdict.status is not Status.VIOLATED
    # a loss that is off by 5% at every d
    off = [with_quantities(each, train_loss=1.05 * each.trajectory["train_loss"]) for each in sizes]
    verdict = decide(study(*off), "L6")
    assert verdict.status is Status.VIOLATED
    assert abs(verdict.evidence["powers"]["train_loss, d"]["power"]) < 0.2
    cut = [dataclasses.replace(sizes[0], cell=dataclasses.replace(sizes[0].cell, steps=601))]
    assert decide(study(*cut, *sizes[1:]), "L6").status is Status.INCONCLUSIVE
    assert (mean_error(sizes[0].trajectory, "train_loss") < 0.1).all()


def test_the_cells_are_new_and_within_the_limits_conditions():
    quick = get_design("quick")
    held_out = [each for each in quick.cells["benign"] if each.kind.startswith("limit")]
    assert tuple(held_out) == limit_cells()
    others = {each.problem for each in quick.cells["benign"] if not each.kind.startswith("limit")}
    for each in held_out:
        problem = each.problem
        assert each.role is Role.HELD_OUT
        assert problem not in others
        assert each.steps <= 20_000
        longest = max(problem.signal_norm, problem.noise_std * math.sqrt(problem.dim))
        logit = problem.init_std_qk**2 * problem.key_dim * longest**2
        assert logit / math.sqrt(problem.key_dim) < 0.05
        if each.kind == "limit":
            assert 10 <= problem.n_samples <= 60
            assert 0.0 <= problem.flip_prob <= 0.3
            assert problem.dim >= 10**6
