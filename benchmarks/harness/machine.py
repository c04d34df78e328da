"""The machine and software that the numbers were measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

_LIBRARIES = ("bofcheck", "numpy", "numba", "torch")


def describe_machine() -> dict[str, Any]:
    """Model, cores, memory in bytes and system.

    >>> sorted(describe_machine())
    ['cores', 'load', 'memory_bytes', 'model', 'system']
    """
    return {
        "model": _model(),
        "cores": usable_cores(),
        "memory_bytes": memory_bytes(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": os.getloadavg()[0],
    }


def describe_versions() -> dict[str, str]:
    """Versions of the packages the numbers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def usable_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int:
    """Physical memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def devices_present() -> list[str]:
    """Accelerators that torch or numba sees here.

    >>> "cpu" in devices_present()
    False
    """
    import torch
    from numba import cuda

    by_numba: Callable[[], bool] = cuda.is_available  # numba's functions carry no types
    cuda_devices = ["cuda"] if torch.cuda.is_available() or by_numba() else []
    return cuda_devices + (["mps"] if torch.backends.mps.is_available() else [])


def _model() -> str:
    """Processor model, as the system names it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
