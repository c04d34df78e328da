"""The GPU benchmark, as far as it runs without a GPU: its parts, its verdict and its tables."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gpu
import gpu_table
from card import limits, steps

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture
def measured():
    return json.loads(gpu_table.NUMBERS.read_text(encoding="utf-8"))


def test_the_page_is_made_from_the_file(measured):
    assert gpu_table.TABLE.read_text(encoding="utf-8") == gpu_table.render(measured)


def test_what_was_measured_passes(measured):
    passed, line = gpu.verdict(measured)
    assert passed, line
    assert measured["card"]["name"] in line


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda d: d["tests"].update(failed=1), "failed"),
        (lambda d: d["tests"].update(passed=0), "tests"),
        (lambda d: d["deviations"].update(span=2e-10), "span deviates"),
        (lambda d: d["deviations"].update(direct=float("nan")), "direct deviates"),
        (lambda d: d["deviations"].update(direct="ValueError: no"), "direct: ValueError"),
        (lambda d: d["span"][3].update(finite=False), "diverges"),
        (lambda d: d["failed"].update(heat_map="OSError: full"), "heat_map: OSError"),
    ],
)
def test_a_fault_fails_and_is_named(measured, change, word):
    change(measured)
    passed, line = gpu.verdict(measured)
    assert not passed
    assert word in line


@pytest.mark.parametrize("part", ["limits", "span", "heat_map", "tests", "deviations"])
def test_tables_go_without_a_part(measured, part):
    if part == "limits":
        del measured["span"]
    del measured[part]
    assert gpu_table.render(measured)


def test_small_parts_on_the_cpu():
    family = steps.family_steps("cpu", runs=2, steps=2)
    assert family["finite"]
    assert family["step_per_run"] == pytest.approx(family["step"] / 2, abs=0)
    assert steps.direct_steps("cpu", dim=16, steps=1) > 0
    assert limits.describe_card("cpu")["name"] == "cpu"


def test_unknown_parts_are_named(capsys):
    with pytest.raises(SystemExit, match="2"):
        gpu.main(["--only", "spam"])
    assert "spam" in capsys.readouterr().err


def test_the_span_part_runs_in_the_simulator(tmp_path):
    results = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, HERE / "simulated_gpu.py", results],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(ROOT / "benchmarks")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(results.read_text())
    assert len(found["rows"]) == 4  # two precisions, each with sums on chip and without
    assert all(row["finite"] and row["seconds"] > 0 for row in found["rows"])
    assert "row_stack" in found["error"]
    assert "NumPy below 2.5" in found["error"]
