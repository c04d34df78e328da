"""``bofcheck claims``: list, explain, decide; and ``bofcheck diff`` on what that writes."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bofcheck.compare.papers.zhang2025.designs import Design
from bofcheck.compare.papers.zhang2025.ledger import all_claims
from bofcheck.simulate import open_store

Command = Callable[..., tuple[int, str, str]]
PLANS = importlib.import_module("bofcheck.compare.papers.zhang2025.plans")


@pytest.fixture
def tiny(preset: Design, monkeypatch: pytest.MonkeyPatch) -> Design:
    """Every preset's cells are the tiny ones."""
    monkeypatch.setattr(PLANS, "get_design", lambda name: preset)
    return preset


def test_the_list_has_every_claim(bofcheck: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = bofcheck("claims")
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.splitlines()) <= 80
    first = [line.split()[0] for line in out.splitlines()[3:] if line[1:2].isalpha()]
    assert first == list(all_claims())
    code, out, _ = bofcheck("claims", "--json")
    rows = json.loads(out)["claims"]
    assert code == 0
    assert [row["id"] for row in rows] == list(all_claims())
    assert rows[-2]["decided_on"] == "both regimes, cells of its own"
    assert set(rows[0]) == {"id", "statement", "provenance", "seen", "source", "decided_on"}


def test_an_explanation_says_formula_rule_and_that_nothing_was_decided(bofcheck: Command) -> None:
    code, out, err = bofcheck("claims", "b2", "e13")
    assert (code, err) == (0, "")
    assert "B2: From T1 to T2" in out
    assert "C2*exp(-eta*k2*mu**2*w**2*(-T1 + t)) + p" in out
    assert "RECONSTRUCTED" in out
    assert "Runs are counted" in out
    assert "E13a:" in out
    assert "E13b:" in out
    assert out.count("none in results/paper-quick") == 3
    assert "On the same runs: E13b, test_loss decreases" in out
    code, out, _ = bofcheck("claims", "B2", "--json")
    (one,) = json.loads(out)["claims"]
    assert code == 0
    assert one["formulas"][0]["latex"].startswith("\\mathrm{test\\ error} \\le")
    assert one["last"] == []


def test_deciding_trains_keeps_and_shows(tiny: Design, bofcheck: Command, tmp_path: Path) -> None:
    code, out, err = bofcheck("claims", "--run", "B8", "A3", "--seeds", 4, "--out", "r")
    assert code == 0, err
    assert "B8" in out
    assert "Theorem 4.3" in out  # A3 speaks of both
    assert "stated by the paper: of 1 sentence 1 is undecided" in out
    assert "checks of this study: of 1 sentence" in out
    assert not (tmp_path / "r" / "report.json").exists()  # the ledger was not decided as a whole
    kept = json.loads((tmp_path / "r" / "claims" / "A3.json").read_text())
    assert [one["regime"] for one in kept["claims"]] == ["benign", "harmful"]
    assert open_store("r").names() == sorted(c.name for g in tiny.cells.values() for c in g)
    code, out, _ = bofcheck("claims", "B8", "--out", "r")
    assert "INCONCLUSIVE (benign, outside Assumption 4.1)" in out
    assert "runs without one would decide it" in out
    assert "upper 95% bound of the fraction of runs" in out
    # from the store, to the last byte
    args = ["claims", "--run", "B8", "--seeds", 4, "--out", "r", "--json"]
    code, first, err = bofcheck(*args)
    assert (code, err) == (0, "")
    assert bofcheck(*args) == (0, first, "")
    document = json.loads(first)
    assert [one["id"] for one in document["claims"]] == ["B8"]
    assert document["provenance"]["settings"] == {
        "command": "claims", "preset": "quick", "seeds": 4, "claims": ["B8"],
    }  # fmt: skip


def test_a_violated_claim_is_exit_code_1(bofcheck: Command) -> None:
    code, out, _ = bofcheck("claims", "--run", "H7", "--out", "r")
    assert code == 1
    assert "VIOLATED" in out
    code, out, _ = bofcheck("claims", "H7", "--out", "r")
    assert code == 0
    assert "VIOLATED (harmful): by algebra" in out


def test_the_whole_ledger_leaves_a_report(
    tiny: Design, bofcheck: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {name: all_claims()[name] for name in ("A1", "B1", "H1", "H7")}
    monkeypatch.setattr(PLANS, "all_claims", lambda: few)
    monkeypatch.setattr("bofcheck.compare.papers.zhang2025.ledger.all_claims", lambda: few)
    code, _, err = bofcheck("claims", "--run", "--seeds", 4, "--out", "r")
    assert code == 1, err
    report = json.loads((tmp_path / "r" / "report.json").read_text())
    assert [one["id"] for one in report["claims"]] == ["A1", "B1", "A1", "H1", "H7"]
    assert {one["regime"] for one in report["leave_one_out"]} == {"benign", "harmful"}

    assert bofcheck("diff", "r", tmp_path / "r" / "report.json") == (0, "no difference\n", "")
    report["claims"][1] |= {"verdict": "VIOLATED", "statistic": 0.5}
    report["cells"] = report["cells"][1:]
    report["cells"][0]["problem"]["dim"] = 7
    report["constants"][0]["constants"][0]["fitted"] *= 1.001
    report["provenance"] |= {"python": "2.7", "train_seconds": 1e9}
    Path("other.json").write_text(json.dumps(report))
    code, out, err = bofcheck("diff", "r", "other.json")
    assert (code, err) == (1, "")
    assert "B1 (benign): verdict" in out
    assert "b0 (benign): removed" in out
    assert "problem.dim 1000000 -> 7" in out
    assert "(0.0999%)" in out
    assert "python: was" in out
    assert "train_seconds" not in out
    code, out, _ = bofcheck("diff", "r", "other.json", "--json")
    document = json.loads(out)
    assert (code, document["equal"]) == (1, False)
    assert {one["part"] for one in document["changes"]} == {
        "verdict", "number", "constant", "cell", "provenance",
    }  # fmt: skip
    code, out, err = bofcheck("diff", "r", "other.json", "--tolerance", "nan")
    assert (code, out) == (2, "")
    assert "nan is not a number" in err
    _, out, _ = bofcheck("diff", "r", "other.json", "--tolerance", "0.01", "--json")
    assert "constant" not in {one["part"] for one in json.loads(out)["changes"]}
