"""Runs that are logged at steps of their own: memory in proportion, and the verdicts unchanged."""

import tracemalloc
from unittest.mock import patch

import numpy as np
import pytest
from curve_files import NUMBERS, THEOREM, write_rows
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bofcheck.compare import CompareError, Status, verify
from bofcheck.compare.checks.stage_bound import bound_margin
from bofcheck.compare.events import steps_by_run
from bofcheck.compare.figures.drawings.bound import measure
from bofcheck.compare.figures.rows import quantile, quantiles_by_step
from bofcheck.compare.report import document
from bofcheck.compare.userdata import CellNumbers, Measured, curves_plan, layout, read_curves
from bofcheck.theory.theorem_file.load import theorem_from_toml

STAGED = theorem_from_toml("""
name = "staged"
title = "staged"
source = "my notes"
provenance = "DERIVED"
model = "a model of mine"
[symbols]
h = "rate"
[constants]
C = "start"
k = "rate"
c = "later"
c1 = "time"
c2 = "time"
[[events]]
name = "T"
when = "train_loss <= epsilon"
[[stages]]
name = "fall"
until = "T"
[[stages.bounds]]
name = "X1"
quantity = "train_loss"
excess = "C*exp(-k*h*t)"
[[stages]]
name = "rest"
[[stages.bounds]]
name = "X2"
quantity = "test_loss"
excess = "c*(1 + T)**0.3/(1 + t)**0.3"
[[times]]
event = "T"
form = "deadline"
law = "c1/h"
[[times]]
event = "T"
form = "scaling"
law = "c2/h"
reading = "scaling"
""").theorem


def file_of(folder, runs, longest, seed, *, cells=2, gaps=0.1, bad=0.05, copies=False):
    """A file in which every run is logged at steps of its own; some fields empty, some inf."""
    rng = np.random.default_rng(seed)
    rows, drawn = [], {}
    for cell in range(cells):
        for run in range(runs):
            count = rng.integers((longest + 1) // 2, longest + 1)
            steps = np.sort(rng.choice(20 * longest, count, replace=False))
            if rng.random() < 0.5:
                steps[0] = 0
            curve = rng.uniform(0.9, 1.1) * np.exp(-6 * steps / (20 * longest))
            drawn[cell, run] = steps, curve
            if copies and run:
                steps, curve = drawn[cell, run - 1]
            ended = rng.random() < bad
            for at, (step, value) in enumerate(zip(steps.tolist(), curve.tolist(), strict=True)):
                last = ended and at == len(steps) - 1
                rows.append((
                    f"c{cell}", run, step, "inf" if last else value,
                    "" if rng.random() < gaps else value * 1.5,
                ))  # fmt: skip
    return write_rows(folder / f"{seed}.csv", rows, ("cell", "run", "step", "train_loss",
                                                     "test_loss"))  # fmt: skip


def read_both_ways(path):
    """The curves of a file in one shared table, and at each run's own steps."""
    shared, own = np.inf, 0
    with patch.object(layout, "_WIDER", shared):
        one = read_curves(path)
    with patch.object(layout, "_WIDER", own):
        return one, read_curves(path)


@settings(max_examples=8, deadline=None)
@given(
    runs=st.integers(1, 14), longest=st.integers(1, 12), seed=st.integers(0, 999),
    cells=st.sampled_from([1, 2, 2, 9]), gaps=st.sampled_from([0.0, 0.2]),
    bad=st.sampled_from([0.0, 0.1]), copies=st.booleans(),
)  # fmt: skip
@example(runs=20, longest=30, seed=3, cells=9, gaps=0.0, bad=0.0, copies=False)
@example(runs=20, longest=30, seed=0, cells=9, gaps=0.0, bad=0.1, copies=False)
@example(runs=20, longest=8, seed=1, cells=9, gaps=0.2, bad=0.0, copies=True)
@example(runs=140, longest=12, seed=2, cells=1, gaps=0.0, bad=0.0, copies=False)
def test_own_steps_decide_the_same_to_the_last_bit(
    tmp_path_factory, runs, longest, seed, cells, gaps, bad, copies
):
    path = file_of(
        tmp_path_factory.mktemp("own"), runs, longest, seed,
        cells=cells, gaps=gaps, bad=bad, copies=copies,
    )  # fmt: skip
    numbers = CellNumbers({"h": 0.3 / longest, "epsilon": 0.05})
    both = []
    for curves in read_both_ways(path):
        for cell in curves.values():
            assert cell.steps.ndim == (1 if not both else 2)
        if any(len(cell.seeds) < 2 for cell in curves.values()) and cells == 1:
            return  # a single run cannot be split
        both.append(verify(curves_plan(STAGED, curves, numbers)))
    shared, own = both
    assert all(verdict.status is not Status.ERROR for verdict in own.verdicts)
    assert repr(shared.verdicts) == repr(own.verdicts)
    assert repr(document(shared)) == repr(document(own))
    (one,), (other,) = shared.studies, own.studies
    assert repr(one.constants) == repr(other.constants)
    for dense, ragged in zip(one.results, other.results, strict=True):
        np.testing.assert_equal(dict(dense.events), dict(ragged.events))
        np.testing.assert_equal(dict(dense.ends), dict(ragged.ends))
        np.testing.assert_equal(dict(dense.logged), dict(ragged.logged))
        for bound in STAGED.bounds:
            if bound.quantity not in dense.trajectory.quantities:
                continue  # a cell whose fields are all empty
            margins = [
                bound_margin(study, result, bound.name)
                for study, result in ((one, dense), (other, ragged))
                if all(str(c) in one.constants for c in bound.constants)
            ]
            if margins:
                for row, again in zip(*margins, strict=True):
                    np.testing.assert_array_equal(row[~np.isnan(row)], again[~np.isnan(again)])
            tables = [measure(one, dense, bound), measure(other, ragged, bound)]
            steps = set(np.unique(ragged.trajectory.steps).tolist())
            rows = [[row for row in t if row.get("step", 0) in steps] for t in tables]
            kinds = ("median", "bound", "event")
            rows = [[row for row in each if row["kind"] in kinds] for each in rows]
            assert rows[0] == rows[1]


@settings(max_examples=60, deadline=None)
@given(
    runs=st.integers(1, 9), steps=st.integers(1, 12), share=st.sampled_from([0.1, 0.5, 0.9]),
    gaps=st.floats(0, 1), seed=st.integers(0, 99),
)  # fmt: skip
def test_quantiles_at_own_steps_are_those_of_the_shared_table(runs, steps, share, gaps, seed):
    rng = np.random.default_rng(seed)
    values, every = rng.lognormal(0, 3, (runs, steps)), np.arange(steps) * 1.5
    values[rng.random((runs, steps)) < gaps] = np.nan
    (found,), counts = quantiles_by_step(every, np.tile(every, (runs, 1)), values, [share])
    np.testing.assert_array_equal(found, quantile(values, share))
    np.testing.assert_array_equal(counts, np.isfinite(values).sum(axis=0))


@pytest.mark.parametrize(("runs", "length"), [(1000, 100), (16, 5000)])
def test_memory_is_in_proportion_to_the_numbers(tmp_path, runs, length):
    rng = np.random.default_rng(0)
    rows = [
        ("a", run, step, float(start * np.exp(-1e-6 * step)))
        for run, start in enumerate(rng.uniform(0.9, 1.1, runs))
        for step in np.sort(rng.choice(10_000_000, length, replace=False)).tolist()
    ]
    path = write_rows(tmp_path / "c.csv", rows)
    (curves,) = read_curves(path).values()
    assert curves.steps.shape == curves["train_loss"].shape == (runs, length + 1)
    numbers = CellNumbers({"h": 1e-6})
    tracemalloc.start()
    try:
        verification = verify(curves_plan(THEOREM, {"a": curves}, numbers))
        (study,) = verification.studies
        table = measure(study, study.results[1], THEOREM.bounds[0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    numbers_read = runs * length
    assert peak < 2000 * numbers_read  # of (1000, 100) one shared table alone takes 8000 a number
    medians = table.select(kind="median")
    assert len(medians) <= numbers_read / 2 + 1
    assert np.nansum(medians.column("runs")) == numbers_read / 2


def test_runs_that_share_most_steps_share_a_table(tmp_path):
    rows = [("a", run, step, 0.5) for run in range(8) for step in (*range(50), 100 + run)]
    (curves,) = read_curves(write_rows(tmp_path / "c.csv", rows)).values()
    assert curves.steps.tolist() == [*range(50), *range(100, 108)]


def test_a_run_without_numbers_is_kept(tmp_path):
    rows = [("a", run, step, 0.5) for run in range(6) for step in (10 * run, 10 * run + 1)]
    (curves,) = read_curves(write_rows(tmp_path / "c.csv", [*rows, ("a", 6, 7, "")])).values()
    assert curves.steps.shape == (7, 3)
    assert np.isnan(curves["train_loss"][6]).all()
    assert not curves.diverged.any()


OWN = np.array([[0.0, 5.0], [3.0, 5.0], [5.0, 5.0]])
LOSS = np.array([[0.5, 0.4], [0.5, np.nan], [0.5, np.nan]])


def test_own_steps_are_taken_in_python_too():
    curves = Measured(OWN, np.arange(3), {"train_loss": LOSS}, np.zeros(3, bool))
    rows = curves.rows(np.array([False, True, True]))
    np.testing.assert_array_equal(rows.steps, OWN[1:])
    np.testing.assert_array_equal(steps_by_run(rows), OWN[1:])
    verify(curves_plan(THEOREM, {"a": curves}, NUMBERS))


@pytest.mark.parametrize(
    ("steps", "loss", "says"),
    [
        ([[0, 5], [5, 3], [5, 5]], LOSS, "in order"),
        ([[0, 0, 5], [0, 3, 5], [0, 4, 5]], np.full((3, 3), 0.5), "in order"),
        (OWN, np.full((3, 2), 0.5), "repeated"),
        (OWN[:2], LOSS, "2 rows; 3 runs"),
        (OWN, -LOSS, "run 0, step 0: train_loss"),
        (OWN, LOSS[:, :1], r"\(3, 1\)"),
        (np.zeros((3, 2, 2)), LOSS, "in order"),
        (5.0, LOSS, "in order"),
    ],
)
def test_wrong_own_steps_are_refused(steps, loss, says):
    with pytest.raises(CompareError, match=says):
        Measured(np.array(steps), np.arange(3), {"train_loss": loss}, np.zeros(3, bool))
