"""Assumption 4.1 and the laws under the exact rescalings of the model.

(i) x -> s x and (ii) w -> s w; docs/theory.md gives the accompanying changes of the other symbols.
Bounds, times and conditions are rescaled in test_bound_properties.py.
"""

import numpy as np
from hypothesis import given, settings
from sympy import Symbol, simplify
from theory_cells import cells, log_uniform

from bofcheck import theory
from bofcheck.theory import SYMBOLS, check_assumptions
from bofcheck.theory.state import value_norm


def rescale_inputs(cell, s):
    """Symmetry (i): tokens grow by s; weights and learning rate give way."""
    powers = {"mu": 1, "sigma_p": 1, "sigma_h": -1, "sigma_V": -1, "eta": -2, "u_T1": -1}
    return {name: x * s ** powers.get(name, 0) for name, x in cell.items()}


@given(cell=cells(), s=log_uniform(1e-3, 1e3))
@settings(max_examples=25, deadline=None)
def test_assumptions_are_invariant_under_input_scale(cell, s):
    before, after = (check_assumptions(c).rows for c in (cell, rescale_inputs(cell, s)))
    ratios = ([row.ratio for row in rows] for rows in (before, after))
    np.testing.assert_allclose(*ratios, rtol=1e-11)


def test_the_laws_of_attention_and_size_scale_as_the_model():
    s = Symbol("s", positive=True)
    mu, sigma_p, sigma_h, sigma_V, eta, w = (
        SYMBOLS[name] for name in ("mu", "sigma_p", "sigma_h", "sigma_V", "eta", "w")
    )
    inputs = {mu: s * mu, sigma_p: s * sigma_p, sigma_h: sigma_h / s, sigma_V: sigma_V / s}
    inputs |= {eta: eta / s**2, value_norm: value_norm / s}
    for law in (theory.LOGIT_GAP, theory.T_GAP, theory.FAILURE_PROB):
        assert simplify(law.subs(inputs).expr - law.expr) == 0, law.quantity
    size = theory.VALUE_NORM_SQUARED
    assert simplify(size.subs(inputs).expr * s**2 - size.expr) == 0
    # Under w_O -> s w_O the rate of W_V is divided by s^2 and that of W_Q, W_K is kept; the gap
    # has one factor of each, written as one eta^2.
    output = {w: s * w, sigma_V: sigma_V / s, eta: eta / s}
    for law in (theory.LOGIT_GAP, theory.T_GAP, size):
        assert simplify(law.subs(output).expr - law.expr) == 0, law.quantity


def test_every_reading_is_invariant_under_both_rescalings():
    s = Symbol("s", positive=True)
    powers = (
        {"mu": 1, "sigma_p": 1, "sigma_h": -1, "sigma_V": -1, "eta": -2},
        {"w": 1, "sigma_V": -1, "eta": -2},
    )
    for theorem in (theory.benign, theory.harmful):
        for reading in theorem.readings:
            for scale in powers:
                moved = {SYMBOLS[name]: SYMBOLS[name] * s**power for name, power in scale.items()}
                expr = reading.bound.expr
                after = expr.subs(moved, simultaneous=True)
                assert simplify(after - expr) == 0, (reading.name, scale)
