"""The tables: whole ids and verdicts at 80 columns, no colour unless someone is watching."""

import io

import pytest
from rich.console import Console

from bofcheck.compare.report.terminal import print_verification
from bofcheck.compare.verify import Verification


def printed(verification: Verification, width: int, terminal: bool = False) -> str:
    stream = io.StringIO()
    color = "truecolor" if terminal else None
    console = Console(file=stream, width=width, force_terminal=terminal, color_system=color)
    print_verification(verification, console, [])
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_nothing_is_cut_and_nothing_is_too_wide(verification: Verification, width: int) -> None:
    text = printed(verification, width)
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= width
    tables, counts = text.split("stated by the paper: ")
    words = tables.split()
    for verdict in verification.verdicts:
        assert verdict.claim in words
        assert words.count(verdict.status.value) >= 2  # one a regime
        assert verdict.provenance.value in words
    for study in verification.studies:
        for result in study.results:
            assert result.cell.name in text
    lines = " ".join(counts.split())
    assert lines.startswith("of 2 sentences 1 holds (1 of them a weak test), 1 is undecided rec")
    assert "sources: of 4 sentences" in lines
    assert "derived here: of 1 sentence 1 says nothing" in lines
    assert "checks of this study" not in lines


def test_numbers_stand_against_their_thresholds(verification: Verification) -> None:
    text = printed(verification, 120)
    for comparison in ("0.0123 <= 0.05", "0.07 > 0.05", "inf > 0.05", "-1 <= 0.05"):
        assert text.count(comparison) == 2


def test_reasons_stand_beside_every_verdict(verification: Verification) -> None:
    text = printed(verification, 160)
    for status in (
        "holds",
        "violated",
        "erodes",
        "vacuous",
        "inconclusive",
        "out_of_scope",
        "error",
    ):
        assert text.count(f"-> because of {status}") == 2


@pytest.mark.parametrize("width", [60, 160])
def test_a_weak_test_and_the_powers_of_the_room_are_told(
    verification: Verification, width: int
) -> None:
    text = " ".join(printed(verification, width).split())
    assert text.count("(weak test)") == 1
    if width == 160:
        powers = "powers: t^-0.02 ± 0.08 sharp; untested: mu (varied 1.2×); not varied: d"
        assert text.count(powers) == 1
        assert text.count("powers: t^-0.50 ± 0.10 eroding") == 1


def test_constants_show_fitted_and_judged_at(verification: Verification) -> None:
    text = printed(verification, 120)
    for study in verification.studies:
        for one in study.constants:
            assert f"{one.value:.3g} -> {one.widened:.3g}" in text


def test_colour_only_for_a_terminal(verification: Verification) -> None:
    assert "\x1b[" not in printed(verification, 80)
    assert "\x1b[" in printed(verification, 80, terminal=True)
