"""The headline counts sentences by where they come from, weak tests apart."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bofcheck.compare.report.headline import Decision, headlines
from bofcheck.compare.verdict import Status
from bofcheck.theory import Provenance

HOLDS, STATED = Status.HOLDS, Provenance.STATED

decisions = st.lists(
    st.builds(
        Decision,
        st.sampled_from(["B1", "B2", "M1", "S1", "I3", "A8", "X1"]),
        st.sampled_from(Provenance),
        st.sampled_from(Status),
    ),
    max_size=12,
)


@given(decisions, st.booleans())
def test_every_sentence_counts_once(every, own):
    lines = headlines(every, own=own)
    for line in lines:
        assert sum(line.counts.values()) == line.sentences > 0
    assert len({line.title for line in lines}) == len(lines)
    names = {one.claim for one in every}
    assert len(names) <= sum(line.sentences for line in lines) <= len(every)


@pytest.mark.parametrize("order", [1, -1])
def test_a_sentence_decided_twice_counts_by_the_worse(order):
    ranked = [
        Status.HOLDS, Status.VACUOUS, Status.INCONCLUSIVE, Status.OUT_OF_SCOPE, Status.ERODES,
        Status.VIOLATED, Status.ERROR,
    ]  # fmt: skip
    for better, worse in itertools.combinations(ranked, 2):
        both = [Decision("M1", STATED, better), Decision("M1", STATED, worse)][::order]
        (line,) = headlines(both)
        assert dict(line.counts) == {worse: 1}


def test_origins_come_in_order_and_checks_of_this_study_apart():
    every = [
        Decision("S1", STATED, HOLDS), Decision("X1", Provenance.DERIVED, HOLDS),
        Decision("B5", Provenance.SOURCE, Status.ERODES), Decision("B8", STATED, HOLDS),
        Decision("B2", Provenance.RECONSTRUCTED, HOLDS, weak=True, outside=True),
        Decision("B3", Provenance.RECONSTRUCTED, HOLDS, weak=True),
    ]  # fmt: skip
    assert [line.line() for line in headlines(every)] == [
        "stated by the paper: of 1 sentence 1 holds",
        "reconstructed, or recalled from its sources: of 3 sentences 2 hold "
        "(2 of them weak tests, 1 only tested outside the assumptions), 1 erodes",
        "derived here: of 1 sentence 1 holds",
        "checks of this study: of 1 sentence 1 holds",
    ]
    assert [line.title for line in headlines(every, own=True)] == [
        "stated", "reconstructed, or recalled from a source", "derived by the author",
    ]  # fmt: skip
