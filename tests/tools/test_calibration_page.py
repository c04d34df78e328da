"""The page of error rates is the one its document makes, and the document covers the bench."""

import json
from pathlib import Path

import pytest

import calibration
from bofcheck.compare.calibration import Kind, all_scenarios
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


def test_truths_were_drawn_a_thousand_times(document):
    scenarios = all_scenarios()
    for line in document["scenarios"]:
        scenario = scenarios[line["scenario"]]
        truth = scenario.kind in (Kind.TRUE, Kind.EDGE)
        assert line["replicates"] >= (100 if scenario.sized else 1000 if truth else 200)
        assert sum(line["statuses"].values()) == line["replicates"]


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
    assert asked == [(7, {"seed": 3, "workers": 1})]
    assert json.loads(there.read_text()) == document
    with pytest.raises(SystemExit):
        calibration.main(["--replicates", "0"])
    assert "must be at least 1" in capsys.readouterr().err
