"""`njit`: Numba's, with machine code kept on disk where a folder for it can be written.

Numba's own ``cache=True`` raises on import where neither the installation nor the home folder can
be written, and later where the disk is full or a cached file is damaged. A cache only saves time,
so here none of these ends anything: the kernel is compiled again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba
from numba.core.caching import FunctionCache


class KernelCache(FunctionCache):
    """Machine code on disk; a file that cannot be read or written counts as absent."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Machine code for a signature; None if it is not there, or its file is damaged."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # reading a damaged file raises whatever its bytes happen to mean
            with suppress(Exception):
                self.flush()  # so that the next file written is found
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep machine code, unless it cannot be written."""
        with suppress(Exception):
            super().save_overload(sig, data)


def njit(function: Callable[..., Any] | None = None, *, cache: bool = False, **options: Any) -> Any:
    """Compile a function, as `numba.njit` does.

    Args:
        function: the function, where the decorator is written without parentheses.
        cache: keep machine code on disk if Numba finds a folder that can be written.
        options: options of `numba.njit`.

    Returns:
        The compiled function, or the decorator.

    Example:
        >>> @njit(cache=True)
        ... def double(x):
        ...     return 2 * x
        >>> double(21)
        42
    """
    if function is None:
        return lambda given: njit(given, cache=cache, **options)
    kernel: Any = numba.njit(**options)(function)
    if cache and hasattr(kernel, "enable_caching"):  # with NUMBA_DISABLE_JIT it is the function
        with suppress(RuntimeError):  # no folder can be written
            kernel._cache = KernelCache(function)
    return kernel
