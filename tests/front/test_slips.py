"""Slips get the nearest name or the way to write it, in one line."""

import numpy as np
import pandas as pd
import pytest

import bofcheck as package
from bofcheck.theory import TheoryError


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("C*gamma^2", "write ** for a power"),
        ("C*lambda", "lambda is a Python keyword; choose another name, such as lam"),
        ("C*ln(n)", "; write log(...)"),
    ],
)
def test_a_formula_as_others_write_it_is_told_how(formula, said):
    with pytest.raises(TheoryError) as error:
        package.theorem("mine").upper("excess_risk", formula).build()
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["verfy"], "No such command 'verfy'; did you mean verify?"),
        (["bound", "beningn"], "did you mean benign?"),
        (["bound", "benign", "--stage", "1", "--set", "sigmap=1"], "did you mean sigma_p?"),
        (["claims", "B4x"], "did you mean B4?"),
        (["simulate", "a.toml", "--engine", "spam", "--out", "x"], "did you mean span?"),
        (["bound", "benign", "--set", "t=3"], "give --stage beside --set t=; see"),
    ],
)
def test_a_slip_gets_the_nearest_name(bofcheck, args, said):
    code, out, error = bofcheck(*args)
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert said in error


def test_bound_without_a_stage_prints_all(bofcheck):
    code, out, _ = bofcheck("bound", "benign")
    assert code == 0
    stages = [bofcheck("bound", "benign", "--stage", number)[1] for number in (1, 2, 3)]
    assert out == "\n\n".join(stages)
    assert bofcheck("bound", "benign", "--latex")[1].count("\\le ") == out.count("upper bound")


def test_a_symbol_called_as_a_field_keeps_its_name():
    """``dim`` is d in a problem's file, and itself in a theorem that says so."""
    rng = np.random.default_rng(0)
    rows = [
        (seed, n, dim, dim / n * rng.uniform(0.9, 1.0))
        for n in (100, 200, 400, 800)
        for dim in (5, 10, 20)
        for seed in range(12)
    ]
    frame = pd.DataFrame(rows, columns=["seed", "n", "dim", "excess_risk"])
    mine = package.theorem("mine").upper("excess_risk", "C*dim/n")
    result = package.check(mine, frame)
    assert result.holds
    (sentence,) = result.sentences
    assert "grows as dim^1.00±" in sentence
    assert "falls as n^-1.00±" in sentence
    (by_file,) = package.check(
        mine,
        frame.assign(cell=[f"{n}/{dim}" for n, dim in zip(frame.n, frame.dim, strict=True)]).drop(
            columns=["n", "dim"]
        ),
        {f"{n}/{dim}": {"n": n, "dim": dim} for n in (100, 200, 400, 800) for dim in (5, 10, 20)},
    ).verdicts
    assert by_file.status is result.verdicts[0].status
