"""Log schedules: what they give and what they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.simulate import ScheduleError, log_steps

FIXED = settings(derandomize=True, deadline=None)


@FIXED
@given(
    st.one_of(
        st.integers(1, 10**6).map(lambda k: f"geometric:{k % 500 + 1}"),
        st.integers(1, 10**6).map(lambda k: f"every:{k}"),
        st.lists(st.integers(0, 1), max_size=5),
    ),
    st.integers(1, 10**5),
)
def test_steps_rise_from_zero_to_the_end(spec, steps):
    logged = log_steps(spec, steps)
    assert logged.dtype == np.int64
    assert logged[0] == 0
    assert logged[-1] == steps
    assert (np.diff(logged) > 0).all()


@FIXED
@given(st.integers(1, 300), st.integers(1, 10**12))
def test_geometric_gives_at_most_that_many_and_evenly(count, steps):
    logged = log_steps(f"geometric:{count}", steps)
    assert len(logged) <= count + 2
    if count >= 3:
        # no ratio beyond the even one, but for rounding both ends to whole steps
        even = steps ** (1.0 / (count - 2)) * (1 + 1e-9)
        assert (logged[2:] <= (logged[1:-1] + 0.5) * even + 0.5).all()


def test_explicit_steps_are_taken_as_they_are():
    assert log_steps([7, 3, 3], 10).tolist() == [0, 3, 7, 10]
    assert log_steps(np.array([5]), 5).tolist() == [0, 5]
    assert log_steps([], 4).tolist() == [0, 4]


@pytest.mark.parametrize(
    ("spec", "steps"),
    [
        ("geometric", 10), ("geometric:0", 10), ("every:-1", 10), ("every:1.5", 10), ("", 10),
        ("Every:2", 10), ("geometric:999999999", 10), ("every:1", 10**9), ([-1], 10), ([11], 10),
        ([0.5], 10), (["3"], 10), ("every:1", 0), ("every:1", -3), ("every:1", 2.0),
        ("every:1", 10**13),
    ],
)  # fmt: skip
def test_refusals_are_one_line(spec, steps):
    with pytest.raises(ScheduleError) as caught:
        log_steps(spec, steps)
    assert "\n" not in str(caught.value)
