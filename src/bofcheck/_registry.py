"""`discover`: the objects that a folder's modules define; to add one, add a file."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def module_names(package: str) -> tuple[str, ...]:
    """Names of a package's modules in alphabetical order, without building blocks (``_name``).

    Args:
        package: its dotted name; importing it must not import its modules.

    Example:
        >>> module_names("bofcheck.theory.theorems")
        ('benign', 'harmful')
    """
    path = importlib.import_module(package).__path__
    names = (module.name for module in pkgutil.iter_modules(path))
    return tuple(sorted(name for name in names if not name.startswith("_")))


def listed(package: str, first: str = "") -> tuple[str, ...]:
    """As `module_names`, without importing the package, for help that must be quick.

    Args:
        package: its dotted name, below one of bofcheck's parts.
        first: a name to list before the others.

    Example:
        >>> listed("bofcheck.simulate.engines", first="span")
        ('span', 'direct')
    """
    top, part, *below = package.split(".")
    spec = importlib.util.find_spec(f"{top}.{part}")  # imports bofcheck alone
    places = (spec and spec.submodule_search_locations) or ()
    folders = [str(Path(place, *below)) for place in places]
    names = {module.name for module in pkgutil.iter_modules(folders)}
    shown = sorted(name for name in names if not name.startswith("_"))
    return tuple(sorted(shown, key=lambda name: name != first))


def load(package: str, module: str, attribute: str, kind: type[T]) -> T:
    """The object that one module of a package defines.

    Args:
        package: dotted name of the package.
        module: one of `module_names`.
        attribute: the name every module of the package defines, e.g. ``"THEOREM"``.
        kind: the type the object must have.

    Raises:
        TypeError: the module does not define the attribute, or it has another type.

    Example:
        >>> from bofcheck.theory import Theorem
        >>> load("bofcheck.theory.theorems", "benign", "THEOREM", Theorem).name
        'benign'
    """
    value = getattr(importlib.import_module(f"{package}.{module}"), attribute, None)
    if not isinstance(value, kind):
        raise TypeError(
            f"{package}.{module}: defines no {attribute} = {kind.__name__}(...); define it, or "
            f"begin the file's name with an underscore if it is a building block"
        )
    return value


@cache
def discover(package: str, attribute: str, kind: type[T]) -> dict[str, T]:
    """The objects that all modules of a package define, by module name in alphabetical order.

    Args:
        package: dotted name of the package.
        attribute: the name every module of the package defines.
        kind: the type the objects must have.

    Raises:
        TypeError: a module does not define the attribute, or it has another type.

    Example:
        >>> from bofcheck.theory import Theorem
        >>> list(discover("bofcheck.theory.theorems", "THEOREM", Theorem))
        ['benign', 'harmful']
    """
    return {name: load(package, name, attribute, kind) for name in module_names(package)}
