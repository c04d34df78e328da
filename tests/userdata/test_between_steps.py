"""What a log leaves open between its steps, and after them, decides nothing."""

import numpy as np
import pytest

from bofcheck.compare import Status, verify
from bofcheck.compare.userdata import CellNumbers, Measured, curves_plan
from bofcheck.theory.theorem_file.load import theorem_from_toml

HEAD = """
name = "planted"
title = "Planted"
source = "a test"
provenance = "DERIVED"
model = "none"
[symbols]
h = "rate"
"""
BOUND = """
[[stages]]
name = "all"
[[stages.bounds]]
name = "X"
quantity = "loss"
excess = "1"
"""
EVENT = """
[[events]]
name = "T1"
when = "err <= 0.05"
[[stages]]
name = "first"
until = "T1"
"""
STEPS = np.arange(0.0, 1001.0, 50.0)
#: Steps that are 20 apart, close to each other beside 100 of them.
CLOSE = np.arange(0.0, 400.0, 20.0)
RUNS = 70


def decided(text, steps, **quantities):
    curves = Measured(steps, np.arange(RUNS), quantities, np.zeros(RUNS, dtype=bool))
    theorem = theorem_from_toml(HEAD + text).theorem
    plan = curves_plan(theorem, {"x": curves}, CellNumbers({"h": 1.0}))
    (verdict,) = verify(plan).verdicts
    return verdict


def losses(steps):
    return 0.9 * np.random.default_rng(0).uniform(0.9, 1, (RUNS, len(steps)))


def jumping(first, last):
    """An event that comes in a jump between two steps, and when."""
    when = np.random.default_rng(0).uniform(first, last, (RUNS, 1))
    return np.where(when > CLOSE, 0.5, 0.0), when


def test_one_run_with_a_last_step_far_away_does_not_vouch_for_the_others():
    steps = np.r_[np.arange(0.0, 501.0, 50.0), 1000.0]
    loss = losses(steps)
    loss[1:, -1] = np.nan
    verdict = decided(BOUND, steps, loss=loss)
    assert verdict.status is Status.INCONCLUSIVE
    assert "69 runs end before others of their cell" in verdict.reason


@pytest.mark.parametrize("first", [0, 1])
def test_which_of_two_longest_runs_comes_first_is_of_no_account(first):
    loss = losses(STEPS)
    loss[2:, STEPS > 500] = np.nan
    loss[first, (STEPS > 500) & (STEPS < 1000)] = np.nan
    verdict = decided(BOUND, STEPS, loss=loss)
    assert verdict.status is Status.INCONCLUSIVE
    assert "68 runs end before others of their cell" in verdict.reason


@pytest.mark.parametrize("steps", [STEPS, np.r_[0.0, np.unique(np.geomspace(1, 1000, 60).round())]])
def test_runs_that_end_a_logged_step_earlier_are_whole(steps):
    loss = losses(steps)
    loss[::2, -1] = np.nan
    assert decided(BOUND, steps, loss=loss).status is Status.HOLDS


def test_runs_logged_at_steps_of_their_own_are_whole():
    steps = np.arange(0.0, 1001.0, 5.0)
    loss = losses(steps)
    for run in range(RUNS):
        loss[run, (np.arange(len(steps)) - run % 10) % 10 != 0] = np.nan
    assert decided(BOUND, steps, loss=loss).status is Status.HOLDS


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        (101, 103, Status.INCONCLUSIVE),
        (117, 119, Status.INCONCLUSIVE),
        (81, 99, Status.HOLDS),
        (121, 139, Status.VIOLATED),
    ],
)
def test_a_deadline_between_two_logged_steps_is_met_or_missed_by_neither(first, last, wanted):
    error, _ = jumping(first, last)
    law = '[[times]]\nevent = "T1"\nlaw = "110*h"\nreading = "deadline"\n'
    assert decided(EVENT + law, CLOSE, err=error).status is wanted


@pytest.mark.parametrize(("least", "wanted"), [(0.9, Status.INCONCLUSIVE), (0.99, Status.VIOLATED)])
def test_a_true_bound_until_an_event_is_not_violated_by_where_interpolation_puts_it(least, wanted):
    """Between the steps 100 and 120 the loss drops, and the event comes, together.

    At 0.99 the bound is false before 100 too.
    """
    error, when = jumping(102, 118)
    steps, fine = np.arange(0.0, 400.0, 5.0), np.full((RUNS, 80), np.nan)
    fine[:, ::4] = error
    loss = np.where(steps < when, 0.95, 0.4)
    bound = (
        '[[stages.bounds]]\nname = "X"\nquantity = "loss"\nkind = "lower"\n'
        f'excess = "{least}"\n[[stages]]\nname = "second"\n'
    )
    verdict = decided(EVENT + bound, steps, err=fine, loss=loss)
    assert verdict.status is wanted
    assert ("too coarse about the stage's events" in verdict.reason) == (wanted != Status.VIOLATED)


@pytest.mark.parametrize("hole", [(200, 800), (-1, 400)], ids=["between", "at the start"])
def test_runs_without_numbers_over_a_long_stretch_do_not_hold(hole):
    loss = losses(STEPS)
    loss[5:, (hole[0] < STEPS) & (hole[1] > STEPS)] = np.nan
    verdict = decided(BOUND, STEPS, loss=loss)
    assert verdict.status is Status.INCONCLUSIVE
    assert "65 have no loss over a long stretch of the stage" in verdict.reason
    loss[:, 0] = 1.1
    assert decided(BOUND, STEPS, loss=loss).status is Status.VIOLATED


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_numbers_missing_here_and_there_change_nothing(share):
    loss = losses(STEPS)
    loss[np.random.default_rng(1).random(loss.shape) < share] = np.nan
    loss[:, -1] = 0.9
    assert decided(BOUND, STEPS, loss=loss).evidence["all"]["undecided"] <= 1


@pytest.mark.parametrize("base", [2.0, 3.0])
def test_steps_that_double_are_no_hole(base):
    steps = np.r_[0.0, base ** np.arange(10)]
    assert decided(BOUND, steps, loss=losses(steps)).status is Status.HOLDS


def test_a_stretch_that_no_run_of_the_cell_logged_is_how_it_was_logged():
    steps = STEPS[(STEPS <= 200) | (STEPS >= 800)]
    assert decided(BOUND, steps, loss=losses(steps)).status is Status.HOLDS
