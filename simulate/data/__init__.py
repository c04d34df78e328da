"""Laws of the data: each module draws samples and their labels.

A module defines ``LAW``, a `DataLaw` that serves every model of `bofcheck.simulate.models` but
attention; to add a law, add a file. ``signal_noise`` also holds the attention model's draws, in two
forms: at their real dimensions, and in a frame whose size does not depend on d.
"""

from __future__ import annotations

from ..._registry import load, module_names
from ..errors import ProblemError, shown
from ._law import DataLaw, Mixture

__all__ = ["DataLaw", "Mixture", "get_law", "law_names"]


def law_names() -> list[str]:
    """Names of all laws.

    >>> law_names()
    ['cluster', 'signal_noise', 'xor']
    """
    return list(module_names(__name__))


def get_law(name: object) -> type[DataLaw]:
    """The law of that name.

    Raises:
        ProblemError: no law has that name; the message lists the names.

    >>> get_law("cluster").__name__
    'Cluster'
    """
    if name not in law_names():
        raise ProblemError(f"data = {shown(name)}: unknown; choose one of {', '.join(law_names())}")
    law: type[DataLaw] = load(__name__, str(name), "LAW", type)
    return law
