"""Results as files for other programs: one module per format, found in this folder.

A module defines ``EXPORT``, an `Export`; to add a format, add a file.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from ..._registry import load, module_names
from ..errors import StoreError, StoreWriteError, shown
from ..store import Store
from ..store.atomic import replacing
from ._export import Export

__all__ = ["Export", "export", "export_names"]


def export_names() -> list[str]:
    """Names of all formats.

    >>> export_names()
    ['csv', 'netcdf', 'npz', 'parquet']
    """
    return list(module_names(__name__))


def export(store: Store, form: str, path: Path) -> None:
    """Write every whole cell of a store into one file.

    Args:
        store: where the cells are.
        form: a name from `export_names`.
        path: the file, in an existing folder; it appears when it is complete.

    Raises:
        StoreError: the form is unknown or its library is not installed, there is no cell, or a
            cell is damaged.
        StoreWriteError: the file cannot be written.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import Problem, TrajectoryStore, train
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {})
        ...     store.save("a", train(Problem(n_samples=4, dim=100), seeds=1, steps=1))
        ...     export(store, "csv", Path(folder) / "a.csv")
        ...     (Path(folder) / "a.csv").read_text()[:26]
        'cell,seed,step,train_loss,'
    """
    if form not in export_names():
        raise StoreError(f"form {shown(form)}: unknown; choose one of {', '.join(export_names())}")
    chosen = load(__name__, form, "EXPORT", Export)
    for needed in chosen.needs:
        if importlib.util.find_spec(needed) is None:
            raise StoreError(
                f"form {form}: needs {needed}; install it with pip install 'bofcheck[export]'"
            )
    if not store.names():
        raise StoreError("there is no complete cell to export; run the command that makes it")
    try:
        with replacing(path) as temporary:
            chosen.write(store, temporary)
    except OSError as error:
        raise StoreWriteError(f"{path}: cannot be written: {error.strerror or error}") from None
