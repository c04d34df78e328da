"""What ``verify`` prints first: one screen, made from a report of the quick preset."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bofcheck.cli.announce import announced
from bofcheck.cli.output import Output
from bofcheck.cli.progress import show_progress
from bofcheck.compare import claims_plan
from bofcheck.compare.report import Report
from bofcheck.compare.report.digest import digest
from bofcheck.compare.report.first_screen import print_digest
from bofcheck.simulate import TrajectoryStore

#: A report of ``bofcheck verify --regime both``, without most of its evidence.
REAL = Path(__file__).parent / "verified.json"
FILES = [Path("results/verify-both-quick/report.html")]
FURTHER = [
    "bofcheck claims B4 --out results/verify-both-quick explains a verdict; --full lists all.",
    "bofcheck claims E3 E13 E14 --run decides what the text may have backwards.",
]
LINES, COLUMNS = 45, 80


@pytest.fixture
def document() -> dict:
    return json.loads(REAL.read_text("utf-8"))


def printed(document: dict, width: int = COLUMNS, terminal: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=terminal)
    print_digest(digest(Report.model_validate(document)), console, FILES, FURTHER)
    return stream.getvalue()


def changed(document: dict, claim: str, **fields: object) -> dict:
    for entry in document["claims"]:
        if entry["id"] == claim:
            entry.update(fields)
    return document


def test_the_whole_of_it_is_one_screen(document):
    lines = printed(document).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    assert "…" not in "".join(lines)


@pytest.mark.parametrize("width", [60, 100, 160])
def test_other_widths_cut_nothing(document, width):
    text = printed(document, width)
    assert max(map(len, text.splitlines())) <= width
    for theorem in digest(Report.model_validate(document)).theorems:
        for line in (*theorem.lines, *theorem.failing):
            assert line.claim.id in text
            assert line.claim.word in " ".join(text.split())


def test_a_stranger_reads_off_what_holds_what_is_vacuous_and_what_fails(document):
    text = " ".join(printed(document).split())
    first, second = text.split("Theorem 4.3 (harmful overfitting) ")[:2]
    assert first.startswith("Theorem 4.2 (benign overfitting) holds in part: stage 2 holds; ")
    assert "stage 1 VACUOUS: no better than the trivial bound in 128 of 128 runs (B1)" in first
    assert "stage 3 ERODES: room shrinks as t^-1.5" in first
    assert "T1 VIOLATED: grows as σ_p^1.00 (law 0), w^-1.00 (law -2)" in first
    assert "H8 VIOLATED: the harm is one of the logistic loss alone: at N·SNR² = 0.1" in second
    assert "Inside Assumption 4.1: 22 of 24 problems of Theorem 4.2" in second
    assert "0 of 15 problems of Theorem 4.3 (stages decided outside)" in second
    assert "% " in second.split("nothing fitted, is off in the median (95%) of ")[1]
    assert "stated by the paper" in second
    assert "bofcheck claims E3 E13 E14 --run" in second


def test_what_it_says_follows_the_verdicts(document):
    held = changed(document, "B3", verdict="HOLDS", weak=False)
    assert "stages 2 and 3 hold" in " ".join(printed(held).split())
    broken = changed(document, "B2", verdict="VIOLATED", at_one_over_d=None)
    text = " ".join(printed(broken).split())
    assert "stage 2 fails" in text
    assert "stage 2 VIOLATED: 1 of 128 held-out runs exceed the bound" in text
    for claim in ("B11", "H8"):
        changed(document, claim, verdict="HOLDS", weak=False)
    text = printed(document)
    assert "B11" not in text
    assert "logistic loss alone" not in text


def test_a_theorem_that_holds_says_so_and_one_without_verdicts_says_nothing(document):
    document["claims"] = [
        {**entry, "verdict": "HOLDS", "weak": False, "at_one_over_d": None}
        for entry in document["claims"]
        if entry["regime"] == "benign"
    ]
    (theorem,) = digest(Report.model_validate(document)).theorems
    assert theorem.sentence.startswith("holds: stages 1, 2 and 3 hold; the laws of T1, T2 and T3")
    assert not theorem.failing
    document["claims"] = []
    assert digest(Report.model_validate(document)).theorems == ()


def test_verdicts_are_in_colour_on_a_terminal_alone(document):
    assert "\x1b[" not in printed(document)
    assert "\x1b[" in printed(document, terminal=True)


def test_progress_says_what_is_trained_what_is_found_and_when_deciding_begins(tmp_path, capsys):
    plan = claims_plan("quick", claims=("I5", "B8"))
    store = TrajectoryStore(tmp_path / "new", {"command": "claims"})
    report = announced(plan, store, Output(), lambda what, done, total: None)
    assert capsys.readouterr().err == ""  # an engine that cannot train is refused first
    report("b-tight", 0, 2)
    assert "training 24 of 24 problems; then deciding 2 claims" in capsys.readouterr().err
    report("b-tight", 1, 2)
    assert capsys.readouterr().err == ""
    report("b-tight", 2, 2)
    assert "deciding 2 claims" in capsys.readouterr().err
    empty = claims_plan("quick", claims=("I5",))
    announced(empty, store, Output(), lambda what, done, total: None)
    said = capsys.readouterr().err
    assert said == "bofcheck: 0 problems found, nothing to train; deciding 1 claim\n"


def test_plain_progress_says_how_long_the_rest_takes(capsys, monkeypatch):
    clock = iter([0.0, 0.0, 60.0])
    monkeypatch.setattr("bofcheck.cli.progress.time.monotonic", lambda: next(clock))
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    with show_progress() as report:
        report("a", 0, 100)
        report("b", 20, 100)
    assert capsys.readouterr().err.splitlines() == [
        "bofcheck:   0%  a",
        "bofcheck:  20%  b, about 4 min left",
    ]
