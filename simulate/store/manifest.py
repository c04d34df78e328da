"""The manifest: which shards exist. One checked line a shard, added after the shard is safe.

A line that was cut off by a crash has no line end: it does not count, and the next writer
takes it away.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from ..atomic import sync_folder, write_atomically
from ..errors import StoreError


@dataclass(frozen=True)
class Entry:
    """One shard that exists.

    Attributes:
        cell: name of its cell.
        shard: which shard of the cell, from 0.
        of: how many shards make up the cell.
        size: of its file, in bytes.
        sha256: of its file.
    """

    cell: str
    shard: int
    of: int
    size: int
    sha256: str


class Manifest:
    """The lines of one manifest file; it is read again only as far as it has grown.

    Args:
        path: the file; it need not exist yet.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     manifest = Manifest(Path(folder) / "manifest.jsonl")
        ...     manifest.append(Entry("a", 0, 2, 10, "abc"))
        ...     sorted(manifest.entries())
        [('a', 0)]
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries: dict[tuple[str, int], Entry] = {}
        self._lines = self._offset = self._inode = 0

    def entries(self) -> dict[tuple[str, int], Entry]:
        """Every shard that exists, by (cell, shard).

        Raises:
            StoreError: the file cannot be read, or a whole line of it is damaged.
        """
        try:
            with self.path.open("rb") as file:
                status = os.fstat(file.fileno())
                if status.st_ino != self._inode or status.st_size < self._offset:
                    self._forget()
                self._inode = status.st_ino
                file.seek(self._offset)
                grown = file.read()
        except FileNotFoundError:
            self._forget()
            return self._entries
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be read: {error.strerror}") from None
        whole = grown[: grown.rfind(b"\n") + 1]
        for line in whole.splitlines():
            entry = self._parse(line)
            self._entries[entry.cell, entry.shard] = entry
            self._lines += 1
        self._offset += len(whole)
        return self._entries

    def append(self, entry: Entry) -> None:
        """Add a line and flush it to disk; on an error the file is as it was.

        Raises:
            OSError: it cannot be written.
        """
        new = not self.path.exists()
        with self.path.open("ab+") as file:
            end = _end_of_lines(file)
            file.truncate(end)
            try:
                file.write(_line(entry))
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
        if new:
            sync_folder(self.path.parent)

    def replace(self, entries: Iterable[Entry]) -> None:
        """Write the whole file anew, atomically.

        Raises:
            OSError: it cannot be written.
        """
        write_atomically(self.path, (_line(entry) for entry in entries))

    def _forget(self) -> None:
        self._entries = {}
        self._lines = self._offset = self._inode = 0

    def _parse(self, line: bytes) -> Entry:
        try:
            document = json.loads(line)
            check = document.pop("check")
            entry = Entry(**document)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            check, entry = None, None
        if entry is None or check != _check(entry):
            raise StoreError(
                f"{self.path}: line {self._lines + 1} is damaged; write it anew with bofcheck "
                f"rebuild {self.path.parent}"
            )
        return entry


def _end_of_lines(file: BinaryIO) -> int:
    """Where the last whole line ends."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return size
    file.seek(0)
    return file.read().rfind(b"\n") + 1


def _line(entry: Entry) -> bytes:
    return json.dumps({**asdict(entry), "check": _check(entry)}).encode() + b"\n"


def _check(entry: Entry) -> str:
    text = json.dumps(asdict(entry), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
