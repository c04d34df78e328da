"""Training in the span of the training tokens, exactly, where the optimiser allows it.

Let Q be an orthonormal basis of the span of a run's training tokens. A loss that meets the first
layer's weights W through products with these tokens has its gradient in that span, so QᵀW trains as
W does, and W - QQᵀW stays, but for the factor that weight decay leaves of it (DERIVED). A fresh
token meets both parts. Coordinate-wise rules such as Adam's are not rotation invariant: those train
the whole arrays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .setting import Setting

Array = NDArray[np.float64]


def spans(setting: Setting) -> bool:
    """Whether a setting trains in the span of its tokens, and that is smaller than d.

    Example:
        >>> from bofcheck.simulate import Problem
        >>> spans(Setting(Problem(n_samples=4, dim=30, start="materialised")))
        True
    """
    noise = setting.samples.tokens - setting.samples.signal_tokens
    rank = setting.problem.n_samples * noise + setting.samples.classes
    return setting.optimiser.rotation_invariant and rank < setting.problem.dim


def basis(tokens: Array) -> Array:
    """(d, n) orthonormal columns whose span holds all rows of ``tokens``.

    Args:
        tokens: (n, d) tokens and signals of one run, n at most d.

    Example:
        >>> rows = np.array([[1.0, 0, 0, 0], [1.0, 0, 0, 0], [0, 1.0, 0, 0]])
        >>> columns = basis(rows)
        >>> bool(np.allclose(columns @ (columns.T @ rows.T), rows.T))
        True
    """
    return np.ascontiguousarray(np.linalg.qr(tokens.T)[0])
