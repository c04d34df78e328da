"""An explained claim on a bound says what its verdict would have rejected."""

from bofcheck.compare import all_claims, report
from bofcheck.compare.report.listing import explain


def test_the_last_decision_tells_shape_wrong_powers_and_looseness(verification):
    entries = report.document(verification).as_dict()["claims"]
    ledger = all_claims()
    said = explain(ledger["B1"], ledger, [entries[0]], "r").plain
    last = said.partition("Last decision\n")[2].splitlines()
    assert last[0].startswith("HOLDS (weak test) (benign")
    assert [line.split() for line in last[2:6]] == [
        ["Its", "room,", "by", "3", "cells:"],
        ["sharp", "t^-0.02", "±", "0.08", "varied", "31×"],
        ["untested", "mu^0.30", "±", "0.80", "varied", "1.2×", "12×", "would", "tell"],
        ["untested", "d", "varied", "1×", "it", "does", "not", "vary", "among", "the", "cells"],
    ]  # fmt: skip
    assert last[6:] == [
        "  Wrong powers: 1 of 3 rejected",
        "    not told apart: mu^-0.5, mu left out",
        "    true, but weaker: t^+0.5",
        "  The bound lies at least 2.1× above the data, typically 10×",
        "  Judged 4× further in t than fitted",
        "  C2 by cell: 0.5 (b0) to 0.75 (b2)",
    ]


def test_an_earlier_decision_without_it_is_explained_too(verification):
    entry = report.document(verification).as_dict()["claims"][0]
    del entry["discrimination"], entry["weak"]
    ledger = all_claims()
    said = explain(ledger["B1"], ledger, [entry], "r").plain
    assert "HOLDS (benign" in said
    assert "wrong powers" not in said.lower().partition("last decision")[2]
