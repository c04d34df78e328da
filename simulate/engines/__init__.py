"""Engines: they train a problem and show snapshots of its runs.

Each engine is a module or package of this folder that defines ``ENGINE``; to add an engine, add a
file. Names that begin with an underscore are building blocks. Modules are imported on demand, so
the span engine never loads torch.
"""

from __future__ import annotations

from ..._registry import load, module_names
from ..errors import EngineError, shown
from ._pace import Pacer
from ._protocol import Engine, EngineRun, LearningRates

__all__ = ["Engine", "EngineRun", "LearningRates", "Pacer", "engine_names", "get_engine"]


def engine_names() -> list[str]:
    """Names of all engines, from the modules of this folder.

    >>> engine_names()
    ['direct', 'span']
    """
    return list(module_names(__name__))


def get_engine(name: str) -> Engine:
    """The engine of that name.

    Raises:
        EngineError: no engine has that name; the message lists the names.

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
    return load(__name__, name, "ENGINE", Engine)  # type: ignore[type-abstract]  # checks its shape
