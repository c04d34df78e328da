"""`run_provenance`: the software and the machine behind a run's numbers."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np

from .._version import __version__


def run_provenance(engine: str, device: str) -> dict[str, Any]:
    """What a `Trajectory`'s provenance begins with, JSON-ready, whatever made its numbers.

    Args:
        engine: the engine, or ``"limit"``.
        device: where it computed.

    Example:
        >>> list(run_provenance("span", "cpu"))
        ['engine', 'device', 'bofcheck', 'python', 'numpy', 'machine']
    """
    return {
        "engine": engine,
        "device": device,
        "bofcheck": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
    }
