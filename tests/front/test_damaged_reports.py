"""Reports somebody edited: `bofcheck report` and `bofcheck diff` name what is wrong, code 2."""

import json
import shutil

import pytest

from bofcheck.compare.report.diff import diff_reports


def put(*path):
    """Put the last of the path where the rest leads."""
    *where, last, value = path

    def change(document):
        part = document
        for one in where:
            part = part[one]
        part[last] = value

    return change


def deep(depth):
    tree = {}
    for _ in range(depth):
        tree = {"a": tree}
    return tree


CLAIM, CONSTANT = ("claims", 0), ("constants", 0, "constants", 0)
FLIP = ("cells", 0, "problem", "flip_prob")
EDITS = {
    "a number that is null": ("at cells.0.problem.flip_prob", put(*FLIP, None)),
    "a number that is text": ("ValueError", put(*FLIP, "x")),
    "a huge integer": ("too large", put(*CLAIM, "evidence", "runs", 10**400)),
    "a huge setting": ("too large", put("provenance", "settings", "seeds", 10**400)),
    "one limit": ("at constants.0.constants.0.limits", put(*CONSTANT, "limits", [1.0])),
    "no title": ("title", put("provenance", "settings", {"theorem": "x"})),
    "half a character": ("whole characters", put(*CLAIM, "reason", "\ud800")),
    "another scope": ("'up' should be 'inside', 'outside'", put(*CLAIM, "scope", "up")),
    "another provenance": ("'up' should be 'STATED', 'RECON", put(*CLAIM, "provenance", "up")),
    "a formula's": ("formulas.0.prov", put("claims", 1, "formulas", 0, "provenance", "up")),
    "another relation": ("'@' should be '<=' or '>='", put(*CLAIM, "relation", "@")),
    "no file name": ("null byte", put("figures", 0, "files", ["a\0.png"])),
    "900 deep": ("RecursionError", put(*CLAIM, "evidence", "x", deep(900))),
    "no number": ("finite numbers", put(*CLAIM, "statistic", float("nan"))),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, results):
    return shutil.copytree(results, tmp_path / "r")


def edit(folder, change):
    path = folder / "report.json"
    document = json.loads(path.read_text("utf-8"))
    change(document)
    path.write_text(json.dumps(document), "utf-8")


@pytest.mark.parametrize(("words", "change"), EDITS.values(), ids=EDITS)
def test_an_edited_report_makes_no_page_and_is_named(folder, bofcheck, words, change):
    edit(folder, change)
    code, out, err = bofcheck("report", folder)
    assert (code, out) == (2, "")
    assert err.startswith(f"bofcheck: error: {folder / 'report.json'}: is ")
    assert words in err
    assert err.endswith("; rerun the command that wrote it\n")
    assert err.count("\n") == 1
    assert not (folder / "report.html").exists()


COMPARED = {
    "no problem": ("at cells.0.problem", put("cells", 0, "problem", None)),
    "no verdict": ("at claims.0.verdict: 'up' should be 'HOLDS'", put(*CLAIM, "verdict", "up")),
    "a tightness in words": ("at claims.0.tightness", put(*CLAIM, "tightness", "much")),
    "half a character": ("whole characters", put(*CLAIM, "reason", "\ud800")),
    "a claim twice": (
        "claim B0 (benign) appears 2 times",
        lambda document: document["claims"].append(document["claims"][0]),
    ),
    "a constant twice": (
        "appears 2 times",
        lambda document: document["constants"].append(document["constants"][0]),
    ),
}


@pytest.mark.parametrize(("words", "change"), COMPARED.values(), ids=COMPARED)
def test_an_edited_report_is_not_compared(tmp_path, folder, bofcheck, words, change):
    other = shutil.copytree(folder, tmp_path / "other")
    edit(folder, change)
    for pair in ((folder, other), (other, folder)):
        code, out, err = bofcheck("diff", *pair)
        assert (code, out) == (2, "")
        assert err.startswith(f"bofcheck: error: {folder / 'report.json'}: is ")
        assert words in err


def test_what_no_shape_foresees_is_damage_too(folder, bofcheck, monkeypatch):
    def fails(*args, **rest):
        raise KeyError("surprise")

    monkeypatch.setattr("bofcheck.compare.report.diff.diff_reports", fails)
    code, _, err = bofcheck("diff", folder, folder)
    assert code == 2
    assert "report.json: is damaged: KeyError: 'surprise'; rerun the command" in err


def test_why_a_constant_was_not_fitted_is_compared(tmp_path, folder, bofcheck):
    other = shutil.copytree(folder, tmp_path / "other")
    assert bofcheck("diff", folder, other)[0] == 0
    edit(folder, put("constants", 0, "failures", {"C9": "no run got there"}))
    code, out, _ = bofcheck("diff", folder, other)
    assert code == 1
    assert "constants that differ (1)" in out
    assert "C9 (benign): not fitted: no run got there -> nothing" in out


def test_cells_of_two_studies_may_be_there_twice(folder, bofcheck):
    edit(folder, lambda document: document["cells"].append(document["cells"][0]))
    assert bofcheck("report", folder)[0] == 0
    assert bofcheck("diff", folder, folder)[0] == 0


def test_numbers_of_any_size_are_compared():
    claim = {"id": "B", "regime": "", "verdict": "HOLDS", "statistic": 1.5e308}
    other = {**claim, "statistic": -1.5e308}
    (change,) = diff_reports({"claims": [claim]}, {"claims": [other]}).changes
    assert change.relative == 2
