"""The findings page from reports, and the committed page from the committed JSON."""

import json
from pathlib import Path

from bofcheck.compare.papers.zhang2025.ledger import all_claims
from findings import NUMBERS, PAGE, findings, main, render


def claim(name, verdict, **changes):
    return {
        "id": name, "regime": "benign", "statement": f"statement of {name}", "verdict": verdict,
        "reason": f"seen at {name}", "scope": "outside", "provenance": "STATED", "source": "§6",
        "statistic": 0.5, "statistic_name": "a number", "relation": "<=", "threshold": 0.05,
        "evidence": {"long": list(range(99))}, **changes,
    }  # fmt: skip


def report(*claims, preset="quick"):
    fitted = {"name": "C2", "fitted": 0.3, "widened": 0.6, "bounds": ["B1"], "runs": 64,
              "points": 9, "note": ""}  # fmt: skip
    return {
        "claims": list(claims),
        "constants": [{"regime": "benign", "constants": [fitted], "failures": {}}],
        "provenance": {
            "bofcheck": "0", "python": "3", "platform": "Wood", "versions": {"numpy": "2"},
            "threads": [2], "settings": {"preset": preset}, "train_seconds": 3.0,
        },
    }  # fmt: skip


def test_every_verdict_has_its_section():
    page = render(findings([report(
        claim("B2", "HOLDS", provenance="RECONSTRUCTED"), claim("B4", "VIOLATED"),
        claim("B1", "VACUOUS"), claim("B5", "INCONCLUSIVE", statistic=None),
        claim("H4", "OUT_OF_SCOPE"), claim("X1", "INCONCLUSIVE"), claim("S1", "HOLDS"),
        claim("B3", "ERODES"), claim("H6", "HOLDS", weak=True),
    )]))  # fmt: skip
    sections = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    assert "| B2 |" in sections["What holds"]
    assert "RECONSTRUCTED, §6; a verdict on this reading" in sections["What holds"]
    assert (
        "| B4 | statement of B4 (STATED, §6) | 0.5, wanted <= 0.05 | seen at B4; outside "
        in (sections["What fails"])
    )
    assert "| B1 |" in sections["What says nothing"]
    assert "| B3 |" in sections["What erodes"]
    assert "| H6 |" in sections["What holds in a weak test"]
    assert "| H6 |" not in sections["What holds"]
    assert "| H4 |" in sections["What is not decided here"]
    assert "the event occurs would decide it" in sections["What stays open"]
    assert "narrower limits, would decide it" in sections["What stays open"]
    assert "HOLDS: seen at S1" in sections["Set-up, identities and assumptions"]
    assert "| C2 | 0.3 | 0.6 | B1 | 64 |" in sections["Constants, benign"]
    assert "| Theorem 4.2, benign | B2 |  | B4 | B3 | B1 | B5 |  |" in page
    assert "| Theorem 4.3, harmful |  | H6 |  |  |  |  | H4 |" in page


def test_the_headline_is_by_origin_with_checks_of_this_study_apart():
    page = render(findings([report(
        claim("B8", "HOLDS"), claim("M1", "VIOLATED"),
        claim("B2", "HOLDS", provenance="RECONSTRUCTED", weak=True, scope="both"),
        claim("S1", "HOLDS"), claim("A1", "OUT_OF_SCOPE", provenance="RECONSTRUCTED"),
    )]))  # fmt: skip
    assert [line for line in page.splitlines() if line.startswith("- ")] == [
        "- Stated by the paper: of 2 sentences 1 holds (1 only tested outside the assumptions), "
        "1 is violated.",
        "- Reconstructed, or recalled from its sources: of 1 sentence 1 holds (1 of them a weak "
        "test).",
        "- Checks of this study: of 2 sentences 1 holds (1 only tested outside the assumptions), "
        "1 is out of scope.",
    ]


def test_bounds_are_listed_with_what_their_verdicts_would_have_rejected():
    number = {"word": "sharp", "power": 0.02, "low": -0.1, "high": 0.14, "varied": 31.0, "why": "",
              "reach": [0.0, "inf"], "critical": [0.0, 0.0]}  # fmt: skip
    tried = {"rejected": False, "weaker": False, "by": ""}
    beside = {
        "shape": {"numbers": [{"name": "t", **number}], "cells": 8, "why": ""},
        "wrong_powers": [{"number": "w", "power": -0.5, **tried}],
        "rejected": 0, "tried": 1, "tightest": 0.75, "typical": 2.3,
        "looseness": "at least 2.1× above the data, typically 10×", "extrapolated": {},
        "constants": {"C2": {"b-tight": 0.3}},
    }  # fmt: skip
    document = findings([report(claim("B2", "HOLDS", weak=True, discrimination=beside))])
    assert document["reports"][0]["claims"][0]["discrimination"]["constants"] == {}
    page = render(document)
    assert (
        "| B2 | HOLDS (weak test) | t^0.02 ± 0.12 sharp | 0 of 1 | w^-0.5 | at least 2.1× above "
        "the data, typically 10× |" in page
    )
    assert "How sharp" not in render(findings([report(claim("B2", "HOLDS"))]))


def test_what_the_text_gets_backwards():
    page = render(findings([report(
        claim("E3a", "VIOLATED"), claim("E3b", "OUT_OF_SCOPE"),
        claim("E13a", "VIOLATED"), claim("E13b", "HOLDS"),
    )]))  # fmt: skip
    assert "Backwards, by these runs: E13a." in page
    assert "Neither direction holds throughout: E3." in page
    assert "| E13 | statement of E13a (§6) | VIOLATED | statement of E13b | HOLDS |" in page


def test_presets_that_differ_are_set_side_by_side():
    one = report(claim("B2", "HOLDS"), claim("B3", "HOLDS"))
    other = report(claim("B2", "VIOLATED"), claim("B3", "HOLDS"), preset="theory")
    page = render(findings([one, other]))
    assert "# Preset theory" in page
    last = page.split("# Where presets differ")[1]
    assert "| B2 (benign) | HOLDS | VIOLATED |" in last
    assert "B3" not in last


def test_nothing_but_what_is_shown_is_kept():
    kept = findings([report(claim("B2", "HOLDS"))])["reports"][0]
    assert "evidence" not in kept["claims"][0]
    assert "train_seconds" not in kept["provenance"]


def test_text_cannot_break_a_table():
    page = render(findings([report(claim("M5", "HOLDS", statement="|V| is\nlarge*"))]))
    assert r"\|V\| is large\*" in page


def test_the_committed_page_is_what_the_committed_numbers_give(tmp_path: Path):
    assert main(["--json", str(NUMBERS), "--out", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")


def test_every_claim_is_on_the_committed_page():
    document = json.loads(NUMBERS.read_text(encoding="utf-8"))
    for one in document["reports"]:
        decided = {(entry["id"], entry["regime"]) for entry in one["claims"]}
        ledger = {(c.id, regime) for c in all_claims().values() for regime in c.regimes}
        assert decided == ledger
        assert not [entry["id"] for entry in one["claims"] if entry["verdict"] == "ERROR"]


def test_harm_of_the_loss_alone_leads_the_page_where_it_was_found():
    alone = "errors are small; the harm is one of the logistic loss alone: at d = 1e+08 it is so"
    predicted = "; predicted by the limit inside Assumption 4.1, not trained: at d = 1e+13 as well"
    found = claim("H8", "VIOLATED", reason=alone + predicted, regime="harmful")
    page = render(findings([report(claim("B2", "HOLDS"), found)]))
    head = page.partition("Stated by the paper")[0]
    assert "Trained (claim H8): at d = 1e+08 it is so. Predicted by the limit inside" in head
    assert "not trained: at d = 1e+13 as well. See" in head
    trained_alone = render(findings([report({**found, "reason": alone})]))
    assert "Predicted by" not in trained_alone.partition("## ")[0]
    for other in ({**found, "verdict": "HOLDS"}, {**found, "reason": "errors stay"}):
        assert "logistic loss alone" not in render(findings([report(other)])).partition("## ")[0]
