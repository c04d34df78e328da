"""Definition 5.1 and Lemma 5.3: the memory V of every token, and its change in one step.

Source: arXiv 2502.12508, Definition 5.1 (STATED) and Lemma 5.3; the exact updates are this
project's (DERIVED). V of a token z is its inner product with the value vector u = W_V w_O.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..evaluation.ranges import checked_sign

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SplitMemory:
    """Definition 5.1: memory of the signals, and of the noise by label, clean or flipped.

    Attributes:
        plus: V of the signal of label +1.
        minus: V of the signal of label -1.
        clean: (N - F,) V_n of the samples whose label is true, in their order.
        flipped: (F,) V_n of the F samples whose label is flipped.

    Example:
        >>> memory = SplitMemory(3.0, -2.0, clean=np.array([1.0]), flipped=np.array([6.0]))
        >>> min(memory.plus, -memory.minus), float(memory.flipped.mean())
        (2.0, 6.0)
    """

    plus: float
    minus: float
    clean: Array
    flipped: Array


def split_memory(
    signals: ArrayLike, noise: ArrayLike, value_vector: ArrayLike, true: ArrayLike, seen: ArrayLike
) -> SplitMemory:
    """Split the memory of all training tokens (STATED).

    Args:
        signals: (2, d), the signal of label +1 first.
        noise: (N, d) noise tokens.
        value_vector: (d,), u = W_V w_O.
        true: (N,) true labels, -1 or +1.
        seen: (N,) observed labels.

    Raises:
        InvalidValueError: a label is not -1 or +1.

    >>> split_memory([[1, 0], [0, 1]], [[1, 1], [2, 0]], [3.0, -2.0], [1, -1], [1, 1])
    SplitMemory(plus=3.0, minus=-2.0, clean=array([1.]), flipped=array([6.]))
    """
    u = np.asarray(value_vector, dtype=np.float64)
    plus, minus = np.asarray(signals, dtype=np.float64) @ u
    of_noise = np.asarray(noise, dtype=np.float64) @ u
    kept = checked_sign("true", true) == checked_sign("seen", seen)
    return SplitMemory(float(plus), float(minus), of_noise[kept], of_noise[~kept])


def loss_slope(seen: ArrayLike, output: ArrayLike) -> Array:
    """g_n = -y_n/(1 + exp(y_n f_n)), the derivative of a sample's loss in its output.

    Args:
        seen: observed labels, -1 or +1.
        output: outputs f_n; broadcast.

    Raises:
        InvalidValueError: a label is not -1 or +1.

    >>> loss_slope([1, -1], 0.0)
    array([-0.5,  0.5])
    """
    y = checked_sign("seen", seen)
    return np.asarray(-y * np.exp(-np.logaddexp(0.0, y * np.asarray(output, dtype=np.float64))))


def mean_gradient(
    signal_products: ArrayLike, noise_products: ArrayLike, mass: ArrayLike, slope: ArrayLike
) -> Array:
    """<z, h> for any tokens z, with h = (1/NM) sum_n g_n (a_n mu_n + b_n xi_n), M = 2 (DERIVED).

    The gradient of the train loss in W_V is h w_O', in w_O it is W_V' h. With coordinates in place
    of products, ``mean_gradient(signals.T, noise.T, ...)`` is h itself.

    Args:
        signal_products: (..., N) inner products of z with each sample's signal token.
        noise_products: (..., N) inner products of z with each noise token.
        mass: (N,) a_n, attention on the signal token summed over both queries; b_n = 2 - a_n.
        slope: (N,) g_n from :func:`loss_slope`.

    Returns:
        Shape (...).

    >>> float(mean_gradient([4.0, 4.0], [0.0, 1.0], [1.0, 1.0], [-0.5, -0.5]))
    -1.125
    """
    a = np.asarray(mass, dtype=np.float64)
    tokens = a * np.asarray(signal_products) + (2 - a) * np.asarray(noise_products)
    return np.asarray((tokens * np.asarray(slope)).mean(axis=-1) / 2)


def frozen_step(
    memory: ArrayLike, products: ArrayLike, learning_rate: float, output_norm: float
) -> Array:
    """Lemma 5.3 with w_O frozen: V_z(t+1) = V_z(t) - eta w^2 <z, h> (DERIVED).

    Args:
        memory: V of any tokens (or coordinates of u).
        products: <z, h> of the same tokens (or coordinates of h).
        learning_rate: eta.
        output_norm: w = norm of w_O.

    >>> frozen_step([0.5], [-1.125], 0.1, 2.0)
    array([0.95])
    """
    drop = learning_rate * output_norm**2 * np.asarray(products, dtype=np.float64)
    return np.asarray(memory, dtype=np.float64) - drop


def trained_step(W_V: ArrayLike, w_O: ArrayLike, h: ArrayLike, learning_rate: float) -> Array:
    """Lemma 5.3 with w_O trained: u = W_V w_O after one step of both (DERIVED).

    Beside -eta w^2 h, u gains -eta W_V W_V' h + eta^2 h (w_O' W_V' h).

    Args:
        W_V: (d, d_v) value weights.
        w_O: (d_v,) output weights.
        h: (d,) from :func:`mean_gradient`.
        learning_rate: eta of both.

    Returns:
        (d,) the new u; V of a token is its inner product with it.

    >>> trained_step([[1.0], [0.0]], [2.0], [1.0, 1.0], 0.1)  # (0.8, -0.2) times 1.9
    array([ 1.52, -0.38])
    """
    values, out, grad = (np.asarray(x, dtype=np.float64) for x in (W_V, w_O, h))
    pulled = values.T @ grad
    frozen = frozen_step(values @ out, grad, learning_rate, float(np.sqrt(out @ out)))
    joint = learning_rate**2 * grad * (out @ pulled)
    return np.asarray(frozen - learning_rate * values @ pulled + joint)
