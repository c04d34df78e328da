"""`exponential`, `log_one_plus`: in plain arithmetic, so that loops over samples are vector code.

Relative error below 1e-15, compared with ``math.exp`` and ``math.log1p`` in tests. Exponents beyond
±700 count as ±700 (1e±304), which saturates a sigmoid without overflow; NaN stays NaN.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

_LIMIT = 700.0
_LOG2_E = math.log2(math.e)
#: ln 2 in two parts; the first has so few bits that its multiples up to 2^11 are exact.
_LN2_HIGH = 0.693145751953125
_LN2_LOW = 1.4286068203094172321e-06
#: Coefficients of 2 artanh.
_ODD = tuple(2.0 / (2 * k + 1) for k in range(16))
_C = tuple(1.0 / math.factorial(k) for k in range(14))


def _write_power(context, exponent):
    """2^exponent for a whole number from -1022 to 1023, by writing the exponent's bits."""

    def generate(target, builder, signature, arguments):
        bits = builder.shl(builder.add(arguments[0], ir.IntType(64)(1023)), ir.IntType(64)(52))
        return builder.bitcast(bits, ir.DoubleType())

    return types.float64(types.int64), generate


_power_of_two: Any = intrinsic(_write_power)


@njit(fastmath={"contract"})
def exponential(x):
    """e^x for a float."""
    x = _LIMIT if x > _LIMIT else x
    x = -_LIMIT if x < -_LIMIT else x
    power = math.floor(x * _LOG2_E + 0.5)
    rest = (x - power * _LN2_HIGH) - power * _LN2_LOW
    series = _C[13]
    series = series * rest + _C[12]
    series = series * rest + _C[11]
    series = series * rest + _C[10]
    series = series * rest + _C[9]
    series = series * rest + _C[8]
    series = series * rest + _C[7]
    series = series * rest + _C[6]
    series = series * rest + _C[5]
    series = series * rest + _C[4]
    series = series * rest + _C[3]
    series = series * rest + _C[2]
    series = series * rest + 1.0
    return (series * rest + 1.0) * _power_of_two(int(power))


@njit(fastmath={"contract"}, error_model="numpy")
def log_one_plus(x):
    """log(1 + x) for x from 0 to 1: 2 artanh(x/(2+x)), whose series is in (x/(2+x))² <= 1/9."""
    ratio = x / (2.0 + x)
    square = ratio * ratio
    series = _ODD[15]
    series = series * square + _ODD[14]
    series = series * square + _ODD[13]
    series = series * square + _ODD[12]
    series = series * square + _ODD[11]
    series = series * square + _ODD[10]
    series = series * square + _ODD[9]
    series = series * square + _ODD[8]
    series = series * square + _ODD[7]
    series = series * square + _ODD[6]
    series = series * square + _ODD[5]
    series = series * square + _ODD[4]
    series = series * square + _ODD[3]
    series = series * square + _ODD[2]
    series = series * square + _ODD[1]
    return ratio * (series * square + _ODD[0])
