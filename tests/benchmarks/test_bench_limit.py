"""The limit's contender takes the steps of a prediction; its committed table is its numbers'."""

import json

import pytest

from bofcheck.simulate import predict
from contenders.limit import FLIP_PROB, Limit
from contenders.span import problem_of
from harness.cell import Cell
from harness.rounds import summary
from limit_steps import NUMBERS, TABLE, main, plan_entries, render


@pytest.mark.parametrize("train_output", [False, True])
def test_the_contender_takes_the_steps_of_a_prediction(train_output):
    cell = Cell(n_samples=6, dim=512, runs=3, train_output=train_output)
    prepared = Limit().prepare(cell, "cpu")
    prepared.step(20)
    prepared.step(20)
    problem = problem_of(cell, "float64").replace(flip_prob=FLIP_PROB)
    wanted = predict(problem, steps=40, draws=3)["v_plus"][:, -1]
    systems = prepared._systems
    assert systems.state[systems.place[:, 0], 0] == pytest.approx(wanted, rel=1e-14, abs=0.0)
    assert prepared.finite()
    assert prepared.runs == 3


def document(load=0.1):
    seconds = {"loop": 4e-3, "span": 4e-6, "limit": 1e-6, "limit, one run": 2e-6,
               "span, w_O trained": 6e-6, "limit, w_O trained": 2e-6}  # fmt: skip
    rows = [
        {"key": entry.key, "outcome": "measured", **summary([seconds[entry.key]] * 5)}
        for entry in plan_entries(20, 16)
    ]
    machine = {"model": "Abacus", "cores": 2, "memory_bytes": 16e9, "load": load}
    return {
        "machine": machine, "date": "2026-01-02T03:04:05+00:00", "rounds": 5,
        "groups": [{"n_samples": 20, "rows": rows}],
    }  # fmt: skip


def test_the_table_has_times_and_ratios():
    page = render(document())
    assert "| loop | 4 ms (4,000×, 4,000 … 4,000) |" in page
    assert "| limit | 1 µs |" in page
    assert "| span, w_O trained | 6 µs (3×, 3 … 3) |" in page
    assert "Provisional" not in page
    assert "Provisional" in render(document(load=1.5))
    lost = document()
    lost["groups"][0]["rows"][2] = {"key": "limit", "outcome": "failed"}
    assert "| limit | failed |" in render(lost)
    assert "| span | 4 µs |" in render(lost)


def test_the_committed_table_is_what_the_committed_numbers_give(tmp_path):
    out = tmp_path / "table.md"
    assert main(["--table", str(NUMBERS), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == TABLE.read_text(encoding="utf-8")
    for group in json.loads(NUMBERS.read_text(encoding="utf-8"))["groups"]:
        assert all(row["outcome"] == "measured" for row in group["rows"])
