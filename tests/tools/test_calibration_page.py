"""The page of error rates is the one its document makes, and the document covers the bench."""

import json
from collections import Counter
from pathlib import Path

import pytest

import calibration
from bofcheck.compare.calibration import Kind, all_scenarios
from bofcheck.compare.calibration.laws import LAWS
from bofcheck.compare.calibration.operating_characteristics import PARTS
from bofcheck.compare.calibration.wrong_powers import settings
from calibration_table import calibration_page

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "tools" / "calibration.json"


@pytest.fixture(scope="module")
def document():
    return json.loads(DOCUMENT.read_text())


def test_the_page_is_made_from_the_document(document):
    assert (ROOT / "docs" / "calibration.md").read_text() == calibration_page(document)


def test_the_document_covers_every_scenario_and_claim(document):
    lines = {(line["scenario"], line["claim"]) for line in document["scenarios"]}
    assert lines == {(one.name, claim) for one in all_scenarios().values() for claim in one.claims}


#: Scenarios that were measured again, on fewer studies, when a rule of theirs changed.
AGAIN = {"benign-bounds", "harmful-bounds", "powers-bounds", "times-paper", "powers-paper"}


def test_truths_were_drawn_a_thousand_times(document):
    scenarios = all_scenarios()
    for line in document["scenarios"]:
        scenario = scenarios[line["scenario"]]
        truth = scenario.kind in (Kind.TRUE, Kind.EDGE)
        few = scenario.name in AGAIN or scenario.name.startswith("powers-off-")
        wanted = 8 if few else 100 if scenario.sized else 1000 if truth else 200
        assert line["replicates"] >= wanted, line["scenario"]
        assert sum(line["statuses"].values()) == line["replicates"]


def test_wrong_powers_are_measured_at_every_size_range_and_scatter(document):
    drawn = {
        (line["law"], line["fold"], line["scatter"], line["design"])
        for line in document["wrong_powers"]
    }
    wanted = {(s.law, s.fold, s.scatter, s.design) for s, _ in settings()}
    assert drawn == wanted
    sizes = {one["size"] for line in document["wrong_powers"] for one in line["rejected"]}
    assert sizes == {"0.25", "0.5", "1", "left out"}


def counted(lines, size):
    rejected = [one for line in lines for one in line["rejected"] if one["size"] == size]
    return sum(one["rejected"] for one in rejected) / sum(one["tried"] for one in rejected)


def test_what_was_asked_of_bounds_is_met(document):
    """Over a tenfold range and the usual scatter, and true bounds everywhere."""
    lines = document["wrong_powers"]
    usual = [x for x in lines if (x["fold"], x["scatter"], x["design"]) == (10, 1, "grid")]
    assert counted(usual, "0.5") >= 0.95
    assert counted(usual, "0.25") >= 0.8
    for law in LAWS:
        statuses = Counter()
        for line in lines:
            statuses.update(line["statuses"] if line["law"] == law else {})
        wrong = sum(statuses[name] for name in ("VIOLATED", "ERODES", "ERROR"))
        assert wrong <= 0.05 * (statuses.total() - statuses["WEAK"]), law
    for line in lines:
        for name in line["untold"]:
            said = {text for text in line["words"] if text.startswith(f"{name}: ")}
            assert said == {f"{name}: untested"}, line


def test_some_parts_are_measured_again_and_the_rest_stays(document):
    line = document["scenarios"][0] | {"rate": 0.5}
    now = {"scenarios": [line], "constants": [], "replicates": 7}
    made = calibration.updated(document, now)
    assert made["scenarios"] == [line, *document["scenarios"][1:]]
    assert made["constants"] == []
    assert made["replicates"] == document["replicates"]


def test_rates_follow_from_the_counts(document):
    for line in document["scenarios"]:
        assert 0 <= line["low"] <= line["rate"] <= line["high"] <= 1
        counted = line["statuses"]
        if line["counted"] == "rejections":
            hits = sum(counted.get(name, 0) for name in ("VIOLATED", "OUT_OF_SCOPE", "ERROR"))
            assert line["rate"] == hits / line["replicates"]


def test_a_table_is_printed_without_measuring(capsys, document, monkeypatch):
    monkeypatch.setattr(calibration, "calibrate", lambda *a, **k: pytest.fail("measured"))
    assert calibration.main(["--table", str(DOCUMENT)]) == 0
    assert capsys.readouterr().out == calibration_page(document)


def test_arguments_reach_the_measurement(tmp_path, capsys, document, monkeypatch):
    asked = []

    def measured(replicates, **options):
        asked.append((replicates, options))
        return document

    monkeypatch.setattr(calibration, "calibrate", measured)
    there = tmp_path / "made.json"
    assert calibration.main(["--replicates", "7", "--seed", "3", "--json", str(there)]) == 0
    assert asked == [(7, {"seed": 3, "workers": 1, "parts": list(PARTS), "named": []})]
    assert json.loads(there.read_text()) == document
    again = ["--only", "constants", "broken-floor", "--json", str(there)]
    assert calibration.main(again) == 0
    assert asked[1][1]["parts"] == ["constants", "scenarios"]
    assert asked[1][1]["named"] == ["broken-floor"]
    for wrong, why in ((["--replicates", "0"], "at least 1"), (["--only", "x"], "neither a part")):
        with pytest.raises(SystemExit):
            calibration.main(wrong)
        assert why in capsys.readouterr().err
