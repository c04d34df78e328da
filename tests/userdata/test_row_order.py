"""The order of rows changes nothing, unless a step counter may have begun again."""

import numpy as np
import pytest
from curve_files import command_on, decaying, verdict_on, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.compare import CompareError, Status
from bofcheck.compare.userdata import read_curves
from bofcheck.compare.userdata.order import counter_reset


def same(one, two):
    assert list(one) == list(two)
    for cell in one:
        assert one[cell].seeds.tolist() == two[cell].seeds.tolist()
        np.testing.assert_array_equal(one[cell].steps, two[cell].steps)
        np.testing.assert_array_equal(one[cell]["train_loss"], two[cell]["train_loss"])


def resumed(rows, after=250, to=25):
    """The rows as logged by runs whose counter began again: step 250 is written as 25."""
    return [(c, r, t if t < after else t - after + to, x) for c, r, t, x in rows]


HARMLESS = {
    "backwards": lambda rows: rows[::-1],
    "by step": lambda rows: sorted(rows, key=lambda row: row[2]),
    "by step, backwards": lambda rows: sorted(rows, key=lambda row: -row[2]),
    "by loss": lambda rows: sorted(rows, key=lambda row: row[3]),
    "by run as text": lambda rows: sorted(rows, key=lambda row: str(row[1])),
    "by step as text": lambda rows: sorted(rows, key=lambda row: str(row[2])),
    "even runs first": lambda rows: sorted(rows, key=lambda row: row[1] % 2),
}


@pytest.mark.parametrize("order", HARMLESS.values(), ids=HARMLESS.keys())
@pytest.mark.parametrize("steps", [range(0, 500, 50), range(0, 200, 10)])
def test_orders_that_something_explains_change_nothing(tmp_path, order, steps):
    rows = decaying(runs=12, steps=steps)
    one = read_curves(write_rows(tmp_path / "one.csv", rows))
    same(one, read_curves(write_rows(tmp_path / "two.csv", order(rows))))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), runs=st.integers(30, 80), steps=st.integers(4, 40))
def test_shuffled_rows_change_nothing(tmp_path_factory, seed, runs, steps):
    folder = tmp_path_factory.mktemp("shuffled")
    rows = decaying(runs=runs, steps=range(0, 10 * steps, 10))
    order = np.random.default_rng(seed).permutation(len(rows))
    one = read_curves(write_rows(folder / "one.csv", rows))
    same(one, read_curves(write_rows(folder / "two.csv", [rows[at] for at in order])))


def test_the_verdict_on_shuffled_rows_is_the_same_to_the_last_digit(tmp_path):
    rows = decaying()
    order = np.random.default_rng(0).permutation(len(rows))
    one, _ = verdict_on(write_rows(tmp_path / "c.csv", rows))
    two, _ = verdict_on(write_rows(tmp_path / "c.csv", [rows[at] for at in order]))
    assert one.status is Status.HOLDS
    assert one == two


RESETS = {
    "every run": lambda rows: resumed(rows),
    "runs logged side by side": lambda rows: resumed(sorted(rows, key=lambda row: row[2])),
    "written backwards": lambda rows: resumed(rows)[::-1],
    "one run": lambda rows: [*rows[:-10], *resumed(rows[-10:])],
    "twice": lambda rows: [
        (c, r, t % 150 + t // 150, x) for c, r, t, x in rows
    ],
    "at steps of their own": lambda rows: [
        row for run in range(0, len(rows), 10)
        for row in resumed(rows[run : run + 10], after=50 * (2 + run // 10 % 7))
    ],
    "sparse log": lambda rows: resumed([row for row in rows if row[2] in (0, 150, 300)]),
}  # fmt: skip


@pytest.mark.parametrize("reset", RESETS.values(), ids=RESETS.keys())
@pytest.mark.parametrize("form", ["wide", "long"])
def test_a_counter_that_began_again_is_refused_with_its_line(tmp_path, reset, form):
    rows, header = reset(decaying(runs=12)), ("cell", "run", "step", "train_loss")
    if form == "long":
        rows = [(*row[:3], "train_loss", row[3]) for row in rows]
        header = ("cell", "run", "step", "quantity", "value")
    with pytest.raises(CompareError, match=r"line \d+: cell ., run \d+.*goes back from") as caught:
        read_curves(write_rows(tmp_path / "c.csv", rows, header))
    assert "sort them by step" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_steps_that_come_twice_after_a_resume_are_refused_with_their_line(tmp_path):
    path = write_rows(tmp_path / "c.csv", resumed(decaying(runs=3), to=0))
    with pytest.raises(
        CompareError, match=r"line 7: cell a, run 0, step 0: .*given twice; if the c"
    ):
        read_curves(path)


def test_the_command_refuses_with_code_2(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, err, _ = command_on(write_rows("c.csv", resumed(decaying())), capsys)
    assert code == 2
    assert "c.csv: line 7: cell a, run 0: goes back from step 200 to step 25" in err


def test_a_single_short_run_out_of_order_is_refused_and_a_long_one_in_random_order_is_not():
    value = np.linspace(1, 0, 200)
    group = np.zeros(200, dtype=int)
    shuffled = np.random.default_rng(1).permutation(200).astype(float)
    assert counter_reset(group, shuffled, value) is None
    assert counter_reset(group[:4], np.array([0.0, 2.0, 1.0, 3.0]), value[:4]) is not None
    reset = np.r_[0:100, 0.5:100].astype(float)
    found = counter_reset(group, reset, value)
    assert (found.before, found.after, found.row) == (99.0, 0.5, 100)


def test_quantities_one_after_the_other_are_in_order(tmp_path):
    rows = decaying(runs=5)
    long = [(*row[:3], "train_loss", row[3]) for row in rows]
    long += [(*row[:3], "test_loss", row[3]) for row in rows]
    header = ("cell", "run", "step", "quantity", "value")
    read = read_curves(write_rows(tmp_path / "long.csv", long, header))
    same(read, read_curves(write_rows(tmp_path / "wide.csv", rows)))
    np.testing.assert_array_equal(read["a"]["test_loss"], read["a"]["train_loss"])


def test_the_fit_without_numbers_between_is_unmoved_by_rows_of_other_quantities(tmp_path):
    """Train and test quantities of one step in rows of their own, as loggers write them."""
    rows = [(*row[:3], row[3], "") for row in decaying(runs=5)]
    rows += [(*row[:3], "", row[3]) for row in decaying(runs=5)]
    header = ("cell", "run", "step", "train_loss", "test_loss")
    read = read_curves(write_rows(tmp_path / "c.csv", rows, header))
    same(read, read_curves(write_rows(tmp_path / "d.csv", decaying(runs=5))))
