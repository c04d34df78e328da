"""`bofcheck bound --set` with numbers at which a formula is huge, or not a real number."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bofcheck.cli.entry import run
from bofcheck.theory import FormulaError, TheoryError, benign
from bofcheck.theory.theorem_file.load import theorem_from_toml

FILE = """
name = "any"
title = "Any"
source = "here"
provenance = "DERIVED"
[[stages]]
name = "all"
[[stages.bounds]]
name = "A"
quantity = "loss"
excess = "{}"
"""


def bound(folder, capsys, excess, *pairs):
    """Exit code, output and complaint of `bofcheck bound`, which must not take long."""
    path = folder / "any.toml"
    path.write_text(FILE.format(excess))
    settings = [word for pair in pairs for word in ("--set", pair)]
    began = time.perf_counter()
    code = run(["bound", str(path), "--stage", "1", *settings])
    assert time.perf_counter() - began < 6
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("excess", "pairs", "message"),
    [
        ("eta*N**d**mu", ["N=9", "d=9", "mu=9"], "too large to be written out"),
        ("eta*N**d", ["N=9", "d=1e15"], "too large to be written out"),
        ("(N*eta)**d", ["N=9", "d=1e15"], "too large to be written out"),
        ("w*N**(d + eta)", ["N=9", "d=1e15"], "too large to be written out"),
        ("eta*((N - d)**N)**(N - mu)", ["N=1000", "d=9", "mu=9"], "too large to be written out"),
        ("eta*99999999999**N", ["N=90"], "too large to be written out"),
        ("eta*exp(exp(N))", ["N=1e300"], "too large to be written out"),
        ("eta*erfc(exp(N))", ["N=100"], "too large to be written out"),
        ("Max(eta, exp(exp(exp(N))))", ["N=100"], "too large to be written out"),
        ("mu**(t**(mu**(t**mu)))*w", ["mu=9", "t=9"], "too large to be written out"),
        ("mu**(N**(d*eta))", ["N=9", "d=1e15"], "too large to be written out"),
        ("(N*mu)**(d*eta)", ["N=9", "d=1e15"], "too large to be written out"),
        ("eta/(N - d)", ["N=2", "d=2"], "not a real number"),
        ("eta*sqrt(N - d)", ["N=2", "d=3"], "not a real number"),
        ("eta*(N - d)**(1/3)", ["N=2", "d=3"], "not a real number"),
        ("Max(eta, log(N - d))", ["N=2", "d=3"], "not a real number"),
        ("eta/(N - d)", ["N=2", "d=2", "eta=1"], "not a real number"),
        ("eta*sqrt(N - d)", ["N=2", "d=3", "eta=1"], "not a real number"),
        ("eta*(N - d)**(1/3)", ["N=2", "d=3", "eta=1"], "not a real number"),
    ],
)
def test_what_cannot_be_written_is_refused_at_once(tmp_path, capsys, excess, pairs, message):
    code, out, err = bound(tmp_path, capsys, excess, *pairs)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "A: " in err
    assert message in err


def test_what_can_be_written_or_evaluated_is(tmp_path, capsys):
    for excess, pairs, shown in (
        ("w*(1 - eta)**t", ["eta=0.1", "t=20000"], "e-916*w"),
        ("eta*N**d", ["N=9", "d=9000"], "e+8588*eta"),
        ("w*(98/2**t)**N", ["N=10000", "t=50"], "e-130603*w"),
        ("w*((N - d)**N)**mu", ["N=101", "d=1", "mu=100"], "e+20199*w"),
        ("w*(N/7)**(1/d)", ["N=12", "d=1e9"], "1.0000000005"),
        ("w*N**0.66666667", ["N=12"], "5.24148283183311*w"),
        ("w*exp(-eta*t)", ["eta=0.1", "t=1e6"], "e-43430*w"),
        ("N**d**mu*eta", ["N=2", "d=1"], "loss <= 2*eta"),
        ("eta*exp(exp(N))", ["N=9", "eta=1"], "log excess    8103.08"),
        ("eta*N**d**mu", ["N=9", "d=9", "mu=2", "eta=1"], "log excess    177.97"),
        ("eta*(5 - t)", ["eta=1", "t=6"], "value         -1.0"),
    ):
        code, out, err = bound(tmp_path, capsys, excess, *pairs)
        assert (code, err) == (0, ""), err
        assert shown in out


def test_symbols_are_replaced_only_by_what_leaves_a_formula():
    made = theorem_from_toml(FILE.format("eta*sqrt(N - d)")).theorem.bound("A")
    assert made.subs(N=5, d=1).expr == 2 * made.subs(N=2, d=1).expr
    with pytest.raises(FormulaError, match=r"^A: .* not a real number"):
        made.subs(N=1, d=5)
    cell = {"p": 0.1, "k2": 0.01, "eta": 0.1, "mu": 4.0, "w": 1.0, "T1": 20, "t": 10**6}
    assert [str(one) for one in benign.bound("B2").subs(**cell).constants] == ["C2"]


GROWN = st.recursive(
    st.sampled_from(["a", "b", "c", "N", "d", "mu", "t", "p", "1", "2", "1e9", "0.66666667"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", "**"]), inner).map(
            lambda x: f"({''.join(x)})"
        ),
        st.tuples(st.sampled_from(["exp", "log", "sqrt", "erfc", "Abs"]), inner).map(
            lambda x: f"{x[0]}({x[1]})"
        ),
        st.tuples(inner, inner).map(lambda x: f"Max({x[0]},{x[1]})"),
    ),
    max_leaves=6,
)
NUMBERS = st.sampled_from([1, 2, 3, 9, 50, 10**5, 10**15, 1e300, 0.1])


@settings(max_examples=150, deadline=None)
@given(GROWN, st.dictionaries(st.sampled_from(["N", "d", "mu", "t", "p"]), NUMBERS))
def test_numbers_in_any_formula_end_soon_in_a_formula_or_a_plain_line(text, numbers):
    began, said = time.perf_counter(), ""
    file = FILE.format(text).replace(
        "[[stages]]", "constants = {a = 2, b = 3, c = 9}\n[[stages]]", 1
    )
    try:
        made = theorem_from_toml(file).theorem.bound("A")
        written = made.subs(
            **{k: v for k, v in numbers.items() if k in map(str, made.expr.free_symbols)}
        )
        assert written.latex()
        assert written.mathml()
        made.numeric(**{str(s): float(numbers.get(str(s), 7)) for s in made.expr.free_symbols})
    except TheoryError as error:
        said = str(error)
    assert "\n" not in said
    assert time.perf_counter() - began < 10
