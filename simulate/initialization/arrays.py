"""The materialised start: tokens and weights at their real dimensions."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..data.signal_noise import Labels, draw_labels, noise_tokens, signal_rows
from ..errors import EngineError
from ..fields import SHORTEST
from ..problem import Problem
from ..randomness import Stream, generator

Array = NDArray[np.float64]

#: Largest relative difference of given signals from the problem's that rounding explains.
_SAME = 1e-9


@dataclass(frozen=True)
class InitialArrays:
    """Everything one run starts from, in the space the paper writes it in.

    Attributes:
        signals: (2, d) rows μ₊ and μ₋.
        noise: (N, d) noise token of each training sample.
        test_noise: (m, d) fresh noise tokens.
        W_Q, W_K: (d, d_h) query and key weights.
        W_V: (d, d_v) value weights.
        w_O: (d_v,) output weights.
        labels: signs of training and test samples.

    Example:
        >>> from bofcheck.simulate import train
        >>> problem = Problem(dim=6, key_dim=3, value_dim=2, n_samples=4, test_tokens=8)
        >>> start = draw_arrays(problem, run=0)
        >>> start.check(problem)
        >>> start.signals.shape, start.W_V.shape
        ((2, 6), (6, 2))
        >>> train(problem, seeds=1, steps=5, start=[start])["train_loss"].shape
        (1, 6)
    """

    signals: Array
    noise: Array
    test_noise: Array
    W_Q: Array
    W_K: Array
    W_V: Array
    w_O: Array  # noqa: N815
    labels: Labels

    def check(self, problem: Problem) -> None:
        """Compare every array with the problem: kind, shape and values.

        Raises:
            EngineError: naming the first array that is not a NumPy array of float64, has another
                shape than the problem or an entry that is not finite; or the signals, where
                noise is to be orthogonal to signals that differ from the problem's.

        Example:
            >>> problem = Problem(dim=6, key_dim=3, value_dim=2, n_samples=4, test_tokens=8)
            >>> draw_arrays(problem, run=0).check(problem.replace(key_dim=5))
            Traceback (most recent call last):
                ...
            bofcheck.simulate.errors.EngineError: start array W_Q has shape (6, 3), not (6, 5)
        """
        p = problem
        shapes = {
            "signals": (2, p.dim),
            "noise": (p.n_samples, p.dim),
            "test_noise": (p.test_tokens, p.dim),
            "W_Q": (p.dim, p.key_dim),
            "W_K": (p.dim, p.key_dim),
            "W_V": (p.dim, p.value_dim),
            "w_O": (p.value_dim,),
        }
        for name, shape in shapes.items():
            array = getattr(self, name)
            if not _is_plain(array) or array.dtype != np.float64:
                raise EngineError(
                    f"start array {name} is {_kind(array)}; give a NumPy array of real numbers in "
                    "float64, such as np.asarray(values, dtype=float), or tensor.numpy() of a "
                    "detached float64 tensor on the CPU"
                )
            if array.shape != shape:
                raise EngineError(f"start array {name} has shape {array.shape}, not {shape}")
            if not np.isfinite(array).all():
                raise EngineError(f"start array {name} has entries that are not finite")
            largest = float(np.abs(array).max())
            if name != "w_O" and not (largest == 0.0 or SHORTEST <= largest <= 1 / SHORTEST):
                raise EngineError(
                    f"start array {name} has entries of size {largest:.3g} at most; its largest "
                    f"must be 0 or from {SHORTEST:g} to {1 / SHORTEST:g}, whose squares are numbers"
                )
        if p.noise == "orthogonal":
            with np.errstate(over="ignore", invalid="ignore"):
                off = self.signals @ self.signals.T - p.signal_norm**2 * np.eye(2)
            if not (np.abs(off) <= _SAME * p.signal_norm**2).all():
                raise EngineError(
                    "start array signals must be two orthogonal rows of length "
                    f"signal_norm = {p.signal_norm:g}, to which noise is orthogonal"
                )
        if not isinstance(self.labels, Labels):
            raise EngineError(f"start labels are {_kind(self.labels)}; give Labels")
        lengths = {"true": p.n_samples, "observed": p.n_samples}
        lengths |= {"test_true": p.test_tokens, "test_observed": p.test_tokens}
        for field in fields(Labels):
            values = getattr(self.labels, field.name)
            good = _is_plain(values) and np.issubdtype(values.dtype, np.signedinteger)
            if (
                not good
                or values.shape != (lengths[field.name],)
                or not np.isin(values, (-1, 1)).all()
            ):
                raise EngineError(
                    f"start labels {field.name} must be a NumPy array of {lengths[field.name]} "
                    "integers, each -1 or +1"
                )


def _is_plain(array: object) -> bool:
    """Whether it is a NumPy array whose products mean what they say, without a mask."""
    return isinstance(array, np.ndarray) and not isinstance(array, np.ma.MaskedArray | np.matrix)


def _kind(value: object) -> str:
    """What a value is, for a message: its type and, if it has one, its dtype."""
    name = type(value).__name__
    return f"{name} of {value.dtype}" if hasattr(value, "dtype") else name


def draw_arrays(problem: Problem, run: int) -> InitialArrays:
    """Draw tokens (Definition 3.1) and weights (§3) of one run at their real dimensions.

    Args:
        problem: its ``noise``, ``init`` and scales are used; ``start`` is not read.
        run: run index; the draws are keyed by (seed, problem, run).

    Example:
        >>> arrays = draw_arrays(Problem(dim=6, key_dim=3, value_dim=2, n_samples=4), run=0)
        >>> arrays.noise.shape, arrays.W_Q.shape, arrays.w_O.shape
        ((4, 6), (6, 3), (2,))
    """
    p = problem
    signals = signal_rows(p, p.dim)
    noise = noise_tokens(generator(p, run, Stream.TRAIN_TOKENS), p, p.n_samples, p.dim)
    test_noise = noise_tokens(generator(p, run, Stream.TEST_TOKENS), p, p.test_tokens, p.dim)
    rng = generator(p, run, Stream.WEIGHTS)
    if p.init == "gaussian":
        W_Q = p.init_std_qk * rng.standard_normal((p.dim, p.key_dim))
        W_K = p.init_std_qk * rng.standard_normal((p.dim, p.key_dim))
        W_V = p.init_std_v * rng.standard_normal((p.dim, p.value_dim))
        direction = rng.standard_normal(p.value_dim)
        w_O = p.output_norm * direction / np.linalg.norm(direction)
    else:
        # torch.nn.Linear: every entry uniform on ±1/sqrt(fan_in)
        bound, out = p.dim**-0.5, p.value_dim**-0.5
        W_Q = rng.uniform(-bound, bound, (p.dim, p.key_dim))
        W_K = rng.uniform(-bound, bound, (p.dim, p.key_dim))
        W_V = rng.uniform(-bound, bound, (p.dim, p.value_dim))
        w_O = rng.uniform(-out, out, p.value_dim)
    return InitialArrays(signals, noise, test_noise, W_Q, W_K, W_V, w_O, draw_labels(p, run))
