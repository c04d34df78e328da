import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import outside, trajectory

from bofcheck.compare import CompareError, find_events, theory_values
from bofcheck.compare.events import first_crossing, stage_numbers
from bofcheck.simulate import Problem, train
from bofcheck.theory import benign, harmful

STEPS = np.array([0, 10, 30, 70])


def events_of(theorem, made):
    return find_events(theorem, made, theory_values(made.problem))


@pytest.mark.parametrize(
    ("margin", "expected"),
    [
        ([-1.0, -3.0, 1.0, 2.0], 25.0),  # three quarters of the way from 10 to 30
        ([-1.0, -1.0, 0.0, 1.0], 30.0),  # met exactly at a logged step
        ([0.5, -1.0, -1.0, -1.0], 0.0),  # met at the start and lost again
        ([-1.0, -2.0, -1.0, -0.1], np.nan),  # never met
        ([-1.0, np.nan, 1.0, 1.0], 30.0),  # nothing to interpolate from
        ([np.nan, np.nan, np.nan, np.nan], np.nan),
        ([-1.0, -1.0, np.inf, 1.0], 30.0),
        ([-np.inf, 1.0, 1.0, 1.0], 10.0),
        ([-1.0, 1.0, -1.0, 1.0], 5.0),  # the first of two crossings counts
    ],
)
def test_crossing(margin, expected):
    assert first_crossing(STEPS, np.array([margin])) == pytest.approx(
        [expected], nan_ok=True, rel=1e-6, abs=0.0
    )


def test_benign_events_by_hand():
    made = trajectory(
        outside(target_loss=0.2, noise_std=0.05),
        STEPS,
        runs=1,
        v_plus=[0.0, 0.2, 0.4, 1.0],
        v_minus=[0.0, -0.1, -0.3, -1.0],
        value_norm=4.0,  # sigma_p times it is 0.2
        residual_clean=[0.5, 0.5, 0.3, 0.2],
        train_loss=[0.7, 0.6, 0.5, 0.1],
        gap_clean=[0.0, 0.5, 1.5, 2.0],
    )
    found = {name: float(value[0]) for name, value in events_of(benign, made).items()}
    assert found == pytest.approx(
        {"T1": 20.0, "T2": 50.0, "T3": 60.0, "T_gap": 20.0}, rel=1e-6, abs=0.0
    )


def test_harmful_events_by_hand():
    made = trajectory(
        outside(target_loss=0.2),
        STEPS,
        runs=1,
        v_plus=[0.1, 0.1, 0.1, 0.1],
        v_minus=[0.0, 0.0, 0.1, -0.2],
        v_noise_aligned=[-0.4, 0.4, 0.8, 1.1],  # against six times 0.1
        residual_all=[0.5, 0.3, 0.2, 0.1],
        residual_clean=0.0,  # does not count here
        train_loss=[0.7, 0.6, 0.5, 0.1],
    )
    found = {name: float(value[0]) for name, value in events_of(harmful, made).items()}
    assert found["T1"] == pytest.approx(20.0, rel=1e-6, abs=0.0)
    assert found["T2"] == pytest.approx(20.0, rel=1e-6, abs=0.0)
    assert found["T3"] == pytest.approx(60.0, rel=1e-6, abs=0.0)
    assert np.isnan(found["T_gap"])


def test_either_class_can_hold_back_the_signal_memory():
    strong, weak = [1.0] * 4, [0.1] * 4
    for plus, minus in ((strong, weak), (weak, strong)):
        made = trajectory(outside(), STEPS, 1, v_plus=plus, v_minus=-np.array(minus), value_norm=9)
        assert np.isnan(events_of(benign, made)["T1"][0])


times = st.floats(0, 100) | st.just(np.nan)


@given(times, times, times)
def test_stages_partition_the_steps(t1, t2, t3):
    steps = np.arange(0, 101)
    events = {"T1": np.array([t1]), "T2": np.array([t2]), "T3": np.array([t3])}
    numbers = stage_numbers(steps, events)[0]
    assert set(numbers) <= {0, 1, 2, 3}
    order = np.where(numbers == 0, 4, numbers)
    assert (np.diff(order) >= 0).all()  # 1 … 1 2 … 2 3 … 3 0 … 0
    assert numbers[0] == 1
    if np.isnan(t1):
        assert (numbers == 1).all()
    elif np.isnan(t2):
        assert set(numbers) <= {1, 2}
    else:
        assert (numbers == 2).any() == (np.floor(t2) > np.floor(t1))


def test_second_event_before_the_first_leaves_stage_two_empty():
    events = {"T1": np.array([30.0]), "T2": np.array([10.0]), "T3": np.array([50.0])}
    assert stage_numbers(np.array([0, 10, 30, 31, 50, 51]), events).tolist() == [[1, 1, 1, 3, 3, 0]]


def test_two_margins_are_interpolated_each_by_itself():
    # the least of both is not linear between 0 and 10: one is behind before 5, the other after
    steps = np.array([0, 10])
    slow, steep = np.array([[-0.5, 0.25]]), np.array([[-1.0, 9.0]])
    assert first_crossing(steps, slow, steep) == pytest.approx([20 / 3], rel=1e-6, abs=0.0)
    assert first_crossing(steps, np.minimum(slow, steep)) == pytest.approx([8.0], rel=1e-6, abs=0.0)
    # a margin that was reached before waits for the other
    assert first_crossing(steps, np.array([[1.0, 2.0]]), steep) == pytest.approx(
        [1.0], rel=1e-6, abs=0.0
    )
    assert np.isnan(first_crossing(steps, slow, np.array([[-1.0, np.nan]])))


def _first(steps, *margins):
    """The obvious way: step by step, each margin's own crossing, the latest of them."""
    out = []
    for run in range(len(margins[0])):
        found = np.nan
        for at in range(len(steps)):
            if not all(margin[run, at] >= 0 for margin in margins):
                continue
            found = float(steps[at])
            if at > 0 and all(np.isfinite(margin[run, at - 1]) for margin in margins):
                shares = []
                for margin in margins:
                    low, high = margin[run, at - 1], margin[run, at]
                    share = 1.0 if np.isinf(high) else low / (low - high)
                    shares.append(0.0 if low >= 0 else share)
                found = steps[at - 1] + max(shares) * (steps[at] - steps[at - 1])
            break
        out.append(found)
    return np.array(out)


@pytest.mark.parametrize("theorem", [benign, harmful], ids=["benign", "harmful"])
def test_events_of_trained_runs_are_those_of_plain_numpy_to_the_last_bit(theorem):
    problem = Problem(n_samples=8, dim=10_000, noise_std=0.005, learning_rate=0.3, target_loss=0.1)
    if theorem is harmful:
        problem = problem.replace(noise_std=0.05, signal_norm=0.3, learning_rate=0.05)
    made = train(problem, seeds=12, steps=400, log_at="geometric:48")
    q, fresh = made.quantities, problem.noise_std * made["value_norm"]
    if theorem is benign:
        first = [q["v_plus"] - fresh, -q["v_minus"] - fresh]
        residual = q["residual_clean"]
    else:
        first = [q["v_noise_aligned"] - 6 * np.maximum(np.abs(q["v_plus"]), np.abs(q["v_minus"]))]
        residual = q["residual_all"]
    margins = {
        "T1": first,
        "T2": [0.25 - residual],
        "T3": [problem.target_loss - q["train_loss"]],
        "T_gap": [q["gap_clean"] - 1.0],
    }
    found = events_of(theorem, made)
    assert found.keys() == margins.keys()
    for name, expected in margins.items():
        np.testing.assert_array_equal(found[name], _first(made.steps, *expected))
    assert all(np.isfinite(found[name]).all() for name in ("T1", "T2", "T3"))


def test_an_event_no_formula_needs_may_lack_its_quantity():
    made = trajectory(outside(), STEPS, 1)
    without = {name: one for name, one in made.quantities.items() if name != "gap_clean"}
    found = events_of(benign, dataclasses.replace(made, quantities=without))
    assert set(found) == {"T1", "T2", "T3"}
    del without["v_plus"]
    with pytest.raises(CompareError, match=r"^event T1 needs v_plus, which the curves do not have"):
        events_of(benign, dataclasses.replace(made, quantities=without))
    lost = dataclasses.replace(benign, events=benign.events[1:])
    with pytest.raises(CompareError, match="benign: depends on T1 but has no event of that name"):
        events_of(lost, made)
