"""Figures from rows, the page from the JSON, and the committed page from the committed JSON."""

import json

import pytest

from contenders.dgemm import SIZE
from figures import compare_targets, dgemm_rate, group_figures, limit_fraction, ratio
from harness.cell import Cell
from harness.rounds import summary
from tables import NUMBERS, TABLE, main, render


def row(key, seconds, cell, **changes):
    memory = {"peak_bytes": 3e8, "import_bytes": 2e8, "device_peak_bytes": 0}
    contender = key.partition("@")[0]
    return {
        "key": key, "contender": contender, "label": f"label of {contender}", "device": "cpu",
        "cell": vars(cell), "outcome": "measured", "runs": 1, "threads": 1,
        "by_threads": {"1": seconds}, "bytes_needed": 5e6, **memory,
        **summary([seconds] * 5), **changes,
    }  # fmt: skip


def document():
    home, wide = Cell(20, 512), Cell(20, 10**6)
    product = 2 * SIZE**3 / 100e9  # 100 GFLOP/s
    yardstick = row("dgemm-numpy@cpu", product, home)
    limit = home.flops / 100e9
    groups = [
        {"name": "N=20 d=512", "rows": [
            row("loop-float32@cpu", 2000 * limit, home, by_threads={"1": 3.0, "2": 2.0}, threads=2),
            row("span@cpu", 2 * limit, home), yardstick,
        ]},
        {"name": "N=20 d=1000000", "rows": [
            row("loop-float32@cpu", 1.0, wide, outcome="does not fit", bytes_needed=24e12),
            row("span@cpu", 2 * limit, wide), yardstick,
        ]},
        {"name": "span", "rows": [
            row("d=128", 1e-6, home), row("d=10^6", 1.2e-6, home), row("frozen", 1e-6, home),
            row("trained", 1.25e-6, home), row("look", 50e-6, home), row("test", 40e-6, home),
            yardstick,
        ]},
    ]  # fmt: skip
    made = {
        "schema": 1, "date": "2026-01-02T03:04:05+00:00", "quick": False, "devices": ["cpu"],
        "machine": {"model": "Abacus", "cores": 2, "memory_bytes": 16e9, "system": "Wood",
                    "load": 0.1},
        "versions": {"python": "3.99"}, "groups": groups,
        "limits": {"rounds": 5, "memory_bytes": 4e9},
        "compile": {"first": 3.0, "cached": 0.5, "compile": 2.5},
    }  # fmt: skip
    for group in groups:
        group["figures"] = group_figures(made, group["name"])
    made["targets"] = compare_targets(made)
    return made


def test_figures_follow_from_the_rows():
    made = document()
    assert dgemm_rate(made, "N=20 d=512") == pytest.approx(100e9, rel=1e-6, abs=0.0)
    assert limit_fraction(made, "N=20 d=512")["value"] == pytest.approx(0.5, rel=1e-6, abs=0.0)
    over = made["groups"][0]["figures"]["over_span"]
    assert over["loop-float32@cpu"]["value"] == pytest.approx(1000, rel=1e-6, abs=0.0)
    assert made["groups"][1]["figures"]["over_span"] == {"loop-float32@cpu": None}


def test_the_quicker_yardstick_sets_the_rate():
    made = document()
    rows = made["groups"][0]["rows"]
    rows.append(row("dgemm-torch@cpu", rows[-1]["seconds"] / 2, Cell(20, 512)))
    assert dgemm_rate(made, "N=20 d=512") == pytest.approx(200e9, rel=1e-6, abs=0.0)
    assert limit_fraction(made, "N=20 d=512")["value"] == pytest.approx(0.25, rel=1e-6, abs=0.0)


def test_ratios_pair_the_rounds():
    a, b = summary([1.0, 2.0, 3.0, 4.0, 5.0]), summary([1.0, 1.0, 1.0, 2.0, 1.0])
    assert ratio(a, b) == {"value": 3.0, "lowest": 1.0, "highest": 5.0}
    assert ratio(a, None) is None


def test_targets_are_met_missed_or_not_measured():
    verdicts = [(one["goal"], one["met"]) for one in document()["targets"]]
    assert verdicts == [
        (1000.0, True), (0.35, True), (0.5, True), (0.6, None),
        (1.1, False), (1.3, True), (60.0, True), (60.0, True),
    ]  # fmt: skip


def test_nothing_is_judged_on_a_busy_machine():
    made = document()
    assert "Provisional" not in render(made)
    made["machine"]["load"] = 1.5
    page = render(made)
    assert "**Provisional" in page
    assert page.count("| not judged |") == 7
    assert "met |" not in page
    assert "missed |" not in page
    assert page.count("| not measured |") == 1


def test_the_page_shows_every_outcome():
    made = document()
    loop = made["groups"][0]["rows"][0]
    page = render(made)
    assert "| label of loop-float32 | 1.7 ms (1,000×), 2 threads | does not fit (24 TB) |" in page
    assert "| span's share of the flop limit | 50% | 50% |" in page
    assert "| dgemm | 100 GFLOP/s | 100 GFLOP/s |" in page
    assert "No GPU on this machine" in page
    assert "Abacus, 2 cores" in page
    assert "| ≤ 1.1 | 1.2 | 1.2 … 1.2 | missed |" in page
    loop.update(outcome="not run", probed_seconds=4.0, runs=16)
    assert "| not run: 4 s a step of 16 runs |" in render(made)
    loop.update(outcome="failed", why="it fell over")
    assert "failed: it fell over" in render(made)
    made["devices"] = ["cpu", "cuda"]
    loop.update(outcome="measured", device="cuda")
    assert "No GPU on this machine" not in render(made)
    assert "label of loop-float32, cuda" in render(made)


def test_the_committed_page_is_what_the_committed_numbers_give(tmp_path):
    assert main([str(NUMBERS), "--out", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == TABLE.read_text(encoding="utf-8")


def test_the_committed_figures_follow_from_the_committed_rows():
    numbers = json.loads(NUMBERS.read_text(encoding="utf-8"))
    assert numbers["schema"] == 1
    assert numbers["targets"] == json.loads(json.dumps(compare_targets(numbers)))
    for group in numbers["groups"]:
        assert group["figures"] == json.loads(json.dumps(group_figures(numbers, group["name"])))
        for one in group["rows"]:
            if one["outcome"] == "measured":
                assert len(one["samples"]) >= 5
                assert one["seconds"] == summary(one["samples"])["seconds"]
