"""One file per theorem; a file in this folder that defines ``THEOREM`` is found by itself.

>>> sorted(theorems())[:2]
['benign', 'harmful']
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from ..errors import FormulaError, NoSuchPartError
from ..theorem import Theorem


@cache
def theorems() -> MappingProxyType[str, Theorem]:
    """Every theorem in the folder, by name, in alphabetical order.

    Raises:
        FormulaError: a file has no ``THEOREM``, or one named unlike its file.

    Example:
        >>> {name: len(theorem.bounds) for name, theorem in theorems().items()}
        {'benign': 4, 'harmful': 5}
    """
    found: dict[str, Theorem] = {}
    for name in sorted(module.name for module in iter_modules(__path__)):
        theorem = getattr(import_module(f"{__name__}.{name}"), "THEOREM", None)
        if not isinstance(theorem, Theorem) or theorem.name != name:
            raise FormulaError(
                f"theorems/{name}.py: no THEOREM = Theorem(name={name!r}, ...); define or rename it"
            )
        found[name] = theorem
    return MappingProxyType(found)


def get_theorem(name: str) -> Theorem:
    """The theorem of that name, of this folder or of a neighbouring paper.

    Raises:
        NoSuchPartError: no file of that name defines one.

    >>> get_theorem("harmful").regime, get_theorem("jiang2024").regime
    ('harmful', 'jiang2024')
    """
    from ..neighbours import neighbours

    if name in theorems():
        return theorems()[name]
    if name not in neighbours():
        names = ", ".join((*theorems(), *neighbours()))
        raise NoSuchPartError(f"no theorem {name!r}; there are {names}")
    return neighbours()[name].theorem
