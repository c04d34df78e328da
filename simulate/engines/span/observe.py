"""Fill a `Snapshot` from the reduced state: training samples, test tokens and the line.

One kernel over runs, compiled as a whole. A fresh token's projections follow from its inner
products with the training tokens: ξ'W(t) = ξ'W(0) + (ξ'Zᵀ) A(t) (DERIVED).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...initialization import ReducedStart
from ...numerics.jit import njit
from ...numerics.product import add_product
from ...numerics.threads import spread
from ...snapshot import Snapshot

#: Fresh tokens worked on at once; their queries and keys stay in the cache.
_CHUNK = 64

Array = NDArray[np.float64]


def observe(
    starts: dict[str, Array],
    row: NDArray[np.int64],
    state: dict[str, Array],
    signal_norm: float,
    orthogonal: bool,
) -> Snapshot:
    """Snapshot of all runs.

    Args:
        starts: the fields of `ReducedStart` stacked over runs, keyed by name.
        row: (R, N) index of each training sample's signal row (0 or 1).
        state: ``qk``, ``values``, ``output``, ``a_qk``, ``a_v`` stacked over runs.
        signal_norm: ‖μ₊‖, to take the signals out of the line for orthogonal noise.
        orthogonal: whether fresh noise is orthogonal to the signals.
    """
    runs, n_samples = row.shape
    n_test = starts["test_gram"].shape[1]
    out = {
        "signal_gap": np.empty((runs, n_samples)),
        "noise_gap": np.empty((runs, n_samples)),
        "signal_values": np.empty((runs, 2)),
        "noise_values": np.empty((runs, n_samples)),
        "value_norm": np.empty(runs),
        "output_norm": np.empty(runs),
        "signal_logit": np.empty((runs, 2)),
        "test_values": np.empty((runs, n_test)),
        "test_signal_query": np.empty((runs, n_test, 2)),
        "test_noise_query": np.empty((runs, n_test, 2)),
        "test_noise_self": np.empty((runs, n_test)),
        "line_values": np.empty(runs),
        "line_signal_query": np.empty((runs, 2)),
        "line_noise_query": np.empty((runs, 2)),
        "line_self_first": np.empty((runs, n_test)),
        "line_self_second": np.empty(runs),
    }
    _train(
        row, state["qk"], state["values"], state["output"],
        out["signal_gap"], out["noise_gap"], out["signal_values"], out["noise_values"],
        out["output_norm"], out["signal_logit"],
    )  # fmt: skip

    def work(first: int, last: int) -> None:
        _test(
            first, last,
            starts["gram"], starts["values"], state["qk"], state["values"], state["output"],
            state["a_qk"], state["a_v"], signal_norm, orthogonal,
            starts["test_gram"], starts["test_queries"], starts["test_keys"],
            starts["test_values"], starts["test_cross"],
            starts["line_queries"], starts["line_keys"], starts["line_gram"],
            starts["line_cross"], starts["test_line_cross"],
            out["value_norm"], out["test_values"], out["test_signal_query"],
            out["test_noise_query"], out["test_noise_self"],
            out["line_values"], out["line_signal_query"], out["line_noise_query"],
            out["line_self_first"], out["line_self_second"],
        )  # fmt: skip

    spread(work, runs, pieces=1)
    return Snapshot(**out, tail=None)


def stack(starts: list[ReducedStart]) -> dict[str, Array]:
    """The array fields of several runs' starts, each with a leading run axis."""
    names = [name for name in ReducedStart.__dataclass_fields__ if name != "labels"]
    return {
        name: np.ascontiguousarray(np.stack([getattr(start, name) for start in starts]))
        for name in names
    }


#: Numbers up to this, and down to its inverse, have squares that neither overflow nor vanish.
_SAFE = 1e130
#: Sums may be reordered into vector lanes; infinities and NaN keep their meaning.
_FAST = {"contract", "reassoc", "nsz"}


@njit(cache=True, fastmath=_FAST, error_model="numpy")
def _train(row, qk, values, output, signal_gap, noise_gap, signal_values, noise_values, output_norm, signal_logit):  # fmt: skip # noqa: E501
    for run in range(row.shape[0]):
        r = qk.shape[2] // 2
        queries, keys = qk[run, :, :r], qk[run, :, r:]
        projection = np.empty(qk.shape[1])
        for i in range(qk.shape[1]):
            total = 0.0
            for j in range(output.shape[1]):
                total += values[run, i, j] * output[run, j]
            projection[i] = total
        for sample in range(row.shape[1]):
            s, x = row[run, sample], sample + 2
            by_signal, by_noise = 0.0, 0.0
            for k in range(r):
                difference = keys[s, k] - keys[x, k]
                by_signal += queries[s, k] * difference
                by_noise += queries[x, k] * difference
            signal_gap[run, sample] = by_signal
            noise_gap[run, sample] = by_noise
            noise_values[run, sample] = projection[x]
        total = 0.0
        for j in range(output.shape[1]):
            total += output[run, j] ** 2
        output_norm[run] = np.sqrt(total)
        if not 1 / _SAFE < output_norm[run] < _SAFE:
            output_norm[run] = _scaled_length(output[run])
        for z in range(2):
            signal_values[run, z] = projection[z]
            total = 0.0
            for k in range(r):
                total += queries[z, k] * keys[z, k]
            signal_logit[run, z] = total


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _test(first_run, last_run, gram, start_values, qk, values, output, a_qk, a_v, signal_norm, orthogonal, test_gram, test_queries, test_keys, test_values, test_cross, line_queries, line_keys, line_gram, line_cross, test_line_cross, value_norm, out_values, out_signal_query, out_noise_query, out_self, line_values, line_signal_query, line_noise_query, line_first, line_second):  # fmt: skip # noqa: E501
    for run in range(first_run, last_run):
        n, width = qk.shape[1], qk.shape[2]
        r = width // 2
        n_values = output.shape[1]
        queries, keys = qk[run, :, :r], qk[run, :, r:]

        # u = U w + Zᵀ a; its signal components are taken out of the line for orthogonal noise
        along = np.zeros(n)
        start_projection = np.zeros(n)
        for i in range(n):
            for j in range(n_values):
                along[i] += a_v[run, i, j] * output[run, j]
                start_projection[i] += start_values[run, i, j] * output[run, j]
        value_norm[run] = _length(line_gram[run], output[run], gram[run], start_projection, along)
        norm = value_norm[run]
        if orthogonal:
            for z in range(2):
                total = 0.0
                for j in range(n_values):
                    total += values[run, z, j] * output[run, j]
                along[z] -= total / signal_norm**2
            norm = _length(line_gram[run], output[run], gram[run], start_projection, along)
        line_values[run] = norm
        scale = 1.0 / norm if norm > 0.0 else 0.0

        line_q = np.zeros(r)
        line_k = np.zeros(r)
        for j in range(n_values):
            for k in range(r):
                line_q[k] += output[run, j] * line_queries[run, j, k]
                line_k[k] += output[run, j] * line_keys[run, j, k]
        for i in range(n):
            for k in range(r):
                line_q[k] += start_projection[i] * a_qk[run, i, k] + along[i] * queries[i, k]
                line_k[k] += start_projection[i] * a_qk[run, i, r + k] + along[i] * keys[i, k]
        second = 0.0
        for j in range(n_values):
            for l in range(n_values):  # noqa: E741
                second += output[run, j] * line_cross[run, j, l] * output[run, l]
        for k in range(r):
            second += line_q[k] * line_k[k]
        line_second[run] = second * scale**2
        for z in range(2):
            by_signal, by_line = 0.0, 0.0
            for k in range(r):
                by_signal += queries[z, k] * line_k[k]
                by_line += line_q[k] * keys[z, k]
            line_signal_query[run, z] = by_signal * scale
            line_noise_query[run, z] = by_line * scale

        # what every fresh token meets: queries and keys of both signals and of the line
        met = np.zeros((width, 8))
        for k in range(r):
            met[r + k, 0], met[r + k, 1] = queries[0, k], queries[1, k]
            met[k, 2], met[k, 3] = keys[0, k], keys[1, k]
            met[k, 4], met[r + k, 4] = line_k[k], line_q[k]
        moved = np.zeros((n, 8))  # A_V w_O, by which training changed a fresh token's V
        for i in range(n):
            for j in range(n_values):
                moved[i, 0] += a_v[run, i, j] * output[run, j]
        fresh = np.empty((_CHUNK, width))
        logits = np.empty((_CHUNK, 8))
        change = np.empty((_CHUNK, 8))
        n_tokens = test_gram.shape[1]
        for first in range(0, n_tokens, _CHUNK):
            count = min(_CHUNK, n_tokens - first)
            for place in range(count):
                for k in range(r):
                    fresh[place, k] = test_queries[run, first + place, k]
                for k in range(r):
                    fresh[place, r + k] = test_keys[run, first + place, k]
            add_product(test_gram[run, first : first + count], a_qk[run], fresh[:count])
            logits[:count] = 0.0
            add_product(fresh[:count], met, logits[:count])
            change[:count] = 0.0
            add_product(test_gram[run, first : first + count], moved, change[:count])
            for place in range(count):
                token = first + place
                value = _dot(test_values[run, token], output[run])
                out_values[run, token] = value + change[place, 0]
                own = _dot(fresh[place, :r], fresh[place, r:])
                out_self[run, token] = test_cross[run, token] + own
                cross = _dot(test_line_cross[run, token], output[run])
                line_first[run, token] = (logits[place, 4] + cross) * scale
                for z in range(2):
                    out_signal_query[run, token, z] = logits[place, z]
                    out_noise_query[run, token, z] = logits[place, 2 + z]


@njit(cache=True, fastmath=_FAST)
def _dot(a, b):
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _scaled_length(vector):
    """Euclidean norm, also where squares of the entries overflow or vanish."""
    largest, total = 0.0, 0.0
    for k in range(vector.size):
        if not math.isfinite(vector[k]):
            return abs(vector[k])
        largest = max(largest, abs(vector[k]))
    if largest == 0.0:
        return 0.0
    for k in range(vector.size):
        total += (vector[k] / largest) ** 2
    return largest * math.sqrt(total)


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _length(line_gram, output, gram, start_projection, along):
    """‖U w + Zᵀ a‖, also where its square overflows or vanishes."""
    # the longest of the vectors that are added, by which all are divided where squares need it
    size, largest = 0.0, 0.0
    for j in range(output.size):
        size = max(size, abs(output[j]) * math.sqrt(line_gram[j, j]))
        largest = max(largest, abs(output[j]))
        if not math.isfinite(output[j]):
            return abs(output[j])
    safe = largest == 0.0 or 1 / _SAFE < largest < _SAFE
    for i in range(along.size):
        size = max(size, abs(along[i]) * math.sqrt(gram[i, i]))
        safe = safe and abs(along[i]) < _SAFE
        if not math.isfinite(along[i]):
            return abs(along[i])
    if size == 0.0 or not math.isfinite(size):
        return size
    if safe and 1 / _SAFE < size < _SAFE:
        square = _square(line_gram, output, gram, start_projection, along)
        return math.sqrt(max(square, 0.0))
    square = _square(line_gram, output / size, gram, start_projection / size, along / size)
    return size * math.sqrt(max(square, 0.0))


@njit(cache=True, fastmath=_FAST)
def _square(line_gram, output, gram, start_projection, along):
    """‖U w + Zᵀ a‖²."""
    total = 0.0
    for i in range(output.size):
        for j in range(output.size):
            total += output[i] * line_gram[i, j] * output[j]
    for i in range(along.size):
        total += 2.0 * along[i] * start_projection[i]
        for j in range(along.size):
            total += along[i] * gram[i, j] * along[j]
    return total
