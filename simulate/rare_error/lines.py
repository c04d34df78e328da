"""The probability of failing along a line, and its mean over fresh tokens, in log space.

Along a line through a token V and the logits of the signal are linear and the token's own logit
is quadratic, so the failing stretch is bounded by roots and its normal probability is exact. This
file is compiled as a whole: Numba's cache does not see edits in other files, so everything the
kernel calls is in this file.
"""

from __future__ import annotations

import math

import numpy as np

from ..numerics.jit import njit

#: Every 4th token is integrated along u, the rest by turns along the lines aimed at failures.
ALONG_U = 4
#: Failing stretches kept of one line; on the walk's grid there cannot be more.
_STRETCHES = 128
#: Attention on the noise below which 2 less the attention on the signal has lost digits.
_LOST = 1e-8


@njit(cache=True, error_model="numpy")
def _log_tail(x):
    """Log of P(N(0,1) > x), also where the probability underflows."""
    if x < 20.0:
        return math.log(0.5 * math.erfc(x / math.sqrt(2.0)))
    inverse = 1.0 / (x * x)
    series = 1.0 - inverse * (1.0 - 3.0 * inverse * (1.0 - 5.0 * inverse * (1.0 - 7.0 * inverse)))
    return -0.5 * x * x - math.log(x * math.sqrt(2.0 * math.pi)) + math.log(series)


@njit(cache=True, error_model="numpy")
def _log_minus(a, b):
    """log(e^a - e^b) for a >= b."""
    if b == -math.inf:
        return a
    if b >= a:
        return -math.inf
    return a + math.log(-math.expm1(b - a))


@njit(cache=True, error_model="numpy")
def _log_plus(a, b):
    if a < b:
        a, b = b, a
    if b == -math.inf:
        return a
    return a + math.log1p(math.exp(b - a))


@njit(cache=True, error_model="numpy")
def _balance(own, other, share):
    """Log of 1/(share/π + (1 - share)/π'), given log π and log π' (the balance heuristic).

    Of more than two lines, π' is what the others have between them: 1/π' is the mean of theirs.
    """
    if other == -math.inf:
        return own - math.log(share)
    if own == other:  # also where both are certain: no rounding on the way
        return own
    return -_log_plus(math.log(share) - own, math.log1p(-share) - other)


@njit(cache=True, error_model="numpy")
def _margin(x, line, memory, sign, logit):
    """ŷ times twice the output at x standard units along the line; failing is <= 0.

    ``line`` holds V, b, c and the self-logit at 0, then their coefficients of x and of x².
    """
    by_signal = logit - line[1] - x * line[5]
    by_noise = line[2] - line[3] + x * (line[6] - line[7]) - x * x * line[8]
    mass = 1.0 / (1.0 + math.exp(-by_signal)) + 1.0 / (1.0 + math.exp(-by_noise))
    rest = 2.0 - mass
    if rest < _LOST:  # digits of a sum near 2 are lost, those of the logits are not
        rest = 1.0 / (1.0 + math.exp(by_signal)) + 1.0 / (1.0 + math.exp(by_noise))
    return mass * memory + rest * sign * (line[0] + x * line[4])


@njit(cache=True, error_model="numpy")
def _root(low, high, low_value, high_value, side, line, memory, sign, logit):
    """Where the margin changes sign between two distances; regula falsi (Illinois)."""
    failing = low_value <= 0.0
    kept = 0
    for _ in range(200):
        middle = (low * high_value - high * low_value) / (high_value - low_value)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        value = _margin(side * middle, line, memory, sign, logit)
        if (value <= 0.0) == failing:
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
            return middle
    return 0.5 * (low + high)


@njit(cache=True, error_model="numpy")
def _stretches(line, memory, sign, logit, found, logs):
    """Failing stretches of a line; their number, and the log of their probability.

    ``found`` (k, 3) receives the side and both distances from 0, ``logs`` their log masses. The
    walk goes outwards on either side until what is left cannot matter to 1e-17 of the total.
    """
    count, total = 0, -math.inf
    level = abs(memory) + abs(line[0])
    reach = 1e3
    if line[4] != 0.0:
        reach *= max(1.0, min(level / abs(line[4]), 1e9))
    for half in range(2):
        side = 1.0 - 2.0 * half
        left, left_value = 0.0, _margin(0.0, line, memory, sign, logit)
        if not math.isfinite(left_value):
            return 0, math.nan
        entered = 0.0
        step = 0.1
        while left < reach:
            if total > -math.inf and 0.5 * left * left > 40.0 - total:
                break
            right = left + step
            step = max(step, 0.2 * right)
            value = _margin(side * right, line, memory, sign, logit)
            if (value <= 0.0) != (left_value <= 0.0):
                edge = _root(left, right, left_value, value, side, line, memory, sign, logit)
                if value <= 0.0:
                    entered = edge
                elif count < _STRETCHES:
                    logs[count] = _log_minus(_log_tail(entered), _log_tail(edge))
                    found[count, 0], found[count, 1], found[count, 2] = side, entered, edge
                    total = _log_plus(total, logs[count])
                    count += 1
            left, left_value = right, value
            # a stretch that may go on for ever: what it has beyond here cannot matter
            if value <= 0.0 and 0.5 * left * left > 40.0 - _log_tail(entered):
                break
        if left_value <= 0.0 and count < _STRETCHES:
            logs[count] = _log_tail(entered)
            found[count, 0], found[count, 1], found[count, 2] = side, entered, math.inf
            total = _log_plus(total, logs[count])
            count += 1
    return count, total


@njit(cache=True, error_model="numpy")
def _pick(uniform, count, total, found, logs):
    """The point of the failing stretches below which lies ``uniform`` of their probability."""
    chosen, before = 0, 0.0
    for k in range(count):
        chosen = k
        mass = math.exp(logs[k] - total)
        if before + mass > uniform:
            break
        before += mass
    inside = min(max((uniform - before) / math.exp(logs[chosen] - total), 1e-16), 1.0 - 1e-16)
    side, low, high = found[chosen, 0], found[chosen, 1], found[chosen, 2]
    # log of the tail beyond the point; the log tail is concave, so Newton comes from one side
    aim = _log_minus(_log_tail(low), math.log(inside) + logs[chosen])
    x = low
    for _ in range(100):
        tail = _log_tail(x)
        hazard = math.exp(-0.5 * x * x - 0.5 * math.log(2.0 * math.pi) - tail)
        move = (tail - aim) / hazard
        x += move
        if abs(move) <= 1e-12 * (1.0 + abs(x)):
            break
    return side * min(max(x, low), high)


@njit(cache=True, error_model="numpy")
def _place(token, slopes, slope_own, here, noise_std, line):
    """Set ``line`` to the line in direction ``here`` through the token, 0 nearest the origin.

    ``token`` (4 + 2L,): V, b, c, self-logit, then its coordinates along the L lines, then their
    first coefficients.
    """
    move, bend = -token[4 + here], token[4 + len(slopes) + here]
    for k in range(3):
        line[k] = token[k] + move * slopes[here, k]
        line[4 + k] = noise_std * slopes[here, k]
    line[3] = token[3] + move * (bend + move * slope_own[here, here])
    first = bend + 2.0 * move * slope_own[here, here]
    line[7] = noise_std * first
    line[8] = noise_std * noise_std * slope_own[here, here]


@njit(cache=True, error_model="numpy")
def _shift(token, slopes, slope_along, slope_own, here, to, noise_std):
    """Move the token along line ``here`` to ``to`` units of σ_p, in place."""
    count = len(slopes)
    move = noise_std * to - token[4 + here]
    token[3] += move * (token[4 + count + here] + move * slope_own[here, here])
    for k in range(3):
        token[k] += move * slopes[here, k]
    for k in range(count):
        token[4 + k] += move * slope_along[here, k]
        token[4 + count + k] += 2.0 * move * slope_own[here, k]


@njit(cache=True, nogil=True, error_model="numpy")
def integrate(first_run, last_run, signal_values, signal_logit, values, signal_query, noise_query, own, grams, owns, along, first, directions, modes, noise_std, out, single):  # fmt: skip # noqa: E501
    """Every token's share of P per class: combined into ``out``, alone into ``single``, in logs.

    The first six are fields of `Snapshot`, the next four of `TailFrame`; ``directions``
    (R, 2, K, J) are unit vectors towards each class's most probable failures, of which ``modes``
    (R, 2) says how many there are; ``out`` and ``single`` are (R, t, 2).
    """
    for run in range(first_run, last_run):
        count_all = directions.shape[3]
        line = np.empty(9)
        found, logs = np.empty((_STRETCHES, 3)), np.empty(_STRETCHES)
        tokens = out.shape[1]
        along_u = (tokens + ALONG_U - 1) // ALONG_U
        for z in range(2):
            lines = 1 + modes[run, z]
            pair, token = np.zeros((lines, count_all)), np.empty(4 + 2 * lines)
            slopes, slope_along = np.empty((lines, 3)), np.empty((lines, lines))
            slope_own, shares = np.empty((lines, lines)), np.empty(lines)
            shares[0] = along_u / tokens
            for k in range(1, lines):  # its turns among the tokens that are not along u
                shares[k] = ((tokens - along_u + lines - 1 - k) // (lines - 1)) / tokens
            if lines == 2:
                shares[1] = 1.0 - shares[0]
            sign = 1.0 - 2.0 * z
            memory, logit = sign * signal_values[run, z], signal_logit[run, z]
            norm = math.sqrt(max(grams[run, 0, 0], 0.0))
            pair[0, 0] = 1.0 / norm if norm > 0.0 else 0.0
            for k in range(1, lines):
                pair[k] = directions[run, z, k - 1]
            for k in range(lines):
                for l in range(lines):  # noqa: E741
                    slope_along[k, l] = 0.0
                    slope_own[k, l] = 0.0
                    for i in range(count_all):
                        for j in range(count_all):
                            both = pair[k, i] * pair[l, j]
                            slope_along[k, l] += both * grams[run, i, j]
                            slope_own[k, l] += both * owns[run, i, j]
                for l in range(3):  # noqa: E741
                    row = 0 if l == 0 else 2 * l - 1 + z
                    slopes[k, l] = 0.0
                    for i in range(count_all):
                        slopes[k, l] += pair[k, i] * grams[run, row, i]
            for at in range(tokens):
                token[0] = values[run, at]
                token[1] = signal_query[run, at, z]
                token[2] = noise_query[run, at, z]
                token[3] = own[run, at]
                for k in range(lines):
                    token[4 + k] = 0.0
                    token[4 + lines + k] = 0.0
                    for i in range(count_all):
                        token[4 + k] += pair[k, i] * along[run, at, i]
                        token[4 + lines + k] += pair[k, i] * first[run, at, i]
                here = 0
                if at % ALONG_U != 0:
                    here = 1 + (at - at // ALONG_U - 1) % (lines - 1)
                _place(token, slopes, slope_own, here, noise_std, line)
                count, total = _stretches(line, memory, sign, logit, found, logs)
                single[run, at, z] = total
                out[run, at, z] = total
                if tokens == 1 or not total > -math.inf:
                    continue
                # The coordinate along the line is not used by the integral: it says which of
                # the line's failing points the other lines are taken through.
                uniform = 0.5 * math.erfc(-token[4 + here] / noise_std / math.sqrt(2.0))
                to = _pick(uniform, count, total, found, logs)
                _shift(token, slopes, slope_along, slope_own, here, to, noise_std)
                inverse = between = -math.inf  # log of Σ share/π over the other lines, and of π'
                for other in range(lines):
                    if other == here or shares[other] == 0.0:
                        continue
                    _place(token, slopes, slope_own, other, noise_std, line)
                    _, through = _stretches(line, memory, sign, logit, found, logs)
                    if lines == 2:
                        between = through
                    elif through > -math.inf:
                        inverse = _log_plus(inverse, math.log(shares[other]) - through)
                if lines > 2:
                    between = math.log1p(-shares[here]) - inverse
                out[run, at, z] = _balance(total, between, shares[here])
