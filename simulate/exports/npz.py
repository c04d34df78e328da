"""numpy ``.npz``: the Dataset of (cell, seed, step, quantity) as plain arrays, nothing pickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..store import Store
from ._export import Export


def write(store: Store, path: Path) -> None:
    """Write every variable and coordinate of the store's padded Dataset under its own name.

    ``value`` has dimensions (cell, seed, step, quantity); ``settings`` is JSON text.
    """
    data = store.dataset(pad=True)
    arrays: dict[str, Any] = {
        str(name): values.to_numpy() for name, values in data.variables.items()
    }
    arrays["settings"] = np.array(data.attrs["settings"])
    with path.open("wb") as file:
        np.savez(file, **arrays)


EXPORT = Export(write)
