"""Where failures are most probable: the nearest failing points of the tail frame, per class.

A fresh token is standard normal in units of σ_p, so its most probable failing value is the value
nearest the origin. It is searched in the tail frame with everything outside it at its mean: the
distance r(v) to failure along a direction v is minimised by BFGS on log r, which does not
change with the length of v, from several directions: along u alone, and with either or both of
the attentions turned to the noise. Where the logits can change within reach, the search goes on
from either sign of every direction that turns an attention, and keeps every minimum whose
probability counts. Any directions give an unbiased estimate, these directions a precise estimate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..numerics.jit import njit
from ..numerics.threads import spread
from ..snapshot import Snapshot, TailFrame

Array = NDArray[np.float64]


def aim(
    snapshot: Snapshot, tail: TailFrame, noise_std: float
) -> tuple[Array, NDArray[np.int64], Array]:
    """The directions towards the most probable failures of either class.

    Args:
        snapshot: state of R runs.
        tail: their frames of J directions.
        noise_std: σ_p of the fresh tokens.

    Returns:
        ``(direction, modes, distance)``: (R, 2, K, J) coefficients on the frame of unit vectors,
        (R, 2) how many of them there are, and (R, 2) the least distance in units of σ_p. Where a
        token without noise fails already, or no failing point is found, u/‖u‖ alone and NaN.
    """
    direction = np.zeros((*snapshot.signal_values.shape, _MODES, tail.gram.shape[1]))
    modes = np.ones(snapshot.signal_values.shape, dtype=np.int64)
    distance = np.full(snapshot.signal_values.shape, np.nan)

    def work(first: int, last: int) -> None:
        _aim(
            first, last, snapshot.signal_values, snapshot.signal_logit, snapshot.test_noise_self,
            tail.first[:, :, -1], tail.gram, tail.own, noise_std, direction, modes, distance,
        )  # fmt: skip

    spread(work, len(direction))
    return direction, modes, distance


#: Share of a direction's squared length that must be new for it to count.
_NEW = 1e-9
#: How much nearer a later start must come to replace an earlier start: ties keep the first.
_TIE = 1.0 - 1e-7
#: Starts followed to the end, of the four: the two nearest to failing.
_FOLLOWED = 2
#: Minima kept of a class at most, and how much less probable than the first, in nats.
_MODES, _DEPTH = 4, 8.0
#: Starts with a sign of either attention's direction: 3 for the signal's query, 5 for the noise's.
_STARTS = 4 + 3 * 5
#: Change of a logit within reach below which the margin has a single minimum.
_WEAK = 0.1
#: Units of σ_p between minima that count as two.
_APART = 1.0


@njit(cache=True, error_model="numpy")
def _dot(a, b):
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@njit(cache=True, error_model="numpy")
def _orthonormal(gram, frame):
    """Rows of ``frame``: coefficients of orthonormal vectors, by Gram-Schmidt; their number."""
    size = len(gram)
    count = 0
    image = np.empty(size)
    for j in range(size):
        candidate = np.zeros(size)
        candidate[j] = 1.0
        for _ in range(2):
            for k in range(size):
                image[k] = _dot(gram[k], candidate)
            for i in range(count):
                share = _dot(frame[i], image)
                for k in range(size):
                    candidate[k] -= share * frame[i, k]
        square = 0.0
        for k in range(size):
            square += candidate[k] * _dot(gram[k], candidate)
        if square > _NEW * gram[j, j]:
            frame[count] = candidate / math.sqrt(square)
            count += 1
    return count


@njit(cache=True, error_model="numpy")
def _logistic(x):
    return 1.0 / (1.0 + math.exp(-x))


@njit(cache=True, error_model="numpy")
def _margin(r, ray, memory, sign, logit, mean):
    """ŷ times twice the output at r units of σ_p along the ray; failing is <= 0.

    ``ray``: change of V, b, c and the self-logit per unit, and the self-logit's coefficient of r².
    """
    by_signal = _logistic(logit - r * ray[1])
    by_noise = _logistic(r * (ray[2] - ray[3]) - mean - r * r * ray[4])
    mass = by_signal + by_noise
    return mass * memory + (2.0 - mass) * sign * r * ray[0]


@njit(cache=True, error_model="numpy")
def _edge(near, ray, memory, sign, logit, mean):
    """Distance of a root of the margin along the ray, sought around ``near``; inf if none."""
    low, high = near, near
    factor = 1.02
    low_value = high_value = _margin(near, ray, memory, sign, logit, mean)
    if not math.isfinite(low_value):
        return math.inf
    while high_value > 0.0:
        low, low_value = high, high_value
        high *= factor
        factor *= factor
        if high > 1e12:
            return math.inf
        high_value = _margin(high, ray, memory, sign, logit, mean)
    while low_value <= 0.0:
        high, high_value = low, low_value
        low /= factor
        factor *= factor
        if low < 1e-12:
            return low
        low_value = _margin(low, ray, memory, sign, logit, mean)
    kept = 0
    for _ in range(200):  # regula falsi, the stuck end's value halved (Illinois)
        middle = (low * high_value - high * low_value) / (high_value - low_value)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        value = _margin(middle, ray, memory, sign, logit, mean)
        if value > 0.0:
            low, low_value = middle, value
            if kept == 1:
                high_value *= 0.5
            kept = 1
        else:
            high, high_value = middle, value
            if kept == -1:
                low_value *= 0.5
            kept = -1
        if high - low <= 1e-13 * high or value == 0.0:
            break
    return high


@njit(cache=True, error_model="numpy")
def _first_edge(ray, memory, sign, logit, mean):
    """Distance of the first failing point met on a coarse walk along the ray; inf if none."""
    r = 0.1
    while r < 1e9:
        if _margin(r, ray, memory, sign, logit, mean) <= 0.0:
            return _edge(r, ray, memory, sign, logit, mean)
        r *= 1.2
    return math.inf


@njit(cache=True, error_model="numpy")
def _log_distance(x, near, slopes, own, memory, sign, logit, mean, gradient):
    """Log r(x/|x|) and its gradient, the root sought around ``near`` (anywhere if 0).

    ``slopes`` (4, J): change of V, b, c and the self-logit per unit of each coordinate, ``own``
    (J, J) the self-logit's quadratic form, both in units of σ_p.
    """
    dim = x.size
    size = math.sqrt(_dot(x, x))
    ray, image = np.zeros(5), np.empty(dim)
    for k in range(4):
        ray[k] = _dot(slopes[k], x) / size
    for k in range(dim):
        image[k] = _dot(own[k], x) / size
        ray[4] += image[k] * x[k] / size
    if near > 0.0:
        r = _edge(near, ray, memory, sign, logit, mean)
    else:
        r = _first_edge(ray, memory, sign, logit, mean)
    if not math.isfinite(r):
        return math.inf
    by_signal = _logistic(logit - r * ray[1])
    by_noise = _logistic(r * (ray[2] - ray[3]) - mean - r * r * ray[4])
    mass = by_signal + by_noise
    lever = memory - sign * r * ray[0]
    at_signal = lever * by_signal * (1.0 - by_signal)
    at_noise = lever * by_noise * (1.0 - by_noise)
    inward = 0.0
    for k in range(dim):  # the margin's gradient
        bend = slopes[2, k] - slopes[3, k] - 2.0 * r * image[k]
        gradient[k] = (
            (2.0 - mass) * sign * slopes[0, k] - at_signal * slopes[1, k] + at_noise * bend
        )
        inward += gradient[k] * x[k] / size
    if inward >= 0.0:  # a failing stretch ends here: no edge to descend along
        return math.inf
    for k in range(dim):
        gradient[k] = -(gradient[k] - inward * x[k] / size) / (inward * size)
    return math.log(r)


@njit(cache=True, error_model="numpy")
def _descend(x, first, slopes, own, memory, sign, logit, mean):
    """BFGS from x, in place, where log r is ``first``; the smallest distance found."""
    dim = x.size
    gradient, trial_gradient = np.empty(dim), np.empty(dim)
    step, trial, image = np.empty(dim), np.empty(dim), np.empty(dim)
    args = (slopes, own, memory, sign, logit, mean)
    value = _log_distance(x, math.exp(first), *args, gradient)
    inverse = np.eye(dim)
    for _ in range(50):
        for i in range(dim):
            step[i] = -_dot(inverse[i], gradient)
        slope = _dot(step, gradient)
        if slope > -1e-9:  # what is left to gain of log r
            break
        t = min(1.0, 0.5 / math.sqrt(_dot(step, step)))
        moved = False
        for _ in range(20):
            for i in range(dim):
                trial[i] = x[i] + t * step[i]
            trial_value = _log_distance(trial, math.exp(value), *args, trial_gradient)
            if trial_value <= value + 1e-4 * t * slope:
                moved = True
                break
            t *= 0.4
        if not moved:
            break
        product = 0.0
        for i in range(dim):
            product += t * step[i] * (trial_gradient[i] - gradient[i])
        if product > 0.0:
            bent = 0.0
            for i in range(dim):
                image[i] = _dot(inverse[i], trial_gradient) - _dot(inverse[i], gradient)
            for i in range(dim):
                bent += (trial_gradient[i] - gradient[i]) * image[i]
            scale = (1.0 + bent / product) * t * t / product
            for i in range(dim):
                for j in range(dim):
                    mixed = image[i] * step[j] + step[i] * image[j]
                    inverse[i, j] += scale * step[i] * step[j] - t * mixed / product
        x[:] = trial
        gradient[:] = trial_gradient
        value = trial_value
    x /= math.sqrt(_dot(x, x))
    return math.exp(value)


@njit(cache=True, error_model="numpy")
def _search(starts, firsts, found, radii, count, sign, turning, norms, args):
    """Add to the minima in ``found`` those reached from the remaining starts; their new number.

    The first four starts were made before; those not followed yet have a finite first distance.
    """
    slopes, dim = args[0], turning.size
    gradient = np.empty(dim)
    for start in range(4, len(starts)):
        x = starts[start]
        by_signal, by_noise = (start - 4) // 5 - 1, (start - 4) % 5
        for i in range(dim):
            x[i] = -sign * slopes[0, i] / norms[0] + by_signal * slopes[1, i] / norms[1]
            if by_noise in (1, 2):
                x[i] += (3 - 2 * by_noise) * slopes[2, i] / norms[2]
            elif by_noise in (3, 4):
                x[i] += (7 - 2 * by_noise) * turning[i]
        firsts[start] = math.inf
        if _dot(x, x) > 1e-12:
            firsts[start] = _log_distance(x, 0.0, *args, gradient)
    for start in range(len(starts)):
        if not math.isfinite(firsts[start]):
            continue
        x = starts[start]
        nearest = _descend(x, firsts[start], *args)
        new, last = True, 0
        for k in range(count):
            gap = 0.0
            for i in range(dim):
                gap += (x[i] - found[k, i]) ** 2
            if math.sqrt(gap) * nearest < _APART:
                new = False
            if radii[k] > radii[last]:
                last = k
        if not (new and math.isfinite(nearest)):
            continue
        if count < len(found):
            found[count], radii[count] = x, nearest
            count += 1
        elif nearest < radii[last]:
            found[last], radii[last] = x, nearest
    # those that are too improbable to count
    kept, best = 0, math.inf
    for k in range(count):
        best = min(best, radii[k])
    for k in range(count):
        if 0.5 * (radii[k] ** 2 - best**2) < _DEPTH:
            found[kept], radii[kept] = found[k], radii[k]
            kept += 1
    return kept


@njit(cache=True, nogil=True, error_model="numpy")
def _aim(
    first_run,
    last_run,
    values,
    logits,
    own_logits,
    own_slopes,
    grams,
    owns,
    noise_std,
    direction,
    modes,
    distance,
):
    for run in range(first_run, last_run):
        gram, size = grams[run], grams.shape[1]
        if gram[0, 0] > 0.0:
            direction[run, :, 0, 0] = 1.0 / math.sqrt(gram[0, 0])
        mean, own_slope = own_logits[run].mean(), own_slopes[run].mean()
        total = mean + own_slope
        for j in range(size):
            for l in range(size):  # noqa: E741
                total += gram[j, l] + owns[run, j, l]
        if not math.isfinite(total):
            continue
        frame = np.zeros_like(gram)
        dim = _orthonormal(gram, frame)
        own, slopes = np.zeros((dim, dim)), np.empty((4, dim))
        for i in range(dim):
            for j in range(size):
                image = noise_std * noise_std * _dot(owns[run, j], frame[i])
                for l in range(dim):  # noqa: E741
                    own[i, l] += image * frame[l, j]
        gradient, starts, firsts = np.empty(dim), np.empty((_STARTS, dim)), np.empty(_STARTS)
        found, radii = np.empty((_MODES, dim)), np.empty(_MODES)
        turning, bend = np.zeros(dim), 0.0  # turns a token's own logit up, by bend a unit²
        finite = True
        for i in range(dim):
            for l in range(dim):  # noqa: E741
                finite = finite and math.isfinite(own[i, l])
        if not finite:
            continue
        if dim > 0:
            strengths, axes = np.linalg.eigh(own)
            turning[:], bend = axes[:, dim - 1], max(strengths[dim - 1], 0.0)
        for z in range(2):
            sign = 1.0 - 2.0 * z
            memory = sign * values[run, z]
            if not memory > 0.0:
                continue
            for i in range(dim):
                slopes[0, i] = noise_std * _dot(gram[0], frame[i])
                slopes[1, i] = noise_std * _dot(gram[1 + z], frame[i])
                slopes[2, i] = noise_std * _dot(gram[3 + z], frame[i])
                slopes[3, i] = noise_std * own_slope * frame[i, size - 1]
            args = (slopes, own, memory, sign, logits[run, z], mean)
            norms = np.empty(3)
            for k in range(3):
                norms[k] = math.sqrt(_dot(slopes[k], slopes[k])) + 1e-300
            for start in range(4):
                x = starts[start]
                for i in range(dim):
                    x[i] = -sign * slopes[0, i] / norms[0]
                    if start % 2 == 1:
                        x[i] += slopes[1, i] / norms[1]
                    if start // 2 == 1:
                        x[i] -= slopes[2, i] / norms[2]
                firsts[start] = math.inf
                if _dot(x, x) > 1e-12:
                    firsts[start] = _log_distance(x, 0.0, *args, gradient)
            best = math.inf
            for _ in range(_FOLLOWED):
                start = 0
                for other in range(1, 4):
                    if firsts[other] < firsts[start] - 1e-7:
                        start = other
                if not math.isfinite(firsts[start]):
                    break
                x = starts[start]
                nearest = _descend(x, firsts[start], *args)
                firsts[start] = math.inf
                if nearest < best * _TIE:
                    best = nearest
                    found[0], radii[0] = x, nearest
            count = 1 if math.isfinite(best) else 0
            reach = math.sqrt(best * best + 2.0 * _DEPTH)
            if max(norms[1], norms[2], bend * reach) * reach > _WEAK:
                count = _search(starts, firsts, found, radii, count, sign, turning, norms, args)
            if count == 0:
                continue
            modes[run, z], distance[run, z] = count, radii[:count].min()
            for k in range(count):
                for j in range(size):
                    direction[run, z, k, j] = 0.0
                    for i in range(dim):
                        direction[run, z, k, j] += found[k, i] * frame[i, j]
