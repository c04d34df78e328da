"""The linear form of the log-excess reproduces it, and refuses what is not linear."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Max, exp, log
from theory_cells import at_step, cells

from bofcheck.theory import Bound, NotAnEnvelopeError, Provenance, benign, evaluate, harmful
from bofcheck.theory.symbols import C1, C2, C3, eta, k2, k3, p, t

ENVELOPES = [
    *((1, benign.bound("B1")), (2, benign.bound("B2")), (3, benign.bound("B3"))),
    *((2, harmful.bound("H2")), (2, harmful.bound("H2d")), (3, harmful.bound("H6"))),
    (3, benign.continuous(benign.bound("B3"))),
]


def demo(excess, constants):
    return Bound("demo", "test_error", "upper", p, excess, constants, Provenance.DERIVED, "here")


@pytest.mark.parametrize(("number", "bound"), ENVELOPES, ids=lambda x: getattr(x, "name", None))
@given(cell=cells(deepest=1e4), fraction=st.floats(0.01, 1))
@settings(max_examples=25, deadline=None)
def test_terms_reproduce_log_excess(number, bound, cell, fraction):
    cell = at_step(cell, benign.stage(number), fraction)
    terms = bound.envelope_terms()
    total = evaluate(terms.offset, cell)
    for constant, power in terms.log_constants.items():
        total += evaluate(power * log(constant), cell)
    for constant, rate in terms.rates.items():
        assert not rate.free_symbols & set(bound.constants)
        total += evaluate(rate, cell) * cell[str(constant)]
    assert total == pytest.approx(bound.log_excess(**cell), rel=1e-12, abs=1e-10)
    assert evaluate(terms.log_excess(), cell) == pytest.approx(total, rel=1e-12, abs=1e-10)


def test_the_parts_of_the_benign_bounds():
    assert benign.bound("B1").envelope_terms().log_constants == {C1: 1}
    second, third = (benign.bound(name).envelope_terms() for name in ("B2", "B3"))
    assert (second.log_constants, set(second.rates)) == ({C2: 1}, {k2})
    assert (third.log_constants, set(third.rates)) == ({C3: 1}, {k3})
    tied = benign.continuous(benign.bound("B3")).envelope_terms()
    assert (tied.log_constants, set(tied.rates)) == ({C2: 1}, {k2, k3})


def test_rates_keep_their_digits_next_to_the_stage_boundary():
    # Expanded, the square of 1 step at 1e9 steps would lose every digit.
    rate = benign.bound("B3").envelope_terms().rates[k3]
    v = {"eta": 1.0, "mu": 1.0, "w": 1.0, "sigma_V": 1.0, "sigma_p": 1.0, "d": 1.0}
    assert evaluate(rate, {**v, "T2": 1e9, "t": 1e9 + 1}) == -1.0


def test_powers_and_products_of_constants_are_envelopes():
    terms = demo(C1**2 * C2 * t * exp(-k2 * t - k3 * eta), (C1, C2, k2, k3)).envelope_terms()
    assert terms.log_constants == {C1: 2, C2: 1}
    assert terms.rates == {k2: -t, k3: -eta}
    assert terms.offset == log(t)


@pytest.mark.parametrize(
    ("excess", "constants", "culprit"),
    [
        (C1 * t + C2, (C1, C2), "C1, C2"),
        (C1 * exp(-k2 * k3 * t), (C1, k2, k3), "k2, k3"),
        (exp(-(k2**2) * t), (k2,), "k2"),
        (C1 * exp(-C1 * t), (C1,), "C1"),
        (exp(-t / k2), (k2,), "k2"),
        (exp(-(t**k2)), (k2,), "k2"),
        (Max(p, 1 / k2), (k2,), "k2"),
        (C1 * Max(p, log(k2)), (C1, k2), "k2"),
    ],
)
def test_other_shapes_are_refused_by_name(excess, constants, culprit):
    with pytest.raises(NotAnEnvelopeError, match=rf"^demo: .* not linear in {culprit};"):
        demo(excess, constants).envelope_terms()


def test_constants_linear_in_the_excess_still_have_values():
    bound = demo(C1 * t + C2, (C1, C2))
    assert bound.numeric(p=0.1, C1=0.01, C2=0.2, t=10) == pytest.approx(0.4, rel=1e-6, abs=0.0)
    assert bound.numeric(p=0.1, C1=0.01, C2=0.2, t=[10, 20]).tolist() == pytest.approx(
        [0.4, 0.5], rel=1e-6, abs=0.0
    )
