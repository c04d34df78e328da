"""Every number that decides is in compare/thresholds.py, on its page, and moves with an entry."""

import ast
import dataclasses
import itertools
import json
import re
import sys
from pathlib import Path

import pytest

from bofcheck.compare.thresholds import Threshold, thresholds

ROOT = Path(__file__).parents[2]
PINS = json.loads((ROOT / "tests" / "pins" / "thresholds.json").read_text(encoding="utf-8"))
CHANGED = (ROOT / "docs" / "changed-rules.md").read_text(encoding="utf-8")
RECORDS = thresholds()
#: Where a number of a module's own would decide.
ROOMS = ("checks", "fitting", "statistics", "papers/zhang2025/ledger")
#: Module-level numbers that decide nothing, and why.
ALLOWED = {
    "checks/beside_limit:_REACHED": "a power that is only said, beside the verdict",
    "checks/exponents:SHOWN": "powers named in a reason; the evidence has all",
    "checks/exponents:_BOUNDS": "numbers of stages, as keys",
    "checks/limit_boundary:_GROUPS": "groups of a jackknife",
    "checks/limit_sizes:LAW": "the power that the claim states",
    "checks/power_rows:PLACES": "numbers of stages, as keys; the shares are thresholds",
    "checks/power_rows:EVENTS": "numbers of stages, as keys",
    "checks/power_rows:VARIES": "rounding of logarithms",
    "checks/reruns:MOST_STEPS": "training of runs that are taken again",
    "checks/separation:ROUNDING": "rounding of a rung's level",
    "fitting/additive:_LARGE": "range of a linear programme",
    "fitting/additive:_ROUNDS": "linear programmes, one after the other",
    "fitting/additive:_SETTLED": "change at which they stop",
    "fitting/free_power:_SAME": "rounding of a factor's logarithm",
    "fitting/free_power:_TOLD_APART": "rounding of singular values",
    "fitting/spread:GROUPS": "rows that are averages of runs",
    "fitting/spread:POINTS": "rows of a run",
    "papers/zhang2025/ledger/_predicted_harm:_CELLS": "cells of which the limit's part is said",
    "papers/zhang2025/ledger/assumptions:CHOSEN_HERE": "numbers of items, as keys",
    "papers/zhang2025/ledger/concentration:LEVELS": "excesses at which a tail is measured",
    "papers/zhang2025/ledger/final_loss:RATES": "ranges of learning rates that are tried",
    "papers/zhang2025/ledger/final_loss:STEPS": "the step the paper's sentence names",
    "papers/zhang2025/ledger/harmful_loss:DIGITS": "digits of an exact difference",
    "papers/zhang2025/ledger/identities:EVENT_STEPS": "training of small problems",
    "papers/zhang2025/ledger/identities:FLIP_PROBS": "design of small problems",
    "papers/zhang2025/ledger/identities:LOSS_STEPS": "training of small problems",
    "papers/zhang2025/ledger/map_boundary:FLIP_PROB": "the map the paper shows first",
    "papers/zhang2025/ledger/map_boundary:NOISE_STD": "the noise of the maps that are compared",
    "statistics/exact_tests:MANY_DEGREES": "from where one formula is closer than another",
    "statistics/normality:LARGEST": "values for which p-values are known",
    "statistics/normality:SMALLEST": "values for which p-values are known",
    "statistics/logistic:_FREE": "keeps a linear system regular",
    "statistics/logistic:_STEPS": "Newton steps",
    "statistics/logistic:_HALVINGS": "halvings of a step",
    "statistics/logistic:_ENOUGH": "gain at which Newton's method stops",
    "statistics/powers:RANK_TOLERANCE": "rounding of singular values",
    "statistics/powers:_LEVERAGE_TOLERANCE": "rounding of a leverage",
    "statistics/powers:_SPAN_TOLERANCE": "rounding of singular values",
}


@pytest.fixture
def page():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import thresholds_page
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return thresholds_page


def unexplained(records, pins, changed, text):
    """Thresholds that moved without a row of the changed rules, in words."""
    for name in pins.keys() - records.keys():
        yield f"{name}: pinned, and no longer there"
    for name, record in records.items():
        value = list(record.value) if isinstance(record.value, tuple) else record.value
        if name not in pins:
            yield f"{name}: pin its value, {record.value}, in tests/pins/thresholds.json"
        moves = [*record.before, (None, record.value)]
        rows = [(day, old, new) for (day, old), (_, new) in itertools.pairwise(moves)]
        for day, old, new in rows:
            row = f"| `{name}` | {day} | {text(old)} | {text(new)} |"
            if row not in changed:
                yield f"{name}: docs/changed-rules.md lacks the row {row}"
        if name in pins and pins[name] != value:
            pin = tuple(pins[name]) if isinstance(pins[name], list) else pins[name]
            if not rows or rows[-1][1] != pin:
                yield f"{name}: moved from {pins[name]} to {value}, and `before` does not say so"


def test_no_threshold_moves_without_its_row(page):
    assert not list(unexplained(RECORDS, PINS, CHANGED, page.value_text))


def test_a_moved_threshold_is_found(page):
    name = "TOLERATED_FRACTION"
    moved = dataclasses.replace(RECORDS[name], value=0.06)
    (told,) = unexplained({**RECORDS, name: moved}, PINS, CHANGED, page.value_text)
    assert told.startswith(f"{name}: moved from 0.05 to 0.06")
    noted = dataclasses.replace(moved, before=(("2026-12-01", 0.05),))
    (told,) = unexplained({**RECORDS, name: noted}, PINS, CHANGED, page.value_text)
    assert "lacks the row" in told
    row = f"\n| `{name}` | 2026-12-01 | 0.05 | 0.06 | a reason |"
    assert not list(unexplained({**RECORDS, name: noted}, PINS, CHANGED + row, page.value_text))


def test_a_new_threshold_and_a_lost_one_are_found(page):
    more = {**RECORDS, "NEW": Threshold("NEW", 1.0, "2026-12-01", "", "new")}
    assert len(list(unexplained(more, PINS, CHANGED, page.value_text))) == 1
    fewer = {name: record for name, record in RECORDS.items() if name != "SLACK_C"}
    assert len(list(unexplained(fewer, PINS, CHANGED, page.value_text))) == 1


def test_every_threshold_has_its_record():
    source = ast.parse((ROOT / "compare" / "thresholds.py").read_text(encoding="utf-8"))
    named = {name for name, _ in numbers(source)}
    assert named == set(RECORDS) == set(PINS)
    for record in RECORDS.values():
        days = [record.fixed_on, *(day for day, _ in record.before)]
        assert days == sorted(days), record.name
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days), record.name
        assert record.meaning, record.name


def test_the_committed_page_is_up_to_date(page, tmp_path):
    assert page.main(["--out", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page.PAGE.read_text(
        encoding="utf-8"
    ), "make pages"


def test_every_threshold_is_used(page):
    used = page.modules_by_name()
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "compare").rglob("*.py")
        if path.name != "thresholds.py"
    )
    for name in RECORDS:
        assert used.get(name), f"{name} is imported nowhere"
        assert len(re.findall(rf"\b{name}\b", source)) > 1, f"{name} is imported and not used"


def numbers(tree):
    """(name, line) of module-level constants in capitals whose value has a number in it."""
    for node in tree.body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else []
        targets = node.targets if isinstance(node, ast.Assign) else targets
        names = [part.id for target in targets for part in ast.walk(target) if hasattr(part, "id")]
        if not names or node.value is None:
            continue
        literals = [part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
        if any(type(literal) in (int, float) for literal in literals):
            yield from ((name, node.lineno) for name in names if name == name.upper())


def own_numbers():
    for room in ROOMS:
        for path in sorted((ROOT / "compare" / room).rglob("*.py")):
            module = path.relative_to(ROOT / "compare").with_suffix("").as_posix()
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from (f"{module}:{name}" for name, _ in numbers(tree) if name != "CLAIMS")


def test_no_module_has_a_deciding_number_of_its_own():
    assert sorted(own_numbers()) == sorted(ALLOWED)


@pytest.mark.parametrize(
    "line",
    [
        "LIMIT = 0.05",
        "LIMIT: float = -1e5",
        "_LOW, HIGH = 1, 2",
        'T: dict[str, float] = {"d": 2.0}',
    ],
)
def test_a_number_of_a_module_is_found(line):
    assert list(numbers(ast.parse(line)))
