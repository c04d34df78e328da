"""`surroundings`: software versions and hardware of this machine, ready for JSON."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from .._version import __version__

#: Packages that numbers or commands depend on; the last are extras.
PACKAGES = (
    *("click", "jinja2", "matplotlib", "numba", "numpy", "pydantic", "rich", "scipy", "sympy"),
    *("threadpoolctl", "torch", "xarray", "h5netcdf", "pyarrow", "numba-cuda"),
)
#: Environment variables that change speed or location, not numbers.
VARIABLES = ("NUMBA_NUM_THREADS", "NUMBA_CACHE_DIR", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")


def surroundings() -> dict[str, Any]:
    """Versions, machine, threads, devices and the place of compiled kernels.

    >>> sorted(surroundings())
    ['devices', 'kernel_cache', 'machine', 'threads', 'versions']
    """
    return {
        "versions": {
            "bofcheck": __version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in PACKAGES},
        },
        "machine": _machine(),
        "threads": _threads(),
        "devices": _devices(),
        "kernel_cache": _kernel_cache(),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _machine() -> dict[str, Any]:
    from ..simulate.numerics.ram import machine_memory

    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "memory": f"{machine_memory() / 1e9:.3g} GB",
    }


def _threads() -> dict[str, Any]:
    import numba
    from threadpoolctl import threadpool_info

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    blas = sorted(
        {pool["internal_api"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    )
    threads: dict[str, Any] = {
        "cores": os.cpu_count(),
        "usable": usable,
        "training": numba.get_num_threads(),
        "blas": blas or "none found",
    }
    return threads | {name: os.environ[name] for name in VARIABLES if name in os.environ}


def _devices() -> dict[str, Any]:
    """The devices of each engine, with the reason where a device cannot be used."""
    from ..simulate import EngineError

    devices: dict[str, Any] = {"cpu": "both engines"}
    try:
        from ..simulate.engines.span.cuda import check_device

        check_device()
        devices["cuda (span)"] = "usable"
    except EngineError as error:
        devices["cuda (span)"] = f"not usable: {error}"
    try:
        import torch

        usable = torch.cuda.is_available()
        devices["cuda (direct)"] = torch.cuda.get_device_name() if usable else "not usable"
    except ImportError as error:
        devices["cuda (direct)"] = f"torch cannot be imported: {error}"
    return devices


def _kernel_cache() -> dict[str, Any]:
    """Where Numba keeps compiled kernels, and how many there are."""
    from .. import simulate

    package = Path(simulate.__file__).resolve().parent
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(chosen) if chosen else package
    count = sum(1 for _ in folder.rglob("*.nbc")) if folder.is_dir() else 0
    parents = (folder, *folder.absolute().parents)
    existing = next((path for path in parents if path.exists()), folder)
    return {
        "folder": str(folder),
        "compiled": f"{count} kernels",
        "writable": "yes"
        if os.access(existing, os.W_OK)
        else "no: Numba uses the user's own cache",
    }
