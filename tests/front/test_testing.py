"""The assertions catch planted wrong bounds and pass right ones; the plugin runs them on a file."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings

import bofcheck
from bofcheck.testing import (
    assert_continuous,
    assert_finite,
    assert_limits,
    assert_monotone,
    assert_never_below,
    moments,
    parameters,
)

GOOD = (
    bofcheck.theorem("good", model="mine")
    .condition("small steps", "eta <= 4")
    .stage(until="train_loss <= 0.5")
    .upper("train_loss", "C")
    .stage()
    .upper("train_loss", "C*exp(-k*eta*(t - T1))")
    .build()
)
NUMBERS = {"C": 2.0, "k": 0.1, "eta": 0.5, "T1": 30.0}
TOML = """
name = "mine"
title = "mine"
source = "my notes"
provenance = "STATED"
model = "mine"
constants = { C = "start", D = 0.01 }
[[stages]]
name = "all"
[[stages.bounds]]
name = "D1"
quantity = "train_loss"
excess = "EXCESS"
"""


@settings(max_examples=50, deadline=None)
@given(parameters(GOOD))
def test_parameters_are_admissible(numbers):
    assert set(numbers) == {"C", "k", "eta"}
    assert 0 < numbers["eta"] <= 4


@settings(max_examples=50, deadline=None)
@given(moments(GOOD, GOOD.bounds[1]))
def test_a_right_bound_passes(numbers):
    assert_finite(GOOD.bounds[1], numbers)
    assert_never_below(GOOD.bounds[1], 0, numbers)
    assert_continuous(GOOD, numbers)
    steps = [numbers["T1"], 2 * numbers["T1"], 9 * numbers["T1"]]
    assert_monotone(GOOD.bounds[1], "t", {**numbers}, steps)
    assert_limits(GOOD.bounds[1], {**numbers, "k": 1.0, "eta": 1.0}, end=0.0)


def bound(excess, **more):
    return bofcheck.theorem("wrong", **more).upper("train_loss", excess).build().bounds[0]


def test_every_assertion_catches_its_wrong_bound():
    with pytest.raises(AssertionError, match=r"D1 is not decreasing in t: 1 at 1, 2 at 2"):
        assert_monotone(bound("C*t"), "t", {"C": 1.0}, [1, 2])
    with pytest.raises(AssertionError, match=r"not increasing in t"):
        assert_monotone(bound("C/t"), "t", {"C": 1.0}, [1, 2], "increasing")
    with pytest.raises(AssertionError, match=r"D1 = -1 at t = 2, below 0, with C = 1"):
        assert_never_below(bound("C - t"), 0, {"C": 1.0}, t=[0, 2])
    with pytest.raises(AssertionError, match=r"D1 = 1 at t = 2, below D1 = 2"):
        assert_never_below(bound("C"), bound("C*t"), {"C": 1.0}, t=[1, 2])
    with pytest.raises(AssertionError, match=r"D1 = 1 at t = 1e\+12, not 0"):
        assert_limits(bound("C"), {"C": 1.0}, end=0)
    jump = bofcheck.theorem("jump").stage(until="a <= 1").upper("a", "C").stage()
    with pytest.raises(AssertionError, match="D1 = 2 and D2 = 4 at T1 = 30"):
        assert_continuous(jump.upper("a", "2*C").build(), NUMBERS)
    with pytest.raises(AssertionError, match="D1 is not a number"):
        assert_finite(bound("sqrt(C - t)"), {"C": 1.0, "t": 2.0})


@pytest.mark.parametrize(("excess", "code"), [("C/t", 0), ("C/t - D", 1)])
def test_the_plugin_passes_a_right_theorem_and_fails_a_wrong_one(tmp_path, excess, code):
    (tmp_path / "mine.toml").write_text(TOML.replace("EXCESS", excess))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    plugin = ["-p", "no:bofcheck", "-p", "bofcheck.pytest_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, "--bofcheck", "mine.toml"],
        cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert ("2 passed" if code == 0 else "1 failed, 1 passed") in done.stdout
    if code:
        assert "mine.toml: D1 = " in done.stdout
        assert "below 0, with" in done.stdout
