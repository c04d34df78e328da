"""The Bartlett factor: Gaussian rows seen in an orthonormal frame adapted to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def bartlett(rng: np.random.Generator, rows: int, dof: int) -> Array:
    """Gaussian rows of length ``dof`` in an orthonormal frame adapted to them.

    Args:
        rng: source of randomness.
        rows: number of independent N(0, I_dof) rows.
        dof: their dimension; may be below ``rows`` (then the factor is trapezoidal) or 0.

    Returns:
        (rows, min(rows, dof)) lower-trapezoidal T with T Tᵀ distributed as X Xᵀ for X of
        ``rows`` standard Gaussian rows in ``dof`` dimensions.

    Example:
        >>> T = bartlett(np.random.default_rng(0), rows=3, dof=2)
        >>> T.shape, float(T[0, 1])
        ((3, 2), 0.0)
    """
    rank = min(rows, dof)
    factor = np.tril(rng.standard_normal((rows, rank)), -1)
    factor[np.arange(rank), np.arange(rank)] = np.sqrt(rng.chisquare(float(dof) - np.arange(rank)))
    return factor
