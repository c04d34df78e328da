import dataclasses

import numpy as np
import pytest
from synthetic import decide, inside, outside, planted, result, study, trajectory, with_quantities

from bofcheck.compare import Role, Scope, Status, fit_constants, stage_bound

CAL, OUT = Role.CALIBRATION, Role.HELD_OUT
TRUTH = {"C2": 0.2, "k2": 0.7, "k3": 2e-5}


def times(problem):
    """T1, T2, T3 at the same places of the bounds, whatever the learning rate."""
    unit = 0.1 / problem.learning_rate
    return {"T1": 12.5 * unit, "T2": 52.5 * unit, "T3": 152.5 * unit}


def made(problem, held_out_truth=TRUTH, runs=64, change=None):
    """A study fitted on TRUTH and judged on one held-out cell of another truth."""
    # k3 goes with (eta·SNR/(sigma_V·eta))²: kept alike by the same sigma_V over mu
    scale = (problem.init_std_v / 0.01) ** 2
    home = [
        planted(
            f"cal-{p}", CAL, problem.replace(flip_prob=p), events=times(problem),
            truth=TRUTH | {"k3": 2e-5 * scale},
        )
        for p in (0.0, 0.15)
    ]  # fmt: skip
    truth = held_out_truth | {"k3": held_out_truth["k3"] * scale}
    judged = planted("judged", OUT, problem, truth=truth, events=times(problem), runs=runs)
    return fit_constants(study(*home, change(judged) if change else judged))


SITES = [(inside(), Scope.INSIDE, Status.VIOLATED), (outside(), Scope.OUTSIDE, Status.VIOLATED)]


@pytest.mark.parametrize(("problem", "scope", "_broken"), SITES)
@pytest.mark.parametrize("claim", ["B1", "B2", "B3"])
def test_the_truth_holds(problem, scope, _broken, claim):
    verdict = decide(made(problem), claim)
    assert (verdict.status, verdict.scope) == (Status.HOLDS, scope)
    if claim == "B1":
        assert verdict.tightness == pytest.approx(
            np.log(2), rel=1e-6, abs=0.0
        )  # the slack of 2, nothing else


@pytest.mark.parametrize(("problem", "scope", "broken"), SITES)
def test_a_constant_beyond_the_slack(problem, scope, broken):
    # the slack is 2: 1.9 times the constant is within it, 2.1 times is not
    within, beyond = (made(problem, TRUTH | {"C2": 0.2 * factor}) for factor in (1.9, 2.1))
    assert decide(within, "B1").status is Status.HOLDS
    verdict = decide(beyond, "B1")
    assert (verdict.status, verdict.scope, verdict.worst_cell) == (broken, scope, "judged")


@pytest.mark.parametrize(("problem", "scope", "broken"), SITES)
@pytest.mark.parametrize(("claim", "rate"), [("B2", "k2"), ("B3", "k3")])
def test_a_rate_below_half(problem, scope, broken, claim, rate):
    # C2 as fitted leaves log 2 of room, which the slower rate must use up first
    slow = made(problem, TRUTH | {rate: TRUTH[rate] * 0.1})
    verdict = decide(slow, claim)
    assert (verdict.status, verdict.scope) == (broken, scope)
    assert decide(made(problem, TRUTH | {rate: TRUTH[rate] * 0.6}), claim).status is Status.HOLDS


def test_a_single_point_beyond_the_bound_counts():
    def spike(one):
        failure = one.trajectory["log_failure_prob"].copy()
        at = int(np.searchsorted(one.trajectory.steps, one.events["T2"][0])) - 3
        failure[:, at] = np.log(0.5)
        return with_quantities(one, log_failure_prob=failure)

    verdict = decide(made(inside(), change=spike), "B2")
    assert verdict.status is Status.VIOLATED
    assert decide(made(inside(), change=spike), "B3").status is Status.HOLDS


def test_diverged_and_unreached_runs_are_undecided():
    def spoil(one):
        made_of = dataclasses.replace(
            one.trajectory, diverged_at=np.where(np.arange(64) < 10, 5, -1)
        )
        late = np.where(np.arange(64) >= 50, np.nan, one.events["T2"])
        return dataclasses.replace(one, trajectory=made_of, events={**one.events, "T2": late})

    verdict = decide(made(inside(), change=spoil), "B3")
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.evidence["all"]["undecided"] == 10 + 14
    assert verdict.evidence["cells"][0]["diverged"] == 10


@pytest.mark.parametrize("depth", [-3e6, -np.inf])
def test_excesses_too_small_to_name_are_no_violation(depth):
    # the bound itself is beyond e^-1e6 here, and the excess lies below it
    def deep(one):
        return with_quantities(
            one, log_failure_prob=np.full_like(one.trajectory["log_failure_prob"], depth)
        )

    ready = made(inside(), change=deep)
    fitted = dict(ready.constants.fitted)
    fitted["k3"] = dataclasses.replace(fitted["k3"], widened=fitted["k3"].widened * 2e5)
    ready = dataclasses.replace(
        ready, constants=dataclasses.replace(ready.constants, fitted=fitted)
    )
    limit = np.log(stage_bound(ready, ready.results[-1], ready.theorem.bound("B3")) - 0.1 + 1e-300)
    assert np.nanmin(limit) < -600  # underflows, as meant
    tally = decide(ready, "B3").evidence["all"]
    assert tally["violations"] == 0
    # nothing drawn says how small: unknown, which is not a pass
    assert tally["undecided"] == (tally["runs"] if np.isneginf(depth) else 0)


def test_bound_with_a_constant_not_fitted():
    ready = dataclasses.replace(made(inside()), constants=study().constants)
    verdict = decide(ready, "B2")
    assert verdict.status is Status.INCONCLUSIVE
    assert "C2" in verdict.reason


def harmful(problem, loss, name="judged", runs=64, **events):
    steps = np.arange(0, 101, 5)
    one = trajectory(problem, steps, runs, test_loss=loss, train_loss=0.005)
    return result(one, name, OUT, **{"T1": 10.0, "T2": 40.0, "T3": 100.0, **events})


def test_lower_bound_broken_in_part_of_the_cells():
    # 10 of 74 runs end below C_L = 0.237, all in one cell
    fine = harmful(outside(flip_prob=0.0), 0.3, "fine")
    low = harmful(outside(flip_prob=0.01), 0.2, "low", runs=10)
    verdict = decide(study(fine, low, regime="harmful"), "H6")
    assert (verdict.status, verdict.worst_cell) == (Status.VIOLATED, "low")
    within = harmful(inside(flip_prob=0.0), 0.2, "low", runs=10)
    verdict = decide(study(fine, within, regime="harmful"), "H6")
    assert (verdict.status, verdict.scope) == (Status.VIOLATED, Scope.INSIDE)
    assert decide(study(fine, regime="harmful"), "H6").status is Status.HOLDS


def test_lower_bound_below_the_bayes_floor_is_vacuous():
    # H(p) = C_L at p = 0.0637: above it no predictor could have a smaller loss
    for p, status in ((0.06, Status.HOLDS), (0.07, Status.VACUOUS)):
        judged = harmful(outside(flip_prob=p), 0.3)
        for claim in ("H6", "H3"):
            assert decide(study(judged, regime="harmful"), claim).status is status


def test_upper_bound_at_chance_is_vacuous():
    # widened C2 = 0.9 >= 1 - 2p
    verdict = decide(made(inside(), change=None), "B1")
    assert verdict.status is Status.HOLDS
    ready = made(inside())
    fitted = dict(ready.constants.fitted)
    fitted["C2"] = dataclasses.replace(fitted["C2"], widened=0.9)
    ready = dataclasses.replace(
        ready, constants=dataclasses.replace(ready.constants, fitted=fitted)
    )
    assert decide(ready, "B1").status is Status.VACUOUS


def test_derived_bound_starts_from_the_measured_state():
    # log 2 + 0.3 + sqrt(2/pi)·0.05·2 at T1, and growth eta·w²·[1·10/20 + 2·0.05 + 0.05²(√20 + 1)]
    start = np.log(2) + 0.3 + np.sqrt(2 / np.pi) * 0.1
    growth = 0.1 * (10 / 20 + 0.1 + 0.0025 * (np.sqrt(20) + 1))
    one = trajectory(
        outside(), np.arange(0, 101, 5), 64, v_plus=-0.3, v_minus=0.1, value_norm=2.0, test_loss=0.6
    )
    judged = result(one, "judged", OUT, T1=12.0, T2=40.0, T3=100.0)
    home = study(judged, regime="harmful")
    limit = stage_bound(home, judged, home.theorem.bound("H2d"))
    # the first logged step in stage 2 is 15, where the state was measured
    assert limit[0, 3] == pytest.approx(start, rel=1e-6, abs=0.0)
    assert limit[0, 8] == pytest.approx(start + growth * 25, rel=1e-6, abs=0.0)
    assert np.isnan(limit[0, 2])
    assert np.isnan(limit[0, 9])
    flat = decide(home, "H2d")  # a loss that does not grow leaves nothing to bound
    assert flat.status is Status.VACUOUS
    assert "grows in 0 of 64 runs" in flat.reason
    rises = 0.6 + np.where(one.steps < 40, 0.5 * growth * np.maximum(one.steps - 15, 0), 0.0)
    rising = with_quantities(judged, test_loss=rises + 0 * one["test_loss"])
    assert decide(study(rising, regime="harmful"), "H2d").status is Status.HOLDS
    above = with_quantities(
        judged, test_loss=np.where(one.steps == 15, start + 0.01, 0.6) + 0 * one["test_loss"]
    )
    assert decide(study(above, regime="harmful"), "H2d").status is Status.VIOLATED
