"""One file per theorem: the paper's as Python, neighbouring papers' as TOML.

To add a theorem, add a file: a module that defines ``THEOREM``, or a TOML file like a
user-supplied theorem's. The neighbours are SOURCE, and each file says whether its paper was seen.

>>> sorted(theorems())[:2]
['benign', 'harmful']
>>> sorted(neighbours())
['cao2022', 'huang2025', 'jiang2024', 'kou2023', 'magen2024']
"""

from functools import cache
from pathlib import Path
from types import MappingProxyType

from ..._registry import discover
from ..errors import FormulaError, NoSuchPartError, TheoremFileError, nearest_hint
from ..theorem import Theorem
from ..theorem_file.load import TheoremSource, read_source

FOLDER = Path(__file__).parent


def theorems() -> MappingProxyType[str, Theorem]:
    """Every theorem of the paper, by name, in alphabetical order.

    Raises:
        FormulaError: a theorem's name differs from its file's.
        TypeError: a file has no ``THEOREM``.

    Example:
        >>> {name: len(theorem.bounds) for name, theorem in theorems().items()}
        {'benign': 4, 'harmful': 5}
    """
    by_name = discover(__name__, "THEOREM", Theorem)
    for name, theorem in by_name.items():
        if theorem.name != name:
            raise FormulaError(
                f"theorems/{name}.py: the theorem is named {theorem.name!r}; rename it to {name!r}"
            )
    return MappingProxyType(by_name)


def get_theorem(name: str) -> Theorem:
    """The theorem of that name, the paper's or a neighbouring paper's.

    Raises:
        NoSuchPartError: no file of that name defines one.

    >>> get_theorem("harmful").regime, get_theorem("jiang2024").regime
    ('harmful', 'jiang2024')
    """
    if name in theorems():
        return theorems()[name]
    if name not in neighbours():
        names = [*theorems(), *neighbours()]
        hint = nearest_hint(name, names)
        raise NoSuchPartError(f"no theorem {name!r}; there are {', '.join(names)}{hint}")
    return neighbours()[name].theorem


@cache
def neighbours() -> MappingProxyType[str, TheoremSource]:
    """Every theorem of a neighbouring paper, by name, in alphabetical order.

    Raises:
        TheoremFileError: a file defines no theorem, or its name is not the file's.

    Example:
        >>> source = neighbours()["kou2023"]
        >>> source.theorem.title, source.theorem.bounds[0].excess
        ('Kou 2023, Theorem 4.2 (two-layer ReLU CNN, label flips)', exp(-N*k*mu**4/(d*sigma_p**4)))
    """
    by_name: dict[str, TheoremSource] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        source = read_source(path)
        if source.theorem.name != path.stem:
            raise TheoremFileError(
                f"{path}: name is {source.theorem.name!r}; change it to {path.stem!r}"
            )
        by_name[path.stem] = source
    return MappingProxyType(by_name)
