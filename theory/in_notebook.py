"""What a bound does in a notebook: names as attributes, plots, coordinates kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike
from sympy import Expr, Symbol

from .errors import InvalidValueError, MissingValueError, nearest_hint
from .evaluation.numbers import Number
from .rendering.latex import expr_latex

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def named_symbols(formula: Expr) -> SimpleNamespace:
    """The symbols of a formula as attributes.

    >>> from .symbols import snr
    >>> named_symbols(snr).mu
    mu
    """
    return SimpleNamespace(**{str(s): s for s in sorted(formula.free_symbols, key=str)})


def symbol_of(what: str, formula: Expr, name: str | Symbol) -> Symbol:
    """The symbol of a formula that has a name.

    Raises:
        MissingValueError: it is not in the formula; the message names those that are.

    >>> from .symbols import snr
    >>> symbol_of("SNR", snr, "sigmap")
    Traceback (most recent call last):
        ...
    bofcheck.theory.errors.MissingValueError: SNR: has no symbol sigmap; it uses ...
    """
    names = {str(symbol): symbol for symbol in formula.free_symbols}
    if str(name) in names:
        return names[str(name)]
    raise MissingValueError(
        f"{what}: has no symbol {name}; it uses {', '.join(sorted(names))}"
        f"{nearest_hint(str(name), names)}"
    )


def keeping_coordinates(
    what: str, evaluated: Callable[[Mapping[str, ArrayLike]], Number], values: Mapping[str, Any]
) -> Number:
    """Numbers of a formula, in the form of the values: DataArrays and Series keep their labels.

    Args:
        what: the formula's name, for error messages.
        evaluated: gives the formula's numbers for plain arrays.
        values: numbers, arrays, DataArrays, which broadcast by the names of their dimensions, or
            Series of one index.

    Raises:
        InvalidValueError: Series have different indices, or are mixed with DataArrays.

    Example:
        >>> import pandas as pd
        >>> steps = pd.Series([1.0, 2.0], index=["a", "b"])
        >>> keeping_coordinates("f", lambda values: 2 * values["t"], {"t": steps}).to_dict()
        {'a': 2.0, 'b': 4.0}
    """
    arrays = {name: each for name, each in values.items() if hasattr(each, "coords")}
    series = {name: each for name, each in values.items() if hasattr(each, "iloc")}
    if arrays and series:
        raise InvalidValueError(
            f"{what}: {next(iter(series))} is a Series and {next(iter(arrays))} a DataArray; "
            "convert one, as with .to_xarray()"
        )
    if arrays:
        import xarray as xr

        names = list(values)
        found = xr.apply_ufunc(
            lambda *given: evaluated(dict(zip(names, given, strict=True))), *values.values()
        )
        return cast(Number, found.rename(what))
    if series:
        import pandas as pd

        first, *rest = series.values()
        if any(getattr(each, "ndim", 1) != 1 for each in series.values()):
            raise InvalidValueError(f"{what}: a DataFrame is not a number; pass its columns")
        if any(not first.index.equals(each.index) for each in rest):
            raise InvalidValueError(
                f"{what}: {', '.join(series)} have different indices; align them first"
            )
        plain = {name: np.asarray(each) for name, each in values.items()}
        return cast(Number, pd.Series(evaluated(plain), index=first.index, name=what))
    return evaluated(dict(values))


def plotted(
    what: str,
    formula: Expr,
    evaluated: Callable[..., Number],
    values: Mapping[str, Any],
    labels: tuple[str, str, str],
    ax: Axes | None,
) -> Axes:
    """Axes with a formula drawn over the one value that is an array.

    Args:
        what: the formula's name, for error messages and the line.
        formula: the formula.
        evaluated: its numbers, by name.
        values: numbers by name, and one array.
        labels: of the horizontal and vertical axis, and the title; empty for a default.
        ax: where to draw; None for a new figure.

    Raises:
        InvalidValueError: none or several of the values are arrays.
    """
    grids = [name for name, value in values.items() if np.ndim(value) == 1]
    if len(grids) != 1 or any(np.ndim(value) > 1 for value in values.values()):
        raise InvalidValueError(
            f"{what}: give one array, such as t=np.geomspace(1, 1000), and numbers for the rest; "
            f"{len(grids) or 'none'} of {', '.join(values) or 'no values'} "
            f"{'are' if len(grids) > 1 else 'is'} an array"
        )
    (name,) = grids
    grid = np.asarray(values[name], dtype=float)
    numbers = np.asarray(evaluated(**values), dtype=float)
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1]
    ax.plot(grid, numbers, label=what)
    positive = numbers[np.isfinite(numbers)]
    if positive.size and (positive > 0).all() and positive.max() > 30 * positive.min():
        ax.set_yscale("log")
    if grid.min() > 0 and grid.max() > 30 * grid.min():
        ax.set_xscale("log")
    across, up, title = labels
    symbol = symbol_of(what, formula, name) if name in map(str, formula.free_symbols) else name
    ax.set_xlabel(across or display_name(symbol))
    ax.set_ylabel(up)
    if title:
        ax.set_title(title)
    return ax


def display_name(symbol: Symbol | str) -> str:
    r"""A symbol as a label of an axis.

    >>> from .symbols import eta
    >>> print(display_name(eta), display_name("t"))
    $\eta$ step t
    """
    if str(symbol) == "t" or not isinstance(symbol, Symbol):
        return "step t" if str(symbol) == "t" else str(symbol)
    return f"${expr_latex(symbol)}$"
