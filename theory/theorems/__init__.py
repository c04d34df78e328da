"""One file per theorem: the paper's as Python, those of neighbouring papers as TOML.

A file in this folder is found by itself: a module that defines ``THEOREM``, or a TOML file as a
user would write one. The neighbours are recalled from their papers, not seen verbatim (SOURCE).

>>> sorted(theorems())[:2]
['benign', 'harmful']
>>> sorted(neighbours())
['cao2022', 'huang2025', 'jiang2024', 'kou2023', 'magen2024']
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

from ..errors import FormulaError, NoSuchPartError, TheoremFileError
from ..theorem import Theorem
from ..theorem_file.load import TheoremSource, read_source

FOLDER = Path(__file__).parent


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
    if name in theorems():
        return theorems()[name]
    if name not in neighbours():
        names = ", ".join((*theorems(), *neighbours()))
        raise NoSuchPartError(f"no theorem {name!r}; there are {names}")
    return neighbours()[name].theorem


@cache
def neighbours() -> MappingProxyType[str, TheoremSource]:
    """Every theorem in the folder, by name, in alphabetical order.

    Raises:
        TheoremFileError: a file defines no theorem, or one named unlike its file.

    Example:
        >>> source = neighbours()["kou2023"]
        >>> source.theorem.title, source.theorem.bounds[0].excess
        ('Kou 2023, Theorem 4.2 (two-layer ReLU CNN, label flips)', exp(-N*k*mu**4/(d*sigma_p**4)))
    """
    found: dict[str, TheoremSource] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        source = read_source(path)
        if source.theorem.name != path.stem:
            raise TheoremFileError(f"{path}: name is {source.theorem.name!r}; make it the file's")
        found[path.stem] = source
    return MappingProxyType(found)
