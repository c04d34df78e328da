"""The manifest: which shards exist. A line with a checksum for each, added once it is safe.

A line that was cut off by a crash has no line end: it does not count, and the next writer
removes it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..errors import StoreError
from .atomic import sync_folder, write_atomically

#: Lines parsed at a time: enough to be quick, few enough to need little memory.
_AT_ONCE = 1000


class Entry(NamedTuple):
    """One shard that exists.

    Attributes:
        cell: name of its cell.
        shard: index of the shard in the cell, from 0.
        of: number of shards in the cell.
        size: size of its file, in bytes.
        sha256: checksum of its file.
        made: checksum of what its numbers depend on, from `bofcheck.simulate.store.shards.making`.
    """

    cell: str
    shard: int
    of: int
    size: int
    sha256: str
    made: str


class Manifest:
    """The lines of one manifest file; it is read again only as far as it has grown.

    Args:
        path: the file; it need not exist yet.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     manifest = Manifest(Path(folder) / "manifest.jsonl")
        ...     manifest.append(Entry("a", 0, 2, 10, "abc", "def"))
        ...     sorted(manifest.entries()), manifest.cells()
        ([('a', 0)], {'a': [True, False]})
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._forget()

    def entries(self) -> Mapping[tuple[str, int], Entry]:
        """Every shard that exists, by (cell, shard).

        Raises:
            StoreError: the file cannot be read, or a whole line of it is damaged.
        """
        self._read()
        return self._entries

    def cells(self) -> Mapping[str, list[bool]]:
        """For each cell of which a shard exists: for each of its shards whether it does.

        Raises:
            StoreError: as `entries`.
        """
        self._read()
        return self._cells

    def append(self, entry: Entry) -> None:
        """Add a line and flush it to disk; on an error no whole line is added.

        Raises:
            OSError: it cannot be written.
        """
        new = not self.path.exists()
        with self.path.open("ab+", buffering=0) as file:
            end = _end_of_lines(file)
            file.truncate(end)
            try:
                _write_all(file, _line(entry))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
        if new:
            sync_folder(self.path.parent)

    def replace(self, entries: Iterable[Entry]) -> None:
        """Rewrite the whole file, atomically.

        Raises:
            OSError: it cannot be written.
        """
        write_atomically(self.path, (_line(entry) for entry in entries))

    def _forget(self) -> None:
        self._entries: dict[tuple[str, int], Entry] = {}
        self._cells: dict[str, list[bool]] = {}
        self._lines = self._offset = self._inode = self._size = 0

    def _read(self) -> None:
        """Read the lines that were added since the last time."""
        try:
            status = self.path.stat()
            if (status.st_ino, status.st_size) == (self._inode, self._size):
                return
            with self.path.open("rb") as file:
                status = os.fstat(file.fileno())
                if status.st_ino != self._inode or status.st_size < self._offset:
                    self._forget()
                file.seek(self._offset)
                grown = file.read()
        except FileNotFoundError:
            self._forget()
            return
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be read: {error.strerror}") from None
        self._inode, self._size = status.st_ino, self._offset + len(grown)
        lines = grown[: grown.rfind(b"\n") + 1].splitlines(keepends=True)
        for first in range(0, len(lines), _AT_ONCE):
            some = lines[first : first + _AT_ONCE]
            for entry in self._parse([line[:-1] for line in some]):
                self._entries[entry.cell, entry.shard] = entry
                self._cells[entry.cell] = _listed(self._cells.get(entry.cell, []), entry)
            self._lines += len(some)
            self._offset += sum(map(len, some))

    def _parse(self, lines: list[bytes]) -> list[Entry]:
        """Parse all lines in one call, which is much faster than line by line."""
        for rank, line in enumerate(lines):
            if line[-_ENDING:] != _ending(line[:-_ENDING]):
                raise self._damaged(rank)
        try:
            return [
                Entry(*map(document.__getitem__, Entry._fields))
                for document in json.loads(b"[" + b",".join(lines) + b"]")
            ]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise self._damaged(0) from None  # sound lines of another program

    def _damaged(self, rank: int) -> StoreError:
        return StoreError(
            f"{self.path}: line {self._lines + rank + 1} is damaged; repair it with bofcheck "
            f"rebuild {self.path.parent}"
        )


def _listed(there: list[bool], entry: Entry) -> list[bool]:
    """Which shards of a cell exist with one more; a cell that got more runs has more of them."""
    if len(there) != entry.of:
        kept = max((rank + 1 for rank, exists in enumerate(there) if exists), default=0)
        there = [*there, *[False] * entry.of][: max(kept, entry.of)]
    there[entry.shard] = True
    return there


def _end_of_lines(file: BinaryIO) -> int:
    """The end of the last whole line."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return size
    file.seek(0)
    return file.read().rfind(b"\n") + 1


def _write_all(file: BinaryIO, data: bytes) -> None:
    """Write all of it: an unbuffered file may take only a part, as on a nearly full disk."""
    while data:
        data = data[file.write(data) :]


def _line(entry: Entry) -> bytes:
    words = json.dumps(entry._asdict()).encode()[:-1]
    return words + _ending(words) + b"\n"


def _ending(words: bytes) -> bytes:
    """The end of a line: the checksum of its words."""
    digest = hashlib.sha256(words).hexdigest()[:16].encode()
    return b', "check": "' + digest + b'"}'


_ENDING = len(_ending(b""))
