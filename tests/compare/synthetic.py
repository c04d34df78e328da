"""Trajectories, cells and studies written by hand, for claims whose right verdict is known."""

import dataclasses

import numpy as np

from bofcheck.compare import (
    Cell,
    CellResult,
    Role,
    Study,
    Verdict,
    all_claims,
    stage_number,
    theory_values,
)
from bofcheck.compare.fitting.bounds import run_values
from bofcheck.compare.papers.zhang2025.designs._problems import inside_problem
from bofcheck.simulate import QUANTITIES, Problem, Trajectory
from bofcheck.theory import check_assumptions, evaluate, get_theorem
from bofcheck.theory.evaluation.numbers import log_expression

#: A state in which no event has happened and nothing was learned.
AT_REST = dict.fromkeys(QUANTITIES, 0.0) | {
    "train_loss": 0.7,
    "test_loss": 0.7,
    "test_error": 0.5,
    "test_error_drawn": 0.5,
    "log_failure_prob": np.log(0.5),
    "attention_clean": 0.5,
    "attention_flipped": 0.5,
    "attention_test": 0.5,
    "v_noise_aligned": -1.0,
    "residual_clean": 0.5,
    "residual_all": 0.5,
    "value_norm": 1.0,
    "output_norm": 1.0,
}


def outside(**changes):
    """A benign problem far outside Assumption 4.1."""
    numbers = {"n_samples": 20, "dim": 400, "noise_std": 0.05, "flip_prob": 0.1, **changes}
    return Problem(**numbers)


def inside(**changes):
    """A benign problem inside Assumption 4.1 at C = 1."""
    return inside_problem(24, 1.0, 0.1, **changes)


def trajectory(problem, steps, runs=8, diverged=(), **quantities):
    """A trajectory at rest, but for the quantities given, broadcast to (runs, steps)."""
    steps = np.asarray(steps)
    shape = (runs, steps.size)
    arrays = {
        name: np.broadcast_to(np.asarray(value, dtype=float), shape).copy()
        for name, value in (AT_REST | quantities).items()
    }
    diverged_at = np.full(runs, -1)
    diverged_at[list(diverged)] = steps[-1]
    for run in diverged:
        for array in arrays.values():
            array[run, -1] = np.nan
    half, none = np.full(runs, problem.n_samples // 2), np.zeros(runs, dtype=int)
    return Trajectory(problem, np.arange(runs), steps, arrays, diverged_at, half, none, none)


def result(made, name="cell", role=Role.HELD_OUT, kind="stage", **events):
    """A trained cell whose events are given, (R,) or one number for all runs; NaN if not."""
    runs = len(made.seeds)
    cell = Cell(name, role, kind, made.problem, int(made.steps[-1]))
    values = theory_values(made.problem)
    times = {
        event: np.broadcast_to(np.asarray(events.get(event, np.nan), dtype=float), (runs,))
        for event in ("T1", "T2", "T3", "T_gap")
    }
    return CellResult(cell, made, values, check_assumptions(values), times, 1 / made.problem.dim)


def study(*results, regime="benign", **rest):
    return Study(get_theorem(regime), tuple(results), **rest)


def decide(made: Study, claim: str) -> Verdict:
    """The verdict on one claim."""
    return all_claims()[claim].check.decide(all_claims()[claim], made)


def with_quantities(one, **quantities):
    """The same cell with some logged quantities replaced."""
    made = one.trajectory
    arrays = dict(made.quantities) | quantities
    planted = dataclasses.replace(made, quantities=arrays)
    return dataclasses.replace(one, trajectory=planted)


def planted(name, role, problem, *, truth, events, runs=4, log_factor=0.0):
    """A benign cell whose excess test_error is the theorem's own bound at given constants.

    Args:
        truth: C2, k2 and k3; stage 1 and stage 3 follow by continuity.
        events: T1, T2, T3, numbers or (R,).
        log_factor: added to log(excess), broadcast to (R, T).
    """
    scale = 1.0 / (problem.learning_rate * problem.signal_norm**2 * problem.output_norm**2)
    steps = np.unique(np.rint(np.linspace(0, np.max(events["T3"]) * 1.2, 90))).astype(int)
    assert steps[-1] > scale  # long enough for the bounds to move
    one = result(trajectory(problem, steps, runs), name, role, **events)
    home = study(one)
    values = run_values(one)
    excess = np.full((runs, steps.size), np.log(truth["C2"]))
    numbers = stage_number(home, one)
    for number, bound in ((2, "B2"), (3, "B3")):
        bound = home.theorem.continuous(home.theorem.bound(bound))
        needed = {str(symbol) for symbol in bound.expr.free_symbols}
        given = {key: value for key, value in {**values, **truth}.items() if key in needed}
        full = np.broadcast_to(evaluate(log_expression(bound.excess), given), excess.shape)
        excess[numbers == number] = full[numbers == number]
    excess[numbers == 0] = -1e4
    failure = excess + log_factor - np.log1p(-2 * problem.flip_prob)
    return with_quantities(one, log_failure_prob=failure)
