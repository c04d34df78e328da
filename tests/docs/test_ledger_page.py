"""The page of the ledger has every claim once, as the ledger and the pins have it."""

import re
import sys
from pathlib import Path

import pytest

from bofcheck.compare import all_claims

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")


def rows():
    lines = [line for line in TEXT.splitlines() if re.match(r"\| [A-Z]\d", line)]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]


@pytest.fixture
def page():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import ledger_page
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return ledger_page


def test_the_committed_page_is_up_to_date(page, tmp_path):
    assert page.main(["--out", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == TEXT, "make pages"


def test_every_claim_is_on_it_once():
    assert [row[0].strip() for row in rows()] == list(all_claims())


def test_a_row_names_its_file_rule_figures_and_verdict():
    for row in rows():
        name, statement, provenance, file, rule, _, _, verdict = (cell.strip() for cell in row)
        assert statement
        assert provenance.split(" ")[0].rstrip(":").isupper()
        assert (ROOT / file.strip("`")).is_file()
        assert rule.endswith("."), name
        assert len(rule) > 20, name
        assert verdict.split(" ")[0].isupper(), name


def test_the_figures_of_a_claim_are_named():
    (row,) = (row for row in rows() if row[0].strip() == "M1")
    assert row[6].strip() == "attention, fig1"
