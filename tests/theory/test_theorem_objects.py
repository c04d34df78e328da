"""Theorems as objects: lookup, substitution, rendering, discovery, errors, light imports."""

import pickle
import subprocess
import sys
from dataclasses import replace

import pytest
from sympy import Rational, Symbol, sympify

from bofcheck._registry import discover
from bofcheck.theory import (
    Bound,
    Condition,
    Event,
    FormulaError,
    MissingValueError,
    NoSuchPartError,
    NotLinearError,
    Provenance,
    StageTime,
    TheoryError,
    benign,
    get_theorem,
    harmful,
    theorems,
)
from bofcheck.theory.symbols import C1, C2, C3, T2, c1, c2, eta, k2, p, t

BOTH = pytest.mark.parametrize("theorem", [benign, harmful], ids=lambda x: x.name)
V = {"C2": 0.5, "k2": 0.1, "eta": 0.1, "mu": 2.0, "w": 1.0, "T1": 0.0, "t": 3.0, "p": 0.1}


def test_the_folder_is_the_registry():
    assert {"benign", "harmful"} <= theorems().keys()
    assert all(theorem.name == name for name, theorem in theorems().items())
    assert get_theorem("benign") is benign
    with pytest.raises(NoSuchPartError, match=r"^no theorem 'lucky'; there are benign, harmful"):
        get_theorem("lucky")


def test_a_new_file_is_found_and_a_wrong_one_is_named(tmp_path, monkeypatch):
    package = sys.modules["bofcheck.theory.theorems"]
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    (tmp_path / "tuned.py").write_text(
        "from dataclasses import replace\n"
        "from bofcheck.theory.theorems.benign import THEOREM as base\n"
        "THEOREM = replace(base, name='tuned')\n"
    )
    discover.cache_clear()
    try:
        assert list(theorems())[-1] == "tuned"
        wrong = "from bofcheck.theory.theorems.tuned import THEOREM\n"
        for name, text, error, words in (
            ("untyped", "THEOREM = 1\n", TypeError, r"untyped: defines no THEOREM = Theorem"),
            ("wrong", wrong, FormulaError, r"^theorems/wrong\.py: the theorem is named 'tuned'"),
        ):
            (tmp_path / f"{name}.py").write_text(text)
            discover.cache_clear()
            with pytest.raises(error, match=words):
                theorems()
            (tmp_path / f"{name}.py").unlink()
    finally:
        discover.cache_clear()
        for name in ("tuned", "untyped", "wrong"):
            sys.modules.pop(f"bofcheck.theory.theorems.{name}", None)


@BOTH
def test_parts_are_found_by_name_or_refused_with_the_list(theorem):
    assert [theorem.stage(n).number for n in (1, 2, 3)] == [1, 2, 3]
    assert all(theorem.bound(bound.name) is bound for bound in theorem.bounds)
    assert all(theorem.time(time.event, time.form) is time for time in theorem.times)
    with pytest.raises(NoSuchPartError, match=r"no stage 0; stages are numbered 1, 2, 3"):
        theorem.stage(0)
    with pytest.raises(NoSuchPartError, match=r"no bound 'Z9'; its bounds are"):
        theorem.bound("Z9")
    with pytest.raises(NoSuchPartError, match=r"no time T9; its times are T1 \(paper\)"):
        theorem.time("T9")


@BOTH
def test_everything_renders_on_one_line_of_latex(theorem):
    parts = [*theorem.bounds, *theorem.times, *theorem.stages, theorem.condition]
    for part in parts:
        text = part._repr_latex_()
        assert text.startswith(r"$\displaystyle ")
        assert text.endswith("$")
        assert "\n" not in text
        assert "sigma_V" not in text
    assert r"\ge" in harmful.bound("H6").latex()


@BOTH
def test_objects_are_frozen_and_tagged(theorem):
    with pytest.raises(AttributeError):
        theorem.name = "other"
    with pytest.raises(TypeError):
        theorem.continuity[C1] = C2
    for part in (*theorem.bounds, *theorem.times, theorem.condition):
        assert part.provenance.meaning.endswith(".")
        assert part.source
    for bound in theorem.bounds:
        assert bool(bound.rebuilt_from) == (bound.provenance is Provenance.RECONSTRUCTED)


def test_bounds_survive_pickling():
    bound = benign.continuous(benign.bound("B3"))
    assert pickle.loads(pickle.dumps(bound)) == bound


def test_substitution_keeps_the_list_of_constants_true():
    second = benign.bound("B2")
    assert second.subs(C2=0.5).constants == (k2,)
    assert second.subs({C2: C1 * C3}).constants == (k2, C1, C3)
    assert second.subs(C2=k2, k2=C2).envelope_terms().log_constants == {k2: 1}  # all at once
    assert second.subs(t=T2).constants == (C2, k2)
    assert second.subs(C1=7) == second
    with pytest.raises(MissingValueError, match=r"^B2: unknown symbol zeta; it uses C2, T1, eta"):
        second.subs(zeta=1)


def test_missing_and_unknown_values_are_named_in_one_line():
    bound = benign.bound("B2")
    with pytest.raises(MissingValueError, match=r"^B2: no value for mu, p; pass every") as caught:
        bound.numeric(**{k: v for k, v in V.items() if k not in ("mu", "p")})
    assert "\n" not in str(caught.value)
    with pytest.raises(MissingValueError, match=r"^B2: unknown symbol snr \(SNR is computed"):
        bound.numeric(**V, snr=2.0)
    with pytest.raises(MissingValueError, match=r"^B2: no value for k2"):
        bound.log_excess(**{k: v for k, v in V.items() if k != "k2"})
    # The floor plays no part in the excess, and other canonical names do no harm.
    without_p = {k: v for k, v in V.items() if k != "p"}
    assert bound.log_excess(**without_p) == bound.log_excess(**V, sigma_h=0.1, d_v=8)
    assert issubclass(MissingValueError, TheoryError)


def test_tokens_default_to_two_and_can_be_changed():
    v = {"c2": 1.0, "eta": 1.0, "mu": 1.0, "w": 1.0, "N": 10, "delta": 0.1}
    law = benign.time("T2")
    assert law.numeric(**v) == law.numeric(**v, M=2)
    assert law.numeric(**v, M=16) < law.numeric(**v)


def test_inconsistent_declarations_are_refused():
    with pytest.raises(FormulaError, match=r"^X: kind is 'two-sided'"):
        Bound("X", "test_error", "two-sided", p, C1, (C1,), Provenance.DERIVED, "here")
    with pytest.raises(FormulaError, match=r"^X: constants C2 do not occur"):
        Bound("X", "test_error", "upper", p, C1, (C1, C2), Provenance.DERIVED, "here")
    for expr in (c1 * c2 / eta, c1 / eta + t, c1**2 + c2, c1 / eta):
        with pytest.raises(NotLinearError, match=r"^T1 \(paper\): not a linear combination"):
            StageTime("T1", "paper", expr, (c1, c2), Provenance.DERIVED, "here")


def test_importing_the_theory_loads_nothing_heavy():
    heavy = "torch matplotlib scipy numba xarray bofcheck.simulate bofcheck.compare"
    code = f"import sys, bofcheck.theory\nprint([m for m in {heavy.split()!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def conditioned(left, right, **changes):
    """A theorem without assumptions of its own whose condition is left >= right."""
    condition = Condition("asked", sympify(left), ">=", sympify(right), Provenance.DERIVED, "")
    kou = get_theorem("kou2023")
    bare = {"assumes": (), "times": (), "boundaries": (), "condition": condition}
    return replace(kou, name="mine", regime="mine", **{**bare, **changes})


def test_a_condition_without_symbols_counts_where_it_fails():
    assert not conditioned(1, 2).check({}).holds
    assert conditioned(2, 1).check({}).rows == ()


def test_a_condition_whose_number_is_missing_is_never_met_in_silence():
    g = Symbol("g", positive=True)
    mine = conditioned(g, Rational(3, 20), symbols={"g": "a gap"})
    assert mine.numbers["g"] == "condition"
    assert [mine.check({"g": value}).holds for value in (0.1, 0.2)] == [False, True]
    with pytest.raises(MissingValueError, match="g"):
        mine.check({})


def test_a_symbol_called_C_is_the_number_it_is_given():
    capacity = Symbol("C", positive=True)
    mine = conditioned(capacity, 5, symbols={"C": "capacity"})
    assert [mine.check({"C": value}).holds for value in (1.0, 10.0)] == [False, True]


def test_an_event_without_a_margin_is_refused():
    with pytest.raises(FormulaError, match="event T1: give a margin in a measured quantity"):
        Event("T1", (), (), "none")
