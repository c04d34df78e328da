"""P(z f <= 0) of fresh samples in the limit, through V' and through attention, however small.

Of a fresh noise token ξ' three things are random: V' ~ N(0, τ²), its key κ y and its query κ y'
with y, y' ~ N(0, 1_{d_h}) and κ² = σ_h² ρ. At logits s of the signal's query and x of the noise's,

    P_z = E Φ(-R z V_z/τ),  R = (σ(s)+σ(x))/(σ(-s)+σ(-x)),
    s = A - κ q·y,  x | y ~ N(0, κ²|k - κ y|²),

so that y counts by q·y, k·y and its length alone: an integral in four dimensions. Gauss and
Hermite's nodes are placed at the peak of the integrand, along its curvature (adaptive quadrature,
Naylor and Smith 1982; with one node it is Laplace's method, DERIVED), on which magnitudes like
e^-40000 cancel. Nodes of a smaller rule tell the error.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from ..numerics.jit import njit
from ..numerics.threads import spread

Array = NDArray[np.float64]

#: Nodes along each dimension of the rule, and of the smaller rule that tells its error.
_NODES, _FEWER = 7, 5
#: Steps and tolerance of Newton's method for the peak, and the step of its differences.
_STEPS, _CLOSE, _STEP = 60, 1e-7, 1e-3
#: Places in the numbers of a point: A, κ, |q|, k along q and across, |k|², d_h - 2, the log density
#: of a length at its mode, z V_z/τ. A point u has y along q and across, x/std(x) and the length of
#: the rest of y.
_A, _KAPPA, _Q, _K1, _K2, _KK, _REST, _PEAK, _SHARE = range(9)


def point_numbers(logit: Array, qq: Array, kk: Array, kappa: float, key_dim: int) -> Array:
    """(..., 9) numbers of the integrand but for z V_z/τ, the last.

    Args:
        logit: q·k, of the signal token on itself.
        qq: |q|².
        kk: |k|².
        kappa: σ_h √ρ.
        key_dim: d_h, at least 8.
    """
    numbers = np.zeros((*np.shape(logit), 9))
    length = np.sqrt(qq)
    along = np.divide(logit, length, out=np.zeros_like(length), where=length > 0)
    rest = key_dim - 2
    numbers[..., _A], numbers[..., _KAPPA], numbers[..., _Q] = logit, kappa, length
    numbers[..., _K1] = along
    numbers[..., _K2] = np.sqrt(np.maximum(kk - along**2, 0.0))
    numbers[..., _KK], numbers[..., _REST] = kk, rest
    numbers[..., _PEAK] = _radial_peak(rest)
    return numbers


def _radial_peak(rest: int) -> float:
    """Log density of the length of a normal vector of that many dimensions, at its mode."""
    if rest < 1000:
        bare = (1 - rest / 2) * math.log(2.0) - float(gammaln(rest / 2))
        return bare + (rest - 1) / 2 * (math.log(rest - 1) - 1)
    series = (rest - 1) / 2 * math.log1p(-1 / rest) - 1 / (6 * rest)
    return 0.5 - 0.5 * math.log(math.pi) + series


def log_failure_integral(numbers: Array) -> tuple[Array, Array]:
    """Log P_z and the relative error of P_z by two rules, for each point.

    Args:
        numbers: (n, 9) as from `point_numbers`, with z V_z/τ in the last column.

    Example:
        Without attention noise it is log Φ(-R z V_z/τ), here log Φ(-2):

        >>> plain = point_numbers(np.zeros(1), np.ones(1), np.ones(1), 0.0, 100)
        >>> plain[:, -1] = 2.0
        >>> [part.round(4).tolist() for part in log_failure_integral(plain)]
        [[-3.7832], [0.0]]
    """
    out = np.empty((2, len(numbers)))
    rules = [np.polynomial.hermite_e.hermegauss(count) for count in (_NODES, _FEWER)]
    (nodes, weights), (fewer, light) = rules

    def work(first: int, last: int) -> None:
        _integrate(first, last, numbers, nodes, np.log(weights), fewer, np.log(light), out)

    spread(work, len(numbers))
    return out[0], out[1]


@njit(error_model="numpy")
def _log_tail(z):
    """Log Φ(-z)."""
    if z < 20.0:
        if z < -8.0:
            return math.log1p(-0.5 * math.erfc(-z / math.sqrt(2.0)))
        return math.log(0.5 * math.erfc(z / math.sqrt(2.0)))
    r = 1.0 / (z * z)
    series = 1.0 - r * (1.0 - 3.0 * r * (1.0 - 5.0 * r * (1.0 - 7.0 * r * (1.0 - 9.0 * r))))
    return -0.5 * z * z - math.log(z * math.sqrt(2.0 * math.pi)) + math.log(series)


@njit(error_model="numpy")
def _log_integrand(n, u):
    """Log of the density of u times Φ(-R z V_z/τ)."""
    length = u[3]
    if length <= 0.0:
        return -math.inf
    kappa = n[_KAPPA]
    s = n[_A] - kappa * n[_Q] * u[0]
    toward = n[_K1] * u[0] + n[_K2] * u[1]
    square = u[0] * u[0] + u[1] * u[1]
    far = n[_KK] - 2.0 * kappa * toward + kappa * kappa * (square + length * length)
    x = kappa * math.sqrt(max(far, 0.0)) * u[2]
    top = 1.0 / (1.0 + math.exp(-s)) + 1.0 / (1.0 + math.exp(-x))
    rest = 1.0 / (1.0 + math.exp(s)) + 1.0 / (1.0 + math.exp(x))
    spare = n[_REST] - 1.0
    radial = -0.5 * length * length
    if spare > 0.0:
        radial = spare * math.log(length / math.sqrt(spare)) - 0.5 * (length * length - spare)
    normal = -0.5 * (square + u[2] * u[2]) - 1.5 * math.log(2.0 * math.pi)
    share = top / rest * n[_SHARE] if n[_SHARE] != 0.0 else 0.0
    return n[_PEAK] + radial + normal + _log_tail(share)


@njit(error_model="numpy")
def _scan(n, best):
    """The best point of a grid: half the square distance from the mean is at most -log Φ there."""
    centre = math.sqrt(max(n[_REST] - 1.0, 0.0))
    u = np.empty(4)
    best[0], best[1], best[2], best[3] = 0.0, 0.0, 0.0, max(centre, 0.5)
    top = _log_integrand(n, best)
    reach = math.sqrt(2.0 * max(-top, 0.0))
    for i in range(8):
        u[0] = reach * i / 7.0
        for j in range(-2, 3):
            u[1] = reach * j / 4.0
            for k in range(8):
                u[2] = -reach * k / 7.0
                if u[0] ** 2 + u[1] ** 2 + u[2] ** 2 > reach**2:
                    continue
                for l in range(2):  # noqa: E741
                    u[3] = max(centre, 0.5) + reach * l / 3.0
                    value = _log_integrand(n, u)
                    if value > top:
                        top = value
                        best[:] = u
    return top


@njit(error_model="numpy")
def _curvature(n, u, gradient, hessian):
    """Gradient and minus the second derivatives of the log integrand, by central differences."""
    h = _STEP
    v = u.copy()
    middle = _log_integrand(n, u)
    side = np.empty((2, 4))
    for i in range(4):
        for sign in range(2):
            v[i] = u[i] + (2 * sign - 1) * h
            side[sign, i] = _log_integrand(n, v)
        v[i] = u[i]
        gradient[i] = (side[1, i] - side[0, i]) / (2 * h)
        hessian[i, i] = -(side[1, i] + side[0, i] - 2 * middle) / (h * h)
    for i in range(4):
        for j in range(i):
            total = 0.0
            for first in range(2):
                for second in range(2):
                    v[i] = u[i] + (2 * first - 1) * h
                    v[j] = u[j] + (2 * second - 1) * h
                    total += (2 * (first == second) - 1) * _log_integrand(n, v)
            v[i], v[j] = u[i], u[j]
            hessian[i, j] = hessian[j, i] = -total / (4 * h * h)
    return middle if math.isfinite(hessian.sum() + gradient.sum()) else math.nan


@njit(error_model="numpy")
def _climb(n, u, gradient, hessian):
    """Newton's method to the peak, with curvatures made positive and steps halved."""
    step = np.empty(4)
    trial = np.empty(4)
    for _ in range(_STEPS):
        middle = _curvature(n, u, gradient, hessian)
        if math.isnan(middle):
            return
        values, vectors = np.linalg.eigh(hessian)
        step[:] = 0.0
        for k in range(4):
            along = 0.0
            for i in range(4):
                along += vectors[i, k] * gradient[i]
            for i in range(4):
                step[i] += vectors[i, k] * along / max(abs(values[k]), 0.05)
        size = 1.0
        moved = 0.0
        for _ in range(40):
            for i in range(4):
                trial[i] = u[i] + size * step[i]
            if _log_integrand(n, trial) >= middle:
                break
            size *= 0.5
        else:
            return
        for i in range(4):
            moved = max(moved, abs(trial[i] - u[i]))
            u[i] = trial[i]
        if moved < _CLOSE:
            return


@njit(error_model="numpy")
def _rule(n, u, frame, nodes, log_weights):
    """Log of the integral by a product rule at u along the columns of a frame."""
    count = nodes.size
    v = np.empty(4)
    top, total = -math.inf, 0.0
    for a in range(count):
        for b in range(count):
            for c in range(count):
                for d in range(count):
                    za, zb, zc, zd = nodes[a], nodes[b], nodes[c], nodes[d]
                    for i in range(4):
                        v[i] = (
                            u[i] + frame[i, 0] * za + frame[i, 1] * zb
                            + frame[i, 2] * zc + frame[i, 3] * zd
                        )  # fmt: skip
                    square = za * za + zb * zb + zc * zc + zd * zd
                    weight = log_weights[a] + log_weights[b] + log_weights[c] + log_weights[d]
                    value = _log_integrand(n, v) + 0.5 * square + weight
                    if value > top:
                        total = total * math.exp(top - value) + 1.0
                        top = value
                    elif value > -math.inf:
                        total += math.exp(value - top)
    return top + math.log(total)


@njit(cache=True, nogil=True, error_model="numpy")
def _integrate(first, last, numbers, nodes, log_weights, fewer, light, out):
    """Log P_z and its error, for points first … last-1."""
    u, gradient, hessian = np.empty(4), np.empty(4), np.empty((4, 4))
    frame = np.empty((4, 4))
    for point in range(first, last):
        n = numbers[point]
        if not math.isfinite(n.sum()):
            out[0, point] = out[1, point] = math.nan
            continue
        _scan(n, u)
        _climb(n, u, gradient, hessian)
        if math.isnan(_curvature(n, u, gradient, hessian)):
            out[0, point] = out[1, point] = math.nan
            continue
        values, vectors = np.linalg.eigh(hessian)
        log_size = 0.0
        for k in range(4):
            scale = 1.0 / math.sqrt(max(values[k], 0.05))
            log_size += math.log(scale)
            for i in range(4):
                frame[i, k] = vectors[i, k] * scale
        full = _rule(n, u, frame, nodes, log_weights) + log_size
        small = _rule(n, u, frame, fewer, light) + log_size
        out[0, point] = min(full, 0.0)
        out[1, point] = abs(math.expm1(small - full))
