"""The span engine against plain autograd, on every logged quantity."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from small_problems import cases

from bofcheck.simulate import QUANTITIES, EngineError, Problem, draw_arrays, train
from bofcheck.simulate.engines import get_engine
from bofcheck.simulate.snapshot import Snapshot, TailFrame

# shares of counted tokens or samples: a margin within rounding of 0 may fall on either side
COUNTED = {
    "test_error",
    "test_error_low",
    "test_error_high",
    "test_error_drawn",
    "fitted",
    "fitted_flipped",
}


def agree_after_a_thousand_steps(case):
    both = [
        train(
            case.problem, seeds=1, steps=1000, engine=engine, start=[case.arrays],
            rates=case.rates, log_at=[30],
        )
        for engine in ("direct", "span")
    ]  # fmt: skip
    direct, span = both
    assert not direct.diverged.any()
    assert not span.diverged.any()
    for name in QUANTITIES:
        # the floor is where a sum of order-one terms cancels: 1e-12 of rounding
        floor = 1.0 / min(case.problem.n_samples, 16) + 1e-12 if name in COUNTED else 1e-12
        if name == "failure_prob_error":
            floor = 1e-7  # a standard deviation of equal numbers: the square root of rounding
        if name == "failure_tilt_gap":
            # a difference of logarithms that may be large: of e^-10000000 the rounding is 2e-9
            depth = np.abs(direct["log_failure_prob"])
            floor = 1e-9 + 1e-15 * np.max(depth, where=np.isfinite(depth), initial=0.0)
        np.testing.assert_allclose(
            span[name], direct[name], rtol=1e-9, atol=floor, equal_nan=True, err_msg=name
        )


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cases())
def test_engines_agree_after_a_thousand_steps(case):
    agree_after_a_thousand_steps(case)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_engines_agree_on_many_problems(case):
    agree_after_a_thousand_steps(case)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cases())
def test_snapshots_agree_field_by_field(case):
    shown = []
    for name in ("direct", "span"):
        run = get_engine(name).start(case.problem, [0], [case.arrays], case.rates, "cpu")
        run.advance(25)
        shown.append(run.snapshot())
    fields = [
        (name, lambda one, name=name: getattr(one, name))
        for name in Snapshot.__dataclass_fields__
        if name != "tail"
    ]
    fields += [
        (f"tail {name}", lambda one, name=name: getattr(one.tail, name))
        for name in TailFrame.__dataclass_fields__
    ]
    for field, of in fields:
        direct, span = (of(one) for one in shown)
        assert direct.shape == span.shape
        np.testing.assert_allclose(span, direct, rtol=1e-9, atol=1e-11, err_msg=field)


def test_float32_is_near_float64():
    problem = Problem(n_samples=6, dim=40, key_dim=8, value_dim=8, start="materialised")
    double = train(problem, seeds=2, steps=50, engine="direct")
    single = train(problem.replace(dtype="float32"), seeds=2, steps=50, engine="direct")
    gap = np.abs(single["train_loss"] - double["train_loss"]).max()
    assert 0.0 < gap < 1e-5


@pytest.mark.parametrize(
    ("engine", "changes", "device", "words"),
    [
        ("direct", {}, "cpu", 'set start = "materialised"'),
        ("direct", {"start": "materialised"}, "nowhere", "'nowhere'"),
        ("direct", {"start": "materialised"}, "meta", "'meta'"),
        ("span", {}, "nowhere", "'nowhere'"),
        ("telepathy", {}, "cpu", "choose one of direct, span"),
    ],
)
def test_refusals_are_one_line(engine, changes, device, words):
    problem = Problem(n_samples=2, dim=4, key_dim=2, value_dim=2).replace(**changes)
    with pytest.raises(EngineError) as caught:
        train(problem, seeds=1, steps=1, engine=engine, device=device)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seeds", [0, [], [-1]])
def test_no_run_is_refused(seeds):
    with pytest.raises(EngineError, match="at least one run"):
        train(Problem(), seeds=seeds, steps=1)


def test_wrong_start_arrays_are_named():
    problem = Problem(n_samples=2, dim=4, key_dim=2, value_dim=2, start="materialised")
    arrays = draw_arrays(problem, 0)
    broken = {
        "W_Q": replace(arrays, W_Q=arrays.W_Q[:, :1]),
        "noise": replace(arrays, noise=np.full_like(arrays.noise, np.nan)),
        "true": replace(arrays, labels=replace(arrays.labels, true=np.array([0, 1]))),
    }
    for name, one in broken.items():
        with pytest.raises(EngineError, match=name):
            train(problem, seeds=1, steps=1, start=[one])
    with pytest.raises(EngineError, match="2 entries for 1 seeds"):
        train(problem, seeds=1, steps=1, start=[arrays, arrays])
