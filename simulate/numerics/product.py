"""`add_product`: c += a b for the small matrices of the span engine, faster than BLAS on them.

A block of c is held in vector registers while a's columns and b's rows stream by. Numba's own
loops do not keep such a block in registers, so its innermost part is written as LLVM vector
code; LLVM turns it into whatever the processor has.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from .jit import njit

#: Bytes of the widest vector register.
_REGISTER = 64 if llvmlite.binding.get_host_cpu_features().get("avx512f") else 32
#: Columns that `multiply` rounds up to.
_PADDING = 16
#: Rows of c held at once; the widest block fills the registers.
_ROWS = 8 if _REGISTER == 64 else 4


def _write_tile(context, a, b, c, row, column, rows, vectors, size):
    """c[row:row+rows, column:column+w] += a[row:row+rows] @ b[:, column:column+w].

    ``rows``, ``vectors`` and ``size`` are literals: w is that many vectors of that many bytes.
    """
    n_rows, n_vectors = rows.literal_value, vectors.literal_value
    lanes = size.literal_value // (a.dtype.bitwidth // 8)

    def generate(target, builder, signature, arguments):
        element = target.get_value_type(a.dtype)
        whole, lane = ir.IntType(64), ir.IntType(32)
        vector = ir.VectorType(element, lanes)
        fused = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(vector, [vector] * 3),
            f"llvm.fma.v{lanes}f{a.dtype.bitwidth}",
        )
        left, right, out = (
            target.make_array(kind)(target, builder, value)
            for kind, value in zip((a, b, c), arguments, strict=False)
        )
        depth = builder.extract_value(left.shape, 1)
        width = builder.extract_value(right.shape, 1)
        first_row, first_column = arguments[3], arguments[4]

        def place(pointer, row, column):
            return builder.gep(pointer, [builder.add(builder.mul(row, width), column)])

        def load(pointer):
            value = builder.load(builder.bitcast(pointer, vector.as_pointer()))
            value.align = a.dtype.bitwidth // 8
            return value

        start = builder.block
        loop = builder.append_basic_block("product_loop")
        done = builder.append_basic_block("product_done")
        left_rows = [
            builder.gep(left.data, [builder.mul(builder.add(first_row, whole(i)), depth)])
            for i in range(n_rows)
        ]
        builder.cbranch(builder.icmp_signed("<", whole(0), depth), loop, done)

        builder.position_at_end(loop)
        j = builder.phi(whole)
        sums = [builder.phi(vector) for _ in range(n_rows * n_vectors)]
        across = place(right.data, j, first_column)
        streamed = [load(builder.gep(across, [whole(v * lanes)])) for v in range(n_vectors)]
        grown = []
        for i in range(n_rows):
            single = builder.load(builder.gep(left_rows[i], [j]))
            undefined = ir.Constant(vector, ir.Undefined)
            spread = builder.shuffle_vector(
                builder.insert_element(undefined, single, lane(0)),
                undefined,
                ir.Constant(ir.VectorType(lane, lanes), [0] * lanes),
            )
            grown += [
                builder.call(fused, [spread, streamed[v], sums[i * n_vectors + v]])
                for v in range(n_vectors)
            ]
        following = builder.add(j, whole(1))
        j.add_incoming(whole(0), start)
        j.add_incoming(following, loop)
        zero = ir.Constant(vector, [0.0] * lanes)
        for held, sum_ in zip(sums, grown, strict=True):
            held.add_incoming(zero, start)
            held.add_incoming(sum_, loop)
        builder.cbranch(builder.icmp_signed("<", following, depth), loop, done)

        builder.position_at_end(done)
        for i in range(n_rows):
            for v in range(n_vectors):
                total = builder.phi(vector)
                total.add_incoming(zero, start)
                total.add_incoming(grown[i * n_vectors + v], loop)
                sums[i * n_vectors + v] = total
        for i in range(n_rows):
            for v in range(n_vectors):
                target_row = builder.add(first_row, whole(i))
                pointer = place(out.data, target_row, builder.add(first_column, whole(v * lanes)))
                stored = builder.store(
                    builder.fadd(load(pointer), sums[i * n_vectors + v]),
                    builder.bitcast(pointer, vector.as_pointer()),
                )
                stored.align = a.dtype.bitwidth // 8
        return target.get_dummy_value()

    return types.void(a, b, c, row, column, rows, vectors, size), generate


_tile: Any = intrinsic(prefer_literal=True)(_write_tile)


def _columns(vectors, size):
    """The product for one group of columns: every row, in blocks of 8 or 4, 2 and 1."""

    @njit
    def group(a, b, c, column):
        row = 0
        while row + _ROWS <= a.shape[0]:
            _tile(a, b, c, row, column, _ROWS, vectors, size)
            row += _ROWS
        if _ROWS > 4 and row + 4 <= a.shape[0]:
            _tile(a, b, c, row, column, 4, vectors, size)
            row += 4
        if row + 2 <= a.shape[0]:
            _tile(a, b, c, row, column, 2, vectors, size)
            row += 2
        if row < a.shape[0]:
            _tile(a, b, c, row, column, 1, vectors, size)

    return group


_three, _two, _one = _columns(3, _REGISTER), _columns(2, _REGISTER), _columns(1, _REGISTER)
_half, _quarter, _eighth = _columns(1, 32), _columns(1, 16), _columns(1, 8)


@njit
def add_product(a, b, c):
    """C += a b in place, for C-contiguous a (m, k), b (k, w), c (m, w) of one float type.

    ``w`` must be even.
    """
    lanes = _REGISTER // a.itemsize
    column = 0
    while column + 3 * lanes <= c.shape[1]:
        _three(a, b, c, column)
        column += 3 * lanes
    if column + 2 * lanes <= c.shape[1]:
        _two(a, b, c, column)
        column += 2 * lanes
    if column + lanes <= c.shape[1]:
        _one(a, b, c, column)
        column += lanes
    # what is left is narrower than a register, or nothing
    if column + 32 // a.itemsize <= c.shape[1]:
        _half(a, b, c, column)
        column += 32 // a.itemsize
    if column + 16 // a.itemsize <= c.shape[1]:
        _quarter(a, b, c, column)
        column += 16 // a.itemsize
    if column + 2 <= c.shape[1]:
        _eighth(a, b, c, column)


def multiply(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """The matrix product of a (m, k) and b (k, w) of one float type, on the calling thread alone.

    Example:
        >>> import numpy as np
        >>> multiply(np.ones((3, 2)), np.ones((2, 5)))[0].tolist()
        [2.0, 2.0, 2.0, 2.0, 2.0]
    """
    width = b.shape[1]
    padded = -(-width // _PADDING) * _PADDING
    wide = np.ascontiguousarray(b)
    if padded > width:
        wide = np.zeros((len(b), padded), dtype=b.dtype)
        wide[:, :width] = b
    out = np.zeros((len(a), padded), dtype=a.dtype)
    _accumulate(np.ascontiguousarray(a), wide, out)
    return out[:, :width]


@njit(cache=True, nogil=True)
def _accumulate(a, b, c):
    add_product(a, b, c)
