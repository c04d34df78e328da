"""Stored cells as xarray objects whose numbers are read when they are used.

Only the heads of the shard files are read to assemble one; an element is fetched from the
shard that holds it, after that shard's checksum has been compared.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from ..errors import StoreError
from ..observables import QUANTITIES
from ..trajectory import Trajectory
from .shards import PER_RUN, Head, ShardSource

IntArray = NDArray[np.int64]
Pick = Callable[[Trajectory, tuple[str, ...]], NDArray[Any]]


class _Axes:
    """Labels of every dimension, and where each shard's rows and columns lie among them."""

    def __init__(self, store: ShardSource, names: Sequence[str]) -> None:
        self.store = store
        self.names = list(names)
        self.heads: dict[str, list[Head]] = {
            name: [store.head(name, rank) for rank in range(len(store.index()[name]))]
            for name in names
        }
        every = [head for heads in self.heads.values() for head in heads]
        self.seeds = _union([head.seeds for head in every])
        self.steps = _union([head.steps for head in every])
        logged = {name for head in every for name in head.quantities}
        self.quantities = (*(q for q in QUANTITIES if q in logged), *sorted(logged - {*QUANTITIES}))

    def check_equal(self) -> None:
        """Refuse cells whose labels differ.

        Raises:
            StoreError: naming the first cell that differs.
        """
        for name, heads in self.heads.items():
            seeds = _union([head.seeds for head in heads])
            for what, own, union in (
                ("logged steps", heads[0].steps, self.steps),
                ("seeds", seeds, self.seeds),
                ("quantities", np.unique(heads[0].quantities), np.unique(self.quantities)),
            ):
                if not np.array_equal(own, union):
                    raise StoreError(
                        f"{self.store.where(name)}: its {what} differ from other cells'; use "
                        "dataset(pad=True) to fill with NaN, or tree() for each cell by itself"
                    )


class _Values(BackendArray):
    """A lazily read array of dimensions (cell, seed, step, quantity), or (cell, seed)."""

    def __init__(self, axes: _Axes, pick: Pick, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.dtype = np.dtype(np.float64)
        self._axes = axes
        self._pick = pick
        # xarray may ask for one shard piece by piece
        self._read = lru_cache(maxsize=4)(axes.store.shard)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> NDArray[Any]:
        support = indexing.IndexingSupport.OUTER
        values = indexing.explicit_indexing_adapter(key, self.shape, support, self._take)
        return np.asarray(values)

    def _take(self, key: tuple[Any, ...]) -> NDArray[Any]:
        axes = self._axes
        wanted = [
            np.atleast_1d(np.arange(size)[part]) for size, part in zip(self.shape, key, strict=True)
        ]
        out = np.full([len(part) for part in wanted], np.nan)
        for place, cell in enumerate(wanted[0]):
            name = axes.names[cell]
            for rank, head in enumerate(axes.heads[name]):
                here, rows = _match(head.seeds, axes.seeds[wanted[1]])
                if not here.size:
                    continue
                values = self._pick(self._read(name, rank), axes.quantities)[rows]
                if out.ndim == 2:
                    out[place, here] = values
                    continue
                there, columns = _match(head.steps, axes.steps[wanted[2]])
                block = values[:, columns][:, :, wanted[3]]
                out[place, here[:, None], there[None, :]] = block
        scalars = tuple(0 if isinstance(part, int | np.integer) else slice(None) for part in key)
        return np.asarray(out[scalars])


def assemble(store: ShardSource, names: Sequence[str], *, pad: bool = False) -> xr.Dataset:
    """Cells side by side, with dimensions (cell, seed, step, quantity).

    Args:
        store: where the cells are.
        names: which cells, all of them complete.
        pad: fill with NaN where a cell lacks a seed, step or quantity of another cell; by
            default such cells are refused.

    Returns:
        ``value`` (cell, seed, step, quantity) with everything logged; the numbers of each run
        (``diverged_at``, -1 if never, ``positive`` and so on) as float64 (cell, seed); the fields
        of each cell's problem as coordinates along ``cell``.

    Raises:
        StoreError: there is no cell, the cells' labels differ and ``pad`` is not set, or a file
            is damaged.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import Problem, TrajectoryStore, train
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {})
        ...     for n in (4, 8):
        ...         store.save(f"N={n}", train(Problem(n_samples=n, dim=100), seeds=2, steps=1))
        ...     data = store.dataset()
        ...     dict(data.sizes), data.n_samples.values.tolist(), data.value.sel(step=0).shape
        ({'cell': 2, 'seed': 2, 'step': 2, 'quantity': 25}, [4, 8], (2, 2, 25))
    """
    if not names:
        raise StoreError("the store holds no complete cell; run the command that fills it first")
    axes = _Axes(store, names)
    if not pad:
        axes.check_equal()
    dims = ("cell", "seed", "step", "quantity")
    sizes = (len(axes.names), len(axes.seeds), len(axes.steps), len(axes.quantities))
    variables: dict[str, Any] = {"value": _lazy(_Values(axes, _logged, sizes), dims)}
    for name in PER_RUN:
        if name != "seeds":
            variables[name] = _lazy(_Values(axes, _per_run(name), sizes[:2]), dims[:2])
    problems = [axes.heads[name][0].problem.fields() for name in axes.names]
    coords: dict[str, Any] = {
        "cell": ("cell", axes.names),
        "seed": ("seed", axes.seeds),
        "step": ("step", axes.steps),
        "quantity": ("quantity", list(axes.quantities)),
    }
    for field in dict.fromkeys(field for problem in problems for field in problem):
        label = f"root_{field}" if field == "seed" else field
        coords[label] = ("cell", _column([problem.get(field) for problem in problems]))
    attrs = {"settings": json.dumps(store.settings), "provenance": json.dumps(_provenance(axes))}
    return xr.Dataset(variables, coords=coords, attrs=attrs)


def assemble_tree(store: ShardSource, names: Sequence[str]) -> xr.DataTree:
    """Each cell by itself, with dimensions (seed, step, quantity)."""
    cells: Mapping[str, xr.Dataset] = {name: assemble(store, [name]).isel(cell=0) for name in names}
    return xr.DataTree.from_dict(cells)


def _column(values: list[Any]) -> list[Any]:
    """One field of every cell's problem; NaN, or empty text, where a problem lacks the field."""
    if None not in values:
        return values
    text = any(isinstance(value, str) for value in values)
    return [("" if text else math.nan) if value is None else value for value in values]


def _lazy(array: _Values, dims: tuple[str, ...]) -> xr.Variable:
    return xr.Variable(dims, indexing.LazilyIndexedArray(array))


def _logged(trajectory: Trajectory, quantities: tuple[str, ...]) -> NDArray[Any]:
    """(R, T, Q) everything logged, NaN for a quantity this shard does not have."""
    shape = (len(trajectory.seeds), len(trajectory.steps))
    lacking = np.full(shape, np.nan)
    return np.stack([trajectory.quantities.get(name, lacking) for name in quantities], axis=-1)


def _per_run(name: str) -> Pick:
    return lambda trajectory, _: np.asarray(getattr(trajectory, name), dtype=np.float64)


def _union(arrays: Sequence[IntArray]) -> IntArray:
    return np.unique(np.concatenate(arrays))


def _match(own: IntArray, wanted: IntArray) -> tuple[IntArray, IntArray]:
    """Positions in ``wanted`` of values of ``own``, and their positions in ``own``."""
    order = np.argsort(own, kind="stable")
    position = np.minimum(np.searchsorted(own, wanted, sorter=order), len(own) - 1)
    source = order[position]
    here = np.flatnonzero(own[source] == wanted)
    return here, source[here]


def _provenance(axes: _Axes) -> dict[str, Any]:
    """Provenance on which all cells agree, and the total seconds."""
    every = [head.provenance for heads in axes.heads.values() for head in heads]
    first = every[0]
    common = {
        key: first[key] for key in first if all(head.get(key) == first[key] for head in every)
    }
    spent = {
        key: sum(head.get(key, 0.0) for head in every) for key in first if key.endswith("_seconds")
    }
    return {**common, **spent}
