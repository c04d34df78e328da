"""Runs that ended early, events between logged steps, constants at their limits."""

import numpy as np
import pytest

from bofcheck.compare import verify
from bofcheck.compare.cells import Role
from bofcheck.compare.userdata import CellNumbers, curves_plan, read_curves
from bofcheck.compare.verdict import Status
from bofcheck.theory.theorem_file.load import theorem_from_toml

STEPS = np.arange(0, 1001, 20)


def theorem(excess, *, constants="", until="", times="", quantity="train_loss", kind="upper"):
    """A theorem on decaying losses with one bound, or one law for when a loss is at most 0.1."""
    event = '[[events]]\nname = "T"\nwhen = "train_loss <= 0.1"\n' if until or times else ""
    end = f'until = "{until}"\n' if until else ""
    bound = (
        f'[[stages.bounds]]\nname = "X1"\nquantity = "{quantity}"\nkind = "{kind}"\nfloor = "0"\n'
        f'excess = "{excess}"\n'
        if excess
        else ""
    )
    after = '[[stages]]\nname = "after"\n' if until else ""
    return theorem_from_toml(
        f'name = "made"\ntitle = "made"\nsource = "made"\nprovenance = "DERIVED"\n'
        f'model = "none"\n[symbols]\nh = "rate"\n[constants]\n{constants}\n{event}'
        f'[[stages]]\nname = "all"\n{end}{bound}{after}{times}'
    ).theorem


def law(reading, text="c/h"):
    return f'[[times]]\nevent = "T"\nlaw = "{text}"\nreading = "{reading}"\n'


def write(path, cells):
    """Cells of runs, each a list of (steps, losses)."""
    lines = ["cell,run,step,train_loss"]
    for cell, runs in cells.items():
        for run, (steps, losses) in enumerate(runs):
            lines += [f"{cell},{run},{s:g},{x!r}" for s, x in zip(steps, losses, strict=True)]
    path.write_text("\n".join(lines))
    return path


def decided(folder, made, cells, rates=None, roles=None, claim="X1"):
    path = write(folder / "curves.csv", cells)
    rates = rates or dict.fromkeys(cells, 0.01)
    roles = roles or dict.fromkeys(cells, Role.HELD_OUT)
    numbers = CellNumbers({}, {name: {"h": rate} for name, rate in rates.items()}, roles)
    verification = verify(curves_plan(made, read_curves(path), numbers))
    return {verdict.claim: verdict for verdict in verification.verdicts}[claim]


def decays(rng, runs=60, factor=0.5, steps=STEPS, rate=0.01):
    """Runs factor·e^(-rate·t), scattered by 1% each, so that no run is another's copy."""
    return [
        (steps, (factor * (1 + 0.01 * rng.random()) * np.exp(-rate * steps)).tolist())
        for _ in range(runs)
    ]


def test_runs_that_are_watched_to_the_end_hold(tmp_path):
    cells = {"a": decays(np.random.default_rng(0))}
    assert decided(tmp_path, theorem("exp(-h*t)"), cells).status is Status.HOLDS


@pytest.mark.parametrize("kept", [1, 2, 9, 25, 48])
def test_crashed_runs_do_not_count_as_holding(tmp_path, kept):
    rng = np.random.default_rng(0)
    whole = decays(rng, runs=10)
    short = [(steps[:kept], losses[:kept]) for steps, losses in decays(rng, runs=290)]
    verdict = decided(tmp_path, theorem("exp(-h*t)"), {"a": whole + short})
    assert verdict.status is Status.INCONCLUSIVE
    assert "290 runs end before others of their cell" in verdict.reason


def test_crashed_runs_that_broke_the_bound_did_break_it(tmp_path):
    rng = np.random.default_rng(0)
    broken = [(s[:5], x[:5]) for s, x in decays(rng, runs=60, factor=1.5)]
    verdict = decided(tmp_path, theorem("exp(-h*t)"), {"a": decays(rng, runs=60) + broken})
    assert verdict.status is Status.VIOLATED


def test_runs_at_steps_of_their_own_are_watched_as_far_as_their_gaps_tell(tmp_path):
    rng = np.random.default_rng(0)
    own = []
    for _ in range(140):
        steps = np.sort(rng.choice(1000, 30, replace=False))
        own.append((steps, (0.5 * np.exp(-0.01 * steps)).tolist()))
    assert decided(tmp_path, theorem("exp(-h*t)"), {"a": own}).status is Status.HOLDS
    half = [(steps[:15], losses[:15]) for steps, losses in own[:-1]] + own[-1:]
    assert decided(tmp_path, theorem("exp(-h*t)"), {"a": half}).status is Status.INCONCLUSIVE


def test_a_run_that_lacks_its_last_line_is_complete(tmp_path):
    rng = np.random.default_rng(0)
    short = [(steps[:-1], losses[:-1]) for steps, losses in decays(rng, runs=60)]
    cells = {"a": decays(rng, runs=1) + short}
    assert decided(tmp_path, theorem("exp(-h*t)"), cells).status is Status.HOLDS


def test_runs_that_stop_at_their_target_hold_where_the_stage_ends_there(tmp_path):
    rng = np.random.default_rng(0)
    stopped = []
    for rate in rng.uniform(0.01, 0.03, 70):
        losses = 0.9 * np.exp(-rate * STEPS)
        last = int(np.argmax(losses <= 0.1)) + 1
        stopped.append((STEPS[:last], losses[:last].tolist()))
    cells = {"a": stopped}
    assert decided(tmp_path, theorem("exp(-h*t)", until="T"), cells).status is Status.HOLDS
    endless = decided(tmp_path, theorem("exp(-h*t)"), cells)
    assert endless.status is Status.INCONCLUSIVE
    assert "end the stage with an event" in endless.reason
    never = {"a": [(steps[:-1], losses[:-1]) for steps, losses in stopped]}
    verdict = decided(tmp_path, theorem("exp(-h*t)", until="T"), never)
    assert verdict.status is Status.INCONCLUSIVE
    assert "70 runs end before T" in verdict.reason


RATES = {"c0": 0.02, "c1": 0.1, "c2": 0.05, "h0": 0.03, "h1": 0.3, "h2": 0.1, "h3": 0.6, "h4": 0.04}
ROLES = {n: Role.CALIBRATION if n.startswith("c") else Role.HELD_OUT for n in RATES}


def timed(rng, spacing, *, first=0, power=1.0, runs=20):
    """Losses that reach 0.1 at 2.4/h^power, logged every ``spacing`` steps from ``first`` on."""
    steps = np.arange(first, 1200, spacing)
    cells = {}
    for cell, rate in RATES.items():
        effective = 0.1 * (rate / 0.1) ** power
        cells[cell] = [
            (steps, (1.1 * (1 + 0.02 * rng.random()) * np.exp(-effective * steps)).tolist())
            for _ in range(runs)
        ]
    return cells


@pytest.mark.parametrize("reading", ["scaling", "deadline"])
def test_a_true_law_holds_on_a_fine_log_and_is_never_violated_by_a_coarse_one(tmp_path, reading):
    made = theorem("", constants='c = "time"', times=law(reading), until="T")
    fine, coarse = (
        decided(tmp_path, made, timed(np.random.default_rng(0), spacing), RATES, ROLES, "T")
        for spacing in (2, 100)
    )
    assert fine.status is Status.HOLDS
    assert coarse.status is Status.INCONCLUSIVE
    assert "log" in coarse.reason


@pytest.mark.parametrize("spacing", [2, 10])
def test_a_wrong_law_is_still_found(tmp_path, spacing):
    made = theorem("", constants='c = "time"', times=law("scaling", "c/h**2"), until="T")
    cells = timed(np.random.default_rng(0), spacing)
    assert decided(tmp_path, made, cells, RATES, ROLES, "T").status is Status.VIOLATED


@pytest.mark.parametrize("reading", ["scaling", "deadline"])
def test_events_before_the_first_logged_step_make_no_law_hold(tmp_path, reading):
    made = theorem("", constants='c = "time"', times=law(reading), until="T")
    cells = timed(np.random.default_rng(0), 2, first=400)
    verdict = decided(tmp_path, made, cells, RATES, ROLES, "T")
    assert verdict.status is Status.INCONCLUSIVE


def test_a_bound_from_an_event_on_is_judged_at_every_step_the_event_can_have_come_at(tmp_path):
    rng = np.random.default_rng(0)
    steps = np.arange(0, 2001, 200)
    cells = {"a": []}
    for first in rng.uniform(20, 180, 70):
        # 0.1 at the event, then halved every 50 steps: exactly what the theorem says
        losses = 0.1 * np.exp(-0.0139 * (steps - first)) * (1 - 1e-3 * rng.random())
        cells["a"].append((steps, losses.tolist()))
    text = theorem("", until="T")
    assert text.stages[1].name == "after"
    made = theorem_from_toml(
        'name = "made"\ntitle = "made"\nsource = "made"\nprovenance = "DERIVED"\n'
        'model = "none"\n[symbols]\nh = "rate"\n[[events]]\nname = "T"\n'
        'when = "train_loss <= 0.1"\n[[stages]]\nname = "before"\nuntil = "T"\n'
        '[[stages]]\nname = "after"\n[[stages.bounds]]\nname = "X1"\nquantity = "train_loss"\n'
        'floor = "0"\nexcess = "0.1*exp(-h*(t-T))"\n'
    ).theorem
    verdict = decided(tmp_path, made, cells, {"a": 0.0139})
    assert verdict.status is not Status.VIOLATED
    assert "too coarse" in verdict.reason


@pytest.mark.parametrize("rate", [10, 70, 100, 10_000])
def test_an_absurd_rate_fails_far_from_where_its_constant_is_fitted(tmp_path, rate):
    rng = np.random.default_rng(0)
    cells = {"a": decays(rng, runs=70), "b": decays(rng, runs=70)}
    made = theorem(f"C*exp(-{rate}*h*t)", constants='C = "start"')
    roles = {"a": Role.CALIBRATION, "b": Role.HELD_OUT}
    verdict = decided(tmp_path, made, cells, roles=roles)
    assert verdict.status is Status.VIOLATED
    assert "70 of 70" in verdict.reason
    assert verdict.discrimination.shape["t"].word == "eroding"
    plain = theorem("C*exp(-h*t)", constants='C = "start"')
    assert decided(tmp_path, plain, cells, roles=roles).status is Status.HOLDS


def test_a_rate_fitted_as_0_is_no_decay(tmp_path):
    rng = np.random.default_rng(0)
    level = lambda: [(STEPS, (0.5 + 0.01 * rng.random(STEPS.size)).tolist()) for _ in range(70)]  # noqa: E731
    made = theorem("C*exp(-k*h*t)", constants='C = "start"\nk = "rate of decay"')
    roles = {"a": Role.CALIBRATION, "b": Role.HELD_OUT}
    verdict = decided(tmp_path, made, {"a": level(), "b": level()}, roles=roles)
    assert verdict.status is Status.VACUOUS
    assert "fitted as 0: k" in verdict.reason


def test_a_fixed_bound_above_all_losses_holds(tmp_path):
    # nothing is fitted, so it could have failed
    cells = {"a": decays(np.random.default_rng(0), runs=70)}
    assert decided(tmp_path, theorem("0.7"), cells).status is Status.HOLDS


def test_a_formula_that_underflows_is_fitted_in_logarithms(tmp_path):
    rng = np.random.default_rng(0)
    late = STEPS[5:]
    cells = {name: decays(rng, runs=70, steps=late) for name in "ab"}
    made = theorem("C*exp(-200*h*t)", constants='C = "start"')
    verdict = decided(tmp_path, made, cells, roles={"a": Role.CALIBRATION, "b": Role.HELD_OUT})
    assert verdict.status is Status.VIOLATED


def test_a_loss_exactly_at_its_floor_says_why_nothing_is_fitted(tmp_path):
    zeros = [(STEPS, [0.0] * STEPS.size)] * 70
    made = theorem("C*exp(-k*h*t)", constants='C = "start"\nk = "rate of decay"')
    roles = {"a": Role.CALIBRATION, "b": Role.HELD_OUT}
    verdict = decided(tmp_path, made, {"a": zeros, "b": zeros}, roles=roles)
    assert verdict.status is Status.INCONCLUSIVE
    assert "train_loss is never above 0 in 70 calibration runs" in verdict.reason
