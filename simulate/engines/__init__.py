"""Engines: anything that can train a problem and show snapshots of it.

Each engine is one module or package in this folder that offers ``ENGINE``; adding one is
adding a file. Modules are imported only when asked for, so the span path never loads torch.
"""

from __future__ import annotations

import importlib
import pkgutil

from ..errors import EngineError, shown
from .protocol import Engine, EngineRun, LearningRates

__all__ = ["Engine", "EngineRun", "LearningRates", "engine_names", "get_engine"]


def engine_names() -> list[str]:
    """Names of all engines, from the modules of this folder.

    >>> engine_names()
    ['direct', 'span']
    """
    modules = pkgutil.iter_modules(__path__)
    return sorted(module.name for module in modules if module.name != "protocol")


def get_engine(name: str) -> Engine:
    """The engine of that name.

    Raises:
        EngineError: if there is none, with the names there are.

    Example:
        >>> get_engine("span").name
        'span'
        >>> get_engine("fast")
        Traceback (most recent call last):
            ...
        bofcheck.simulate.errors.EngineError: engine 'fast': unknown; choose one of direct, span
    """
    if name not in engine_names():
        raise EngineError(
            f"engine {shown(name)}: unknown; choose one of {', '.join(engine_names())}"
        )
    engine: Engine = importlib.import_module(f"{__name__}.{name}").ENGINE
    return engine
