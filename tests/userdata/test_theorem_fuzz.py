"""Whatever formulas a file holds, checking it on curves ends in verdicts or an error by name."""

import time

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bofcheck.compare import CompareError, Status, verify
from bofcheck.compare.report import document
from bofcheck.compare.userdata import CellNumbers, Measured, curves_plan
from bofcheck.theory import TheoryError
from bofcheck.theory.theorem_file.load import theorem_from_toml

FILE = """
name = "any"
title = "Any"
source = "fuzz"
provenance = "DERIVED"
constants = {{ C = "factor", k = "rate", c = "steps" }}
[[conditions]]
holds = "{left} >= {right}"
[[events]]
name = "T1"
when = "{event} <= {right}"
[[stages]]
name = "first"
until = "T1"
[[stages]]
name = "second"
[[stages.bounds]]
name = "X"
quantity = "size"
kind = "{kind}"
floor = "{floor}"
excess = "C*{excess}*exp(-k*{rate})"
[[stages.bounds]]
name = "Y"
quantity = "test_error"
kind = "{kind}"
floor = "p"
excess = "{rate}"
[[times]]
event = "T1"
law = "c*{law}"
[[times]]
event = "T1"
form = "fixed"
law = "{law}"
reading = "{reading}"
"""
NUMBERS = {"N": 4.0, "d": 9.0, "mu": 2.0, "eta": 0.5, "p": 0.1}
ATOMS = ("N", "d", "mu", "eta", "p", "0", "1", "2", "0.5")


def grown(*atoms):
    return st.recursive(
        st.sampled_from([*ATOMS, *atoms]),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda x: f"({''.join(x)})"),
            st.tuples(inner, st.sampled_from(["2", "3", "0.5", "(-1)"])).map("**".join),
            st.tuples(st.sampled_from(["exp", "log", "sqrt", "Abs"]), inner).map(
                lambda x: f"{x[0]}({x[1]})"
            ),
            st.tuples(inner, inner).map(lambda x: f"Max({x[0]},{x[1]})"),
        ),
        max_leaves=4,
    )


def curves():
    rng = np.random.default_rng(0)
    steps = np.arange(0.0, 40.0, 4.0)
    scatter = rng.lognormal(0, 0.2, (24, 1))
    size = 3 * scatter * np.exp(-0.1 * steps)
    error = 0.1 + 0.3 * scatter * np.exp(-0.05 * steps)
    size[3, 5:], error[5, 2] = np.nan, np.nan
    diverged = np.arange(24) == 7
    return {"x": Measured(steps, np.arange(24), {"size": size, "test_error": error}, diverged)}


CURVES = curves()


#: No shrinking: it takes minutes, and a failing theorem is short as it is.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(
    left=grown(), right=grown(), event=grown("size", "test_error"), floor=grown(),
    excess=grown("t", "T1"), rate=grown("t", "T1"), law=grown(),
    kind=st.sampled_from(["upper", "lower"]), reading=st.sampled_from(["deadline", "scaling"]),
)  # fmt: skip
def test_any_formula_ends_in_verdicts_or_a_named_error(**parts):
    began, made = time.perf_counter(), None
    try:
        theorem = theorem_from_toml(FILE.format(**parts)).theorem
        made = verify(curves_plan(theorem, CURVES, CellNumbers(NUMBERS)))
    except (TheoryError, CompareError) as error:
        assert "\n" not in str(error)  # noqa: PT017 (either outcome is right)
    assert time.perf_counter() - began < 20
    if made is not None:
        assert [one.claim for one in made.verdicts] == ["X", "Y", "T1", "T1 (fixed)"]
        assert all(one.status is not Status.ERROR for one in made.verdicts), made.verdicts
        assert document(made).counts
