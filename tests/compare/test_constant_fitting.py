import dataclasses

import numpy as np
import pytest
from sympy import exp
from synthetic import decide, inside, outside, planted, result, study, trajectory, with_quantities

from bofcheck.compare import SLACK_C, SLACK_K, Role, fit_constants
from bofcheck.compare.checks.stage_bound import bound_margin
from bofcheck.compare.fitting.form import fitted_part
from bofcheck.theory import get_theorem
from bofcheck.theory.symbols import C2, eta, t

CAL, OUT = Role.CALIBRATION, Role.HELD_OUT
TRUTH = {"C2": 0.4, "k2": 0.7, "k3": 2e-5}
#: eta = 0.1 and sigma_V = 0.01: stage 2 ends at exponent 2.8, stage 3 at 20.
EVENTS = {"T1": 12.5, "T2": 52.5, "T3": 152.5}


def cells(log_factor=0.0, truth=TRUTH):
    """Two calibration cells and two held-out cells that follow the theorem exactly."""
    shifted = {"T1": np.array([5.0, 7.0, 9.0, 11.0]), "T2": 44.0, "T3": 180.0}
    plan = [
        ("cal-1", CAL, outside(), EVENTS),
        ("cal-2", CAL, outside(flip_prob=0.2, init_std_v=0.02), shifted),
        ("out-1", OUT, outside(flip_prob=0.05), EVENTS),
        ("out-2", OUT, outside(init_std_v=0.015), shifted),
    ]
    return [
        planted(name, role, problem, truth=truth, events=events, log_factor=log_factor)
        for name, role, problem, events in plan
    ]


def test_exact_data_give_their_constants_back():
    fitted = fit_constants(study(*cells()))
    for name, value in TRUTH.items():
        assert fitted.constants[name].value == pytest.approx(value, rel=1e-6, abs=0.0)
    assert fitted.constants["C2"].widened == pytest.approx(SLACK_C * 0.4, rel=1e-6, abs=0.0)
    assert fitted.constants["k2"].widened == pytest.approx(SLACK_K * 0.7, rel=1e-6, abs=0.0)
    assert fitted.constants["k3"].widened == pytest.approx(SLACK_K * 2e-5, rel=1e-6, abs=0.0)
    assert fitted.constants["C2"].bounds == ("B1", "B2", "B3")
    assert fitted.constants["C2"].runs == 8


def test_order_of_cells_and_runs_does_not_matter():
    noisy = cells(np.log(np.random.default_rng(3).uniform(0.3, 1.0, (4, 90))))
    forward = fit_constants(study(*noisy)).constants.values()
    turned = []
    for one in reversed(noisy):
        flipped = {name: values[::-1] for name, values in one.trajectory.quantities.items()}
        events = {name: values[::-1] for name, values in one.events.items()}
        turned.append(dataclasses.replace(with_quantities(one, **flipped), events=events))
    assert fit_constants(study(*turned)).constants.values() == pytest.approx(
        forward, rel=1e-9, abs=0.0
    )


def test_noise_below_the_bound_stays_covered_on_held_out_cells():
    # A planted truth: every excess is 0.3 to 1 times the theorem's bound, so no correct check
    # may object; the slack covers what the calibration noise hides.
    for seed in range(20):
        noise = np.log(np.random.default_rng(seed).uniform(0.3, 1.0, (4, 90)))
        fitted = fit_constants(study(*cells(noise)))
        for claim in ("B2", "B3"):
            assert decide(fitted, claim).evidence["all"]["violations"] == 0, (seed, claim)


def test_envelope_lies_above_every_calibration_point():
    noise = np.log(np.random.default_rng(8).uniform(0.01, 1.0, (4, 90)))
    fitted = fit_constants(study(*cells(noise)))
    tight = {
        name: dataclasses.replace(one, widened=one.value)
        for name, one in fitted.constants.fitted.items()
    }
    again = dataclasses.replace(
        fitted, constants=dataclasses.replace(fitted.constants, fitted=tight)
    )
    worst = {}
    for claim in ("B1", "B2", "B3"):
        margins = [
            bound_margin(again, one, claim)[fitted_part(again, one, claim)]
            for one in again.select(CAL, "stage")
        ]
        worst[claim] = max(np.nanmax(each, initial=-np.inf) for each in margins)
        assert worst[claim] < 1e-6  # the precision of the linear programme
    assert max(worst.values()) > -0.1


def test_constant_never_exceeds_the_trivial_one():
    flat = cells(truth={"C2": 0.9, "k2": 0.7, "k3": 2e-5})
    clipped = [
        with_quantities(one, log_failure_prob=np.minimum(one.trajectory["log_failure_prob"], 0.0))
        for one in flat
    ]
    fitted = fit_constants(study(*clipped)).constants
    assert fitted["C2"].value <= 0.8 + 1e-12  # the largest 1 - 2p among calibration cells


def test_too_few_runs_are_recorded():
    few = [one for one in cells() if one.cell.name != "cal-2"]  # four calibration runs
    constants = fit_constants(study(*few)).constants
    assert not constants.fitted
    assert set(constants.failures) >= {"B1", "B2", "B3", "T1 (paper)", "T3 (derived)"}
    assert "8 are needed" in constants.failures["B2"]


def test_diverged_runs_are_no_calibration():
    made = trajectory(outside(), [0, 5, 10], runs=10, diverged=range(5))
    made = with_quantities(result(made, role=CAL, T1=3.0, T2=4.0, T3=6.0))
    constants = fit_constants(study(made)).constants
    assert "5 calibration runs" in constants.failures["T1 (paper)"]
    assert "C2" not in constants


def test_a_stage_nobody_reaches_is_recorded():
    early = [
        dataclasses.replace(one, events={**one.events, "T2": np.full(4, np.nan)}) for one in cells()
    ]
    constants = fit_constants(study(*early)).constants
    assert "k3" in constants.failures["B3"]
    assert "T2 (paper)" in constants.failures
    assert "T1 (paper)" not in constants.failures


def test_no_cells_at_all():
    for regime in ("benign", "harmful"):
        constants = fit_constants(study(regime=regime)).constants
        assert not constants.fitted
        assert constants.failures


def harmful(name, role, slope, problem):
    """test_loss = log 2 + slope · eta (t - T1) sigma_p² d w²/N from T1 = 10 on."""
    steps = np.arange(0, 101, 5)
    x = problem.learning_rate * (steps - 10.0) * problem.noise_std**2 * problem.dim / 20
    made = trajectory(problem, steps, runs=8, test_loss=np.log(2) + slope * np.maximum(x, 0))
    return result(made, name, role, T1=10.0, T2=90.0, T3=100.0)


def test_linear_bound_recovers_its_slope():
    made = study(
        harmful("a", CAL, 0.30, outside()),
        harmful("b", CAL, 0.35, outside(learning_rate=0.05)),
        harmful("c", OUT, 0.35, outside(learning_rate=0.2)),
        regime="harmful",
    )
    fitted = fit_constants(made).constants
    assert fitted["C2"].value == pytest.approx(0.35, rel=1e-9, abs=0.0)
    assert fitted["C2"].widened == pytest.approx(0.70, rel=1e-9, abs=0.0)


def test_one_constant_times_cover_every_run():
    made = []
    for rank, problem in enumerate((outside(), outside(learning_rate=0.02), inside())):
        law = get_theorem("benign").time("T3", "paper")
        unit = law.numeric(**result(trajectory(problem, [0, 1])).values, c3=1.0)
        events = unit * np.linspace(2.0, 5.0, 8)
        made.append(result(trajectory(problem, [0, 1]), f"c{rank}", CAL, T3=events))
    fitted = fit_constants(study(*made)).constants["c3 of T3 (paper)"]
    assert fitted.value == pytest.approx(5.0, rel=1e-6, abs=0.0)
    assert fitted.widened == pytest.approx(10.0, rel=1e-6, abs=0.0)
    assert fitted.runs == 24
    assert fitted.note == ""


def test_two_constant_times_recover_both():
    made = []
    law = get_theorem("benign").time("T3", "derived")
    for rank, p in enumerate((0.0, 0.1, 0.2)):
        one = result(trajectory(outside(flip_prob=p), [0, 1]), f"c{rank}", CAL)
        steps = law.numeric(**one.values, a=3.4, b=1.1)
        made.append(dataclasses.replace(one, events={**one.events, "T3": np.full(8, steps)}))
    fitted = fit_constants(study(*made)).constants
    assert fitted["a of T3 (derived)"].value == pytest.approx(3.4, rel=1e-9, abs=0.0)
    assert fitted["b of T3 (derived)"].value == pytest.approx(1.1, rel=1e-9, abs=0.0)


def test_runs_without_the_event_are_told():
    events = np.array([0.0, np.nan, *np.full(8, 30.0)])
    one = result(trajectory(outside(), [0, 1], runs=10), role=CAL, T1=events)
    fitted = fit_constants(study(one)).constants["c1 of T1 (paper)"]
    assert fitted.runs == 8
    assert fitted.note == "2 of 10 runs had T1 at step 0 or not at all"


def test_bounds_of_another_shape_are_recorded():
    theorem = get_theorem("harmful")
    stage = theorem.stage(2)
    for excess in (C2 * exp(C2 * eta * t), exp(C2**2 * eta * t)):
        bound = dataclasses.replace(theorem.bound("H2"), excess=excess)
        own = dataclasses.replace(stage, bounds=(bound, theorem.bound("H2d")))
        other = dataclasses.replace(theorem, stages=(theorem.stage(1), own, theorem.stage(3)))
        made = dataclasses.replace(
            study(harmful("a", CAL, 0.3, outside()), regime="harmful"), theorem=other
        )
        assert "linear" in fit_constants(made).constants.failures["H2"]
    benign = get_theorem("benign")
    bound = dataclasses.replace(benign.bound("B2"), excess=C2 + C2**2 * t, constants=(C2,))
    own = dataclasses.replace(benign.stage(2), bounds=(bound,))
    other = dataclasses.replace(benign, stages=(benign.stage(1), own, benign.stage(3)))
    constants = fit_constants(dataclasses.replace(study(*cells()), theorem=other)).constants
    assert "B2" in constants.failures["B3"]
    assert "c1 of T1 (paper)" in constants
