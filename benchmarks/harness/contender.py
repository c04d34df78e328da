"""The interface of a contender; each is found by its file in ``contenders/``."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol

from .cell import Cell


class NotOfferedError(Exception):
    """A contender cannot train this cell on this device; the message says why, in one line."""


class Prepared(Protocol):
    """A contender ready to step.

    Attributes:
        runs: number of runs advanced by every step.
    """

    runs: int

    def step(self, count: int) -> None:
        """Take that many steps, and return when they are done, on a device too."""

    def finite(self) -> bool:
        """Whether the state is still finite; a diverged run is not a valid measurement."""

    def device_bytes(self) -> int:
        """Peak bytes of the device's own memory, 0 on the CPU."""


class Contender(Protocol):
    """A way to take gradient steps, or a yardstick to compare it with.

    Attributes:
        name: short, unique, used by ``--only`` and in the JSON.
        label: its name in the table.
    """

    name: str
    label: str

    def bytes_needed(self, cell: Cell) -> int:
        """Smallest memory for the cell, in bytes; a cell beyond the limit is not tried."""

    def threads(self, device: str) -> tuple[int, ...]:
        """Thread counts to try, of which the fastest counts; 0 keeps the library's default."""

    def use_threads(self, count: int) -> None:
        """Set that many threads."""

    def prepare(self, cell: Cell, device: str) -> Prepared:
        """Draw a start.

        Raises:
            NotOfferedError: it cannot train this cell on this device.
        """


def find_contenders(package: str = "contenders") -> dict[str, tuple[str, Contender]]:
    """All contenders as (module, contender) by name, in the order of their files.

    Raises:
        ValueError: two contenders have the same name.
    """
    found: dict[str, tuple[str, Contender]] = {}
    for entry in sorted(pkgutil.iter_modules(importlib.import_module(package).__path__)):
        module = f"{package}.{entry.name}"
        for contender in importlib.import_module(module).CONTENDERS:
            if contender.name in found:
                raise ValueError(f"{module}: there is a contender {contender.name!r} already")
            found[contender.name] = (module, contender)
    return found
