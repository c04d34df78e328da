"""The wrong powers of a law for a time that its verdict rejects, on planted curves."""

import numpy as np
import pytest
from test_times import FAST, SLOW_AND_FAST, decided

from bofcheck.compare.verdict import Status


@pytest.mark.parametrize(
    ("reading", "rates"), [("scaling", SLOW_AND_FAST), ("deadline", (*SLOW_AND_FAST, *FAST))]
)
def test_a_law_that_holds_says_which_wrong_powers_it_rejects(tmp_path, reading, rates):
    verdict = decided(tmp_path, 1.0, "c/eta", reading, rates)
    assert verdict.status is Status.HOLDS, verdict.reason
    found = verdict.discrimination
    assert {each.number for each in found.wrong_powers} == {"eta"}
    assert found.counts == (5, 5), [each.text for each in found.wrong_powers if not each.rejected]
    assert not verdict.weak
    assert "5 of 5 wrong powers rejected" in verdict.reason
    # two inner rates calibrate, the rest judges
    further = max(max(rates) / 0.2, 0.1 / min(rates))
    assert found.extrapolated["eta"] == pytest.approx(further, rel=1e-9, abs=0.0)


@pytest.mark.parametrize("reading", ["scaling", "deadline"])
def test_rates_that_hardly_vary_make_a_weak_test(tmp_path, reading):
    verdict = decided(tmp_path, 1.0, "c/eta", reading, (0.1, 0.11, 0.12, 0.13))
    assert verdict.status is Status.HOLDS, verdict.reason
    assert verdict.weak
    rejected, tried = verdict.discrimination.counts
    assert (rejected < tried / 2, tried) == (True, 5)
    assert "not told apart" in verdict.reason


@pytest.mark.parametrize("reading", ["scaling", "deadline"])
def test_what_fails_tells_no_wrong_powers(tmp_path, reading):
    verdict = decided(tmp_path, 0.0, "c/eta", reading, (*SLOW_AND_FAST, *FAST))
    assert verdict.status is Status.VIOLATED
    assert verdict.discrimination is None


def test_what_is_rejected_is_what_the_verdict_on_that_law_says(tmp_path):
    verdict = decided(tmp_path, 1.0, "c/eta", "scaling", (0.05, 0.1, 0.15, 0.2))
    for each in verdict.discrimination.wrong_powers:
        power = -1 + (each.power if each.power is not None else 1)
        other = decided(tmp_path, 1.0, f"c*eta**({power})", "scaling", (0.05, 0.1, 0.15, 0.2))
        assert each.rejected == (other.status is not Status.HOLDS), each.text
    assert np.any([each.rejected for each in verdict.discrimination.wrong_powers])
