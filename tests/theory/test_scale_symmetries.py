"""The exact rescalings of the model leave every statement unchanged.

(i) x -> s x and (ii) w -> s w; theory.md gives the accompanying changes of the other symbols.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from theory_cells import at_step, cells, log_uniform

from bofcheck.theory import benign, check_assumptions, harmful

STAGED = [(s, b) for theorem in (benign, harmful) for s in theorem.stages for b in s.bounds]
TIMES = [time for theorem in (benign, harmful) for time in theorem.times]
# A rescaled input is rounded, and an exponent of 100 passes its rounding on hundredfold.
CLOSE = {"rel": 1e-11}


def rescale_inputs(cell, s):
    """Symmetry (i): tokens grow by s; weights and learning rate give way."""
    powers = {"mu": 1, "sigma_p": 1, "sigma_h": -1, "sigma_V": -1, "eta": -2, "u_T1": -1}
    return {name: x * s ** powers.get(name, 0) for name, x in cell.items()}


def rescale_output(cell, s):
    """Symmetry (ii): w_O grows by s; W_V and its learning rate give way."""
    powers = {"w": 1, "sigma_V": -1, "eta": -2}
    return {name: x * s ** powers.get(name, 0) for name, x in cell.items()}


@pytest.mark.parametrize("rescale", [rescale_inputs, rescale_output])
@pytest.mark.parametrize(("stage", "bound"), STAGED, ids=lambda x: x.name)
@given(cell=cells(), fraction=st.floats(0, 1), s=log_uniform(1e-3, 1e3))
@settings(max_examples=15, deadline=None)
def test_bounds_are_invariant(stage, bound, rescale, cell, fraction, s):
    cell = at_step(cell, stage, fraction)
    assert bound.numeric(**rescale(cell, s)) == pytest.approx(bound.numeric(**cell), **CLOSE)


@pytest.mark.parametrize("rescale", [rescale_inputs, rescale_output])
@pytest.mark.parametrize("time", TIMES, ids=lambda x: x.name)
@given(cell=cells(), s=log_uniform(1e-3, 1e3))
@settings(max_examples=15, deadline=None)
def test_times_are_invariant(time, rescale, cell, s):
    assert time.numeric(**rescale(cell, s)) == pytest.approx(time.numeric(**cell), **CLOSE)


@pytest.mark.parametrize("theorem", [benign, harmful], ids=lambda x: x.name)
@given(cell=cells(), s=log_uniform(1e-3, 1e3))
@settings(max_examples=15, deadline=None)
def test_conditions_are_invariant(theorem, cell, s):
    changed = theorem.condition.ratio(**rescale_inputs(cell, s))
    assert changed == pytest.approx(theorem.condition.ratio(**cell), **CLOSE)


@given(cell=cells(), s=log_uniform(1e-3, 1e3))
@settings(max_examples=25, deadline=None)
def test_assumptions_are_invariant_under_input_scale(cell, s):
    before, after = (check_assumptions(c).rows for c in (cell, rescale_inputs(cell, s)))
    ratios = ([row.ratio for row in rows] for rows in (before, after))
    np.testing.assert_allclose(*ratios, rtol=1e-11)
