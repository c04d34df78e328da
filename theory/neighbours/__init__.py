"""Theorems of neighbouring papers as TOML files, encoded as a user would encode one.

All are recalled from the papers, not seen verbatim (SOURCE). A file in this folder is found by
itself; its name is the theorem's.

>>> sorted(neighbours())
['cao2022', 'huang2025', 'jiang2024', 'kou2023', 'magen2024']
>>> neighbours()["jiang2024"].theorem.bounds[0].name
'J1'
"""

from functools import cache
from pathlib import Path
from types import MappingProxyType

from ..errors import TheoremFileError
from ..reading import TheoremSource, read_source

FOLDER = Path(__file__).parent


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
