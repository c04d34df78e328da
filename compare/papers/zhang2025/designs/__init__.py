"""Designs: the cells to train and their roles; presets of the command line. One module each.

A module without a leading underscore defines ``DESIGN``; to add a design, add a file.
"""

from __future__ import annotations

from ....._registry import load, module_names
from ....design import Design
from ....errors import CompareError

__all__ = ["design_names", "get_design"]


def design_names() -> list[str]:
    """Names of all designs.

    >>> design_names()
    ['paper', 'quick', 'theory']
    """
    return list(module_names(__name__))


def get_design(name: str) -> Design:
    """The design of that name.

    Raises:
        CompareError: there is no such design; the message lists the known names.

    Example:
        >>> quick = get_design("quick")
        >>> sum(cell.kind == "stage" for cell in quick.cells["benign"]), quick.seeds, quick.log_at
        (24, 8, 'geometric:96')
    """
    if name not in design_names():
        raise CompareError(f"preset {name!r}: unknown; choose one of {', '.join(design_names())}")
    return load(__name__, name, "DESIGN", Design)
