"""NumPy: a dict of arrays, and ``.npz``, as a Dataset of xarray."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import CompareError
from ..rows import CELL, RUN, STEP
from ..shapes.names import plain

#: Names of arrays that say at which steps the others were measured.
_STEPS = ("step", "steps", "t", "iteration", "iterations", "epoch", "epochs")
_RUNS = ("run", "seed", "runs", "seeds")
_CELLS = ("cell", "cells")


def npz_dataset(path: Path, columns: Mapping[str, str]) -> Any:
    """The arrays of a ``.npz`` file as a Dataset.

    Raises:
        CompareError: the file is damaged, holds Python objects, or its arrays do not fit.
        OSError: the file cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except OSError:
        raise
    # damaged bytes and pickled objects raise several kinds of errors
    except Exception as error:
        why = " ".join(str(error).split())[:120]
        raise CompareError(f"{path}: is not a file of plain arrays: {why}") from None
    return arrays_dataset(arrays, str(path), columns)


def arrays_dataset(arrays: Mapping[str, Any], name: str, columns: Mapping[str, str]) -> Any:
    """Arrays as a Dataset with dimensions cell, run and step.

    Args:
        arrays: ``step`` (T,), quantities (R, T) or (cells, R, T), and if you like ``run`` (R,),
            ``cell`` (cells,), and numbers of cells (cells,).
        name: what messages call them.
        columns: other names of the arrays, by run, step, cell, quantity or symbol.

    Raises:
        CompareError: the steps are missing, or an array does not fit them.

    Example:
        >>> loss = np.array([[0.5, 0.2], [0.4, 0.1]])
        >>> data = arrays_dataset({"step": [0, 10], "train_loss": loss}, "arrays", {})
        >>> dict(data.sizes)
        {'run': 2, 'step': 2}
    """
    import xarray as xr

    named = {old: new for new, old in columns.items()}
    given = {named.get(key, key): np.asarray(value) for key, value in arrays.items()}
    if "value" in given and "quantity" in given and given["value"].ndim == 4:
        return _exported(given)
    steps = _taken(given, _STEPS)
    if steps is None or steps.ndim != 1:
        have = ", ".join(f"{key} {value.shape}" for key, value in given.items()) or "nothing"
        raise CompareError(
            f"{name}: needs an array step with the step of every column, e.g. step=[0, 10, 20]; it "
            f"has {have[:200]}"
        )
    coords: dict[str, Any] = {STEP: steps}
    for dim, aliases in ((RUN[0], _RUNS), (CELL, _CELLS)):
        if (labels := _taken(given, aliases)) is not None:
            if labels.ndim != 1:
                raise CompareError(f"{name}: {dim} has shape {labels.shape}; it names one a {dim}")
            coords[dim] = labels
    data = {}
    for key, values in given.items():
        if values.ndim in (2, 3):
            dims = (CELL, RUN[0], STEP)[-values.ndim :]
            _check_shape(name, key, values, dims, coords)
            data[key] = (dims, values)
        elif CELL in coords and values.shape == coords[CELL].shape:
            data[key] = ((CELL,), values)
    try:
        return xr.Dataset(data, coords)
    except ValueError as error:
        raise CompareError(f"{name}: {' '.join(str(error).split())[:160]}") from None


def _exported(given: Mapping[str, Any]) -> Any:
    """What `bofcheck export --to npz` wrote."""
    import xarray as xr

    dims = (CELL, RUN[1], STEP, "quantity")
    coords = {dim: given[dim] for dim in dims}
    data: dict[str, Any] = {"value": (dims, given["value"])}
    if "diverged_at" in given:
        data["diverged_at"] = (dims[:2], given["diverged_at"])
    return xr.Dataset(data, coords)


def _taken(given: dict[str, Any], names: tuple[str, ...]) -> Any:
    """The array with the first of some names, which is taken out."""
    for alias in names:
        for key in given:
            if plain(key) == alias:
                return given.pop(key)
    return None


def _check_shape(
    name: str, key: str, values: Any, dims: tuple[str, ...], coords: Mapping[str, Any]
) -> None:
    for dim, size in zip(dims, values.shape, strict=True):
        if dim in coords and coords[dim].size != size:
            turned = "; transpose it" if coords[STEP].size in values.shape[:-1] else ""
            raise CompareError(
                f"{name}: {key} has shape {values.shape}, read as ({', '.join(dims)}), but "
                f"there are {coords[dim].size} of {dim}{turned}"
            )
