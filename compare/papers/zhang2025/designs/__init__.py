"""Presets: which cells are trained, in which role. One module each, found in this folder.

A module offers ``PRESET``; adding a preset is adding a file.
"""

from __future__ import annotations

import importlib
import pkgutil

from ....errors import CompareError
from .preset import Preset

__all__ = ["Preset", "get_preset", "preset_names"]

#: Modules of this folder that are building blocks, not presets.
_BLOCKS = {"preset", "design", "scatter", "power_cells", "boundary_cells", "paired_cells"}


def preset_names() -> list[str]:
    """Names of all presets.

    >>> preset_names()
    ['paper', 'quick', 'theory']
    """
    names = {module.name for module in pkgutil.iter_modules(__path__)}
    return sorted(names - _BLOCKS)


def get_preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        CompareError: if there is none, with the names there are.

    Example:
        >>> quick = get_preset("quick")
        >>> sum(cell.kind == "stage" for cell in quick.cells["benign"]), quick.seeds, quick.log_at
        (24, 8, 'geometric:96')
    """
    if name not in preset_names():
        raise CompareError(f"preset {name!r}: unknown; choose one of {', '.join(preset_names())}")
    preset: Preset = importlib.import_module(f"{__name__}.{name}").PRESET
    return preset
