"""The model's output, written in several ways straight from weights and tokens.

These are the slow, obvious forms that identities are checked with; training uses none of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from ...simulate import InitialArrays
from ...simulate.snapshot import Snapshot
from ...theory.lemmas.error_event import output_from_memory

Array = NDArray[np.float64]


def matrix_outputs(tokens: Array, weights: InitialArrays) -> Array:
    """(1/M) Σ_l softmax(x_lᵀ W_Q W_Kᵀ Xᵀ) X W_V w_O, eq. (1) before expansion (SOURCE).

    Args:
        tokens: (K, M, d) tokens of K samples.
        weights: its W_Q, W_K, W_V and w_O.

    Returns:
        (K,) outputs.
    """
    logits = tokens @ weights.W_Q @ weights.W_K.T @ tokens.transpose(0, 2, 1)
    outputs: Array = (softmax(logits, axis=2) @ tokens @ weights.W_V @ weights.w_O).mean(axis=1)
    return outputs


def four_attentions(tokens: Array, weights: InitialArrays) -> Array:
    """(K, 4) softmax outputs signal→signal, signal→noise, noise→signal, noise→noise."""
    columns = []
    for query in (0, 1):
        own = tokens[:, query] @ weights.W_Q
        to_signal, to_noise = (((tokens[:, key] @ weights.W_K) * own).sum(axis=1) for key in (0, 1))
        columns += [expit(to_signal - to_noise), expit(to_noise - to_signal)]
    return np.stack(columns, axis=1)


def four_softmax_outputs(tokens: Array, weights: InitialArrays) -> Array:
    """Eq. (1): the four softmax outputs times the value each looks at, over M = 2 (SOURCE)."""
    a = four_attentions(tokens, weights)
    values = tokens @ (weights.W_V @ weights.w_O)
    return 0.5 * ((a[:, 0] + a[:, 2]) * values[:, 0] + (a[:, 1] + a[:, 3]) * values[:, 1])


def training_tokens(arrays: InitialArrays) -> Array:
    """(N, 2, d) signal and noise token of each training sample."""
    row = np.where(arrays.labels.true > 0, 0, 1)
    return np.stack([arrays.signals[row], arrays.noise], axis=1)


def fresh_tokens(arrays: InitialArrays) -> Array:
    """(m, 2, d) signal and noise token of each drawn test sample."""
    row = np.where(arrays.labels.test_true > 0, 0, 1)
    return np.stack([arrays.signals[row], arrays.test_noise], axis=1)


def fresh_outputs(snapshot: Snapshot) -> Array:
    """(R, m, 2) output on every fresh noise token beside μ₊ and μ₋, by Lemma 5.2 (DERIVED)."""
    attention_signal, attention_noise = fresh_attentions(snapshot)
    memory = snapshot.signal_values[:, None, :], snapshot.test_values[:, :, None]
    return np.asarray(output_from_memory(*memory, attention_signal, attention_noise))


def fresh_attentions(snapshot: Snapshot) -> tuple[Array, Array]:
    """Attention on the signal of the signal's and the noise's query, each (R, m, 2)."""
    signal_gap = snapshot.signal_logit[:, None, :] - snapshot.test_signal_query
    noise_gap = snapshot.test_noise_query - snapshot.test_noise_self[:, :, None]
    return expit(signal_gap), expit(noise_gap)
