"""RAM of this machine: its size, and reuse of freed memory for the next arrays."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

#: Where a container says how much memory it may use (cgroup versions 2 and 1).
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
#: Names of glibc's mallopt settings (malloc.h), and the largest mmap threshold it accepts.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
_LARGEST, _STEP, _KEPT = 32 << 20, 64 << 20, 1 << 30


def machine_memory() -> int:
    """Largest memory this process can use, in bytes: the machine's, or its container's limit.

    >>> machine_memory() > 10**8
    True
    """
    amounts = [2**63]
    with contextlib.suppress(AttributeError, OSError, ValueError):  # not every system says
        amounts.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for place in _LIMITS:
        try:
            amounts.append(int(Path(place).read_text()))
        except (OSError, ValueError):  # no container, or "max"
            continue
    return min(amounts)


def keep_freed_memory() -> bool:
    """Have this process keep up to 1 GB of freed memory for its next arrays.

    Otherwise every array above 128 kB comes as fresh pages from the kernel, one page fault each
    4 kB, for which threads wait on each other. Meant for a process that bofcheck has to itself,
    as a command has; it changes no number.

    Returns:
        Whether the C library took the settings; False where it is not glibc.

    Example:
        >>> keep_freed_memory() in (True, False)
        True
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    settings = ((_MMAP_THRESHOLD, _LARGEST), (_TOP_PAD, _STEP), (_TRIM_THRESHOLD, _KEPT))
    return all(mallopt(*setting) for setting in settings)
