"""Random admissible cells, and an independent 50-digit evaluation, for the theory tests."""

from functools import cache

import mpmath
from hypothesis import strategies as st
from sympy import Expr, lambdify


def log_uniform(low: float, high: float) -> st.SearchStrategy[float]:
    """Floats spread evenly over the powers of ten between two numbers."""
    return st.floats(mpmath.log10(low), mpmath.log10(high)).map(lambda x: float(10.0**x))


@st.composite
def cells(draw, deepest: float = 100.0):
    """Values of every symbol; stage 2 and 3 rates put the exponents between 0 and `deepest`."""
    v = {
        "N": draw(st.integers(2, 200)),
        "d": draw(log_uniform(1e2, 1e15)),
        "d_h": draw(log_uniform(1, 1e7)),
        "d_v": draw(log_uniform(1, 1e4)),
        "mu": draw(log_uniform(1e-2, 1e2)),
        "sigma_p": draw(log_uniform(1e-6, 1e1)),
        "sigma_h": draw(log_uniform(1e-6, 1)),
        "sigma_V": draw(log_uniform(1e-6, 1)),
        "w": draw(log_uniform(0.1, 10)),
        "eta": draw(log_uniform(1e-5, 1)),
        "p": draw(st.just(0.0) | st.floats(1e-6, 0.49)),
        "epsilon": draw(log_uniform(1e-4, 0.5)),
        "delta": draw(log_uniform(1e-4, 0.5)),
        "C": 1.0,
        "C0": draw(log_uniform(0.1, 100)),
        "C1": draw(st.floats(0.01, 1)),
        "C2": draw(st.floats(0.01, 1)),
        "C3": draw(st.floats(0.01, 1)),
        "V_max_T1": draw(st.floats(0, 3)),
        "u_T1": draw(st.floats(0, 3)),
        "T1": draw(st.floats(0, 1e3)),
    }
    for name in ("c1", "c2", "c3", "a", "b"):
        v[name] = draw(log_uniform(0.1, 50))
    v["N_max"] = draw(st.integers((v["N"] + 1) // 2, v["N"]))
    # Steps since a stage began stay well above the rounding of the clock itself.
    v["T2"] = v["T1"] + draw(st.floats(1, 1e4))
    v["T3"] = v["T2"] + draw(st.floats(1, 1e6))
    snr = v["mu"] / (v["sigma_p"] * v["d"] ** 0.5)
    speed2 = v["eta"] * v["mu"] ** 2 * v["w"] ** 2
    speed3 = v["eta"] * v["mu"] * v["w"] * snr / v["sigma_V"]
    v["k2"] = draw(st.floats(1e-3, deepest)) / (speed2 * (v["T2"] - v["T1"]))
    v["k3"] = draw(st.floats(1e-3, deepest)) / (speed3 * (v["T3"] - v["T2"])) ** 2
    return v


def at_step(values: dict, stage, fraction: float) -> dict:
    """The same cell with the clock set inside a stage."""
    start = 0.0 if stage.number == 1 else values[str(stage.start)]
    return {**values, "t": start + fraction * (values[str(stage.end)] - start)}


@cache
def names(expr: Expr) -> list[str]:
    """The symbols of a formula, by name; M keeps its default."""
    return sorted({str(symbol) for symbol in expr.free_symbols} - {"M"})


@cache
def _at_any_precision(expr: Expr):
    symbols = sorted(expr.free_symbols, key=str)
    return [str(symbol) for symbol in symbols], lambdify(symbols, expr, "mpmath")


def exact(expr: Expr, values: dict) -> mpmath.mpf:
    """The expression at 50 digits; every float counts as the exact binary number it is."""
    names, function = _at_any_precision(expr)
    with mpmath.workdps(50):
        numbers = {"M": mpmath.mpf(2), **{name: mpmath.mpf(x) for name, x in values.items()}}
        return mpmath.mpf(function(*(numbers[name] for name in names)))
