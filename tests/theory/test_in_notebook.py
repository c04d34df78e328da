"""Bounds in a notebook: coordinates are kept, names are attributes, representations are short."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure

import bofcheck
from bofcheck.theory import InvalidValueError, MissingValueError, benign

BOUND = bofcheck.theorem("mine").upper("train_loss", "C/(eta*t)").build().bounds[0]
STEPS = np.array([1.0, 10.0, 1000.0])


def test_dataarrays_broadcast_by_name_and_keep_their_coordinates():
    t = xr.DataArray(STEPS, dims="step", coords={"step": STEPS})
    eta = xr.DataArray([0.1, 0.2], dims="cell", coords={"cell": ["slow", "fast"]})
    values = BOUND.numeric(C=2.0, eta=eta, t=t)
    assert dict(values.sizes) == {"cell": 2, "step": 3}
    assert float(values.sel(cell="fast", step=10.0)) == pytest.approx(1.0)
    plain = BOUND.numeric(C=2.0, eta=eta.values[:, None], t=STEPS)
    np.testing.assert_array_equal(values.transpose("cell", "step"), plain)
    logs = BOUND.log_excess(C=2.0, eta=eta, t=t)
    np.testing.assert_allclose(logs, np.log(values), rtol=1e-14, atol=1e-14)


def test_series_keep_their_index_and_must_share_it():
    t = pd.Series(STEPS, index=["a", "b", "c"])
    eta = pd.Series(0.1, index=["a", "b", "c"])
    values = BOUND.numeric(C=2.0, eta=eta, t=t)
    assert values.index.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(values, BOUND.numeric(C=2.0, eta=0.1, t=STEPS))
    with pytest.raises(InvalidValueError, match="eta, t have different indices; align them"):
        BOUND.numeric(C=2.0, eta=eta.rename({"a": "z"}), t=t)
    with pytest.raises(InvalidValueError, match="is a Series and t a DataArray"):
        BOUND.numeric(C=2.0, eta=eta, t=xr.DataArray(STEPS, dims="step"))


def test_symbols_and_derivatives():
    t = BOUND.symbols.t
    assert BOUND.diff("t") == BOUND.diff(t) == BOUND.expr.diff(t)
    assert BOUND.diff("t", 2) == BOUND.expr.diff(t, t)
    with pytest.raises(MissingValueError, match=r"no symbol etta; .*; did you mean eta\?$"):
        BOUND.diff("etta")


def test_a_plot_draws_the_numbers_over_the_one_array():
    ax = BOUND.plot(Figure().subplots(), C=2.0, eta=0.1, t=STEPS, title="Mine", ylabel="loss")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("step t", "loss", "Mine")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), 2.0 / (0.1 * STEPS))
    ax = BOUND.plot(Figure().subplots(), C=2.0, eta=[0.1, 0.2], t=1.0)
    assert (ax.get_xlabel(), ax.get_xscale()) == (r"$\eta$", "linear")
    with pytest.raises(InvalidValueError, match="give one array, such as t="):
        BOUND.plot(C=2.0, eta=0.1, t=1.0)


def test_representations_are_one_short_line():
    assert repr(BOUND) == "Bound(D1: train_loss <= C/(eta*t))"
    assert repr(benign).startswith("Theorem(benign: B1, ")
    assert len(repr(benign)) < 160
