"""`TrajectoryStore`: a results folder of shard files that never change.

::

    DIR/settings.json                     the folder's settings; written first
    DIR/trajectories/<cell>/<rank>.npz    up to 64 runs of one cell, with their provenance
    DIR/manifest.jsonl                    one line per shard, with the checksum of its file

The manifest's line is written last: a shard without a line does not exist yet.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ShardExistsError, StoreError, StoreWriteError, UnknownModelError
from ..trajectory import Trajectory
from .atomic import TEMPORARY, make_folder, write_atomically
from .base import SHARD_RUNS, Store
from .growth import layout, runs_of
from .lock import exclusive
from .manifest import Entry, Manifest
from .settings import (
    check_writable,
    differences,
    read_settings,
    settings_digest,
    write_settings,
)
from .shardfile import NAME, decode, encode, read_head
from .shards import Head, Shard

_MANIFEST = "manifest.jsonl"
#: The setting that says how many runs a cell has.
_SEEDS = "seeds"


class TrajectoryStore(Store):
    """Trajectories by name in one folder, all made with the same settings.

    The folder is created when something is first written. A folder that holds anything but
    results of the same settings is refused and not changed. Several processes may write to
    one folder at a time.

    Args:
        folder: where to keep them.
        settings: JSON-ready values that must be equal for results to share the folder.
        grows: whether its cells may get more runs; the setting ``seeds`` may then differ.

    Attributes:
        folder: as given.
        settings: as read back from JSON.

    Raises:
        StoreError: the path is not a folder, the folder is foreign or cannot be written, or its
            settings differ.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import Problem, train
        >>> problem = Problem(n_samples=4, dim=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {"preset": "quick"})
        ...     store.save("a", train(problem, seeds=2, steps=5))
        ...     again = store.load("a", problem, seeds=2, steps=5)
        ...     store.names(), again["train_loss"].shape
        (['a'], (2, 6))
    """

    def __init__(
        self, folder: str | Path, settings: Mapping[str, Any], *, grows: bool = False
    ) -> None:
        self.folder = Path(folder)
        self.settings = json.loads(json.dumps(dict(settings)))
        self.grows = grows
        self._manifest = Manifest(self.folder / _MANIFEST)
        stored = read_settings(self.folder)
        self._begun = stored is not None
        if grows and stored is not None and _SEEDS in stored:
            self.settings[_SEEDS] = stored[_SEEDS]  # of the runs it was begun with
        if stored is None:
            check_writable(self.folder)
        elif stored != self.settings:
            raise StoreError(
                f"{self.folder}: holds results of other settings "
                f"({differences(stored, self.settings)}); ask for what is stored, or choose "
                "another folder"
            )

    def where(self, name: str) -> str:
        """The cell's folder."""
        if NAME.fullmatch(name) is None:
            raise StoreError(
                f"cell name {name!r}: use at most 200 characters without / or \\, not starting "
                "with a dot"
            )
        return str(self.folder / "trajectories" / name)

    def index(self) -> Mapping[str, list[bool]]:
        """From the manifest: for each cell, which of its shards exist."""
        return self._manifest.cells()

    def made(self, name: str, rank: int) -> str:
        """From the manifest; only the size of the shard's file is compared."""
        path, entry = self._path(name, rank), self._entry(name, rank)
        self._check_size(path, entry)
        return entry.made

    def check_writable(self) -> None:
        """Check before a long run that shards can be stored."""
        check_writable(self.folder)
        for path in (self.folder / "trajectories", self.folder / _MANIFEST):
            if path.exists() and not os.access(path, os.W_OK):
                raise StoreError(f"{path}: cannot be written; choose another folder")

    def add(self, shard: Shard) -> None:
        """Write the shard's file, then its line in the manifest."""
        path = self._path(shard.cell, shard.rank)
        payload = encode(shard, settings_digest(self.settings))
        if self._begun and read_settings(self.folder) is None:
            raise StoreWriteError(
                f"{self.folder}: was removed while it was written to; run the command again"
            )
        try:
            self.prepare()
            self._begun = True
            with exclusive(self.folder):
                stored = self.index().get(shard.cell, [False] * shard.of)
                if len(stored) != shard.of and not self.grows:
                    raise StoreError(f"{path}: its cell has {len(stored)} shards, not {shard.of}")
                if shard.rank < len(stored) and stored[shard.rank]:
                    raise ShardExistsError(f"{path}: already stored, and shards never change")
                make_folder(path.parent)
                write_atomically(path, [payload])
                self._manifest.append(_entry(shard, payload))
        except OSError as error:
            raise StoreWriteError(f"{path}: cannot be written: {error.strerror or error}") from None

    def shard(self, name: str, rank: int) -> Trajectory:
        """The runs of a shard; its checksum is compared first."""
        path, entry = self._path(name, rank), self._entry(name, rank)
        try:
            payload = path.read_bytes()
            if hashlib.sha256(payload).hexdigest() != entry.sha256:
                raise ValueError("its checksum differs from the manifest's")
            return decode(payload).trajectory
        except (OSError, ValueError) as error:
            raise self._damaged(path, error) from None

    def head(self, name: str, rank: int) -> Head:
        """The head of a shard; only the size of its file is compared."""
        path, entry = self._path(name, rank), self._entry(name, rank)
        self._check_size(path, entry)
        try:
            return read_head(path)
        except (OSError, ValueError) as error:
            raise self._damaged(path, error) from None

    def prepare(self) -> None:
        """Create the folder and write its settings, if that is not done yet.

        Raises:
            OSError: the folder cannot be created or written.
        """
        write_settings(self.folder, self.settings)

    def _path(self, name: str, rank: int) -> Path:
        return Path(self.where(name)) / f"{rank:04d}.npz"

    def _entry(self, name: str, rank: int) -> Entry:
        try:
            return self._manifest.entries()[name, rank]
        except KeyError:
            raise StoreError(f"{self._path(name, rank)}: no such shard is stored") from None

    def _check_size(self, path: Path, entry: Entry) -> None:
        try:
            if path.stat().st_size != entry.size:
                raise ValueError("its size differs from the manifest's")
        except (OSError, ValueError) as error:
            raise self._damaged(path, error) from None

    def _damaged(self, path: Path, error: OSError | ValueError) -> StoreError:
        if isinstance(error, UnknownModelError):  # sound, and of a model in a file of the user's
            return StoreError(f"{path}: {error}")
        what = f"damaged: {error}"
        if isinstance(error, FileNotFoundError):
            what = "missing"
        elif isinstance(error, OSError):
            what = f"cannot be read: {error.strerror}"
        return StoreError(
            f"{path}: {what}; discard it with bofcheck rebuild {self.folder} and run the same "
            "command again"
        )


def open_store(folder: str | Path) -> TrajectoryStore:
    """Open an existing results folder for reading, whatever its settings.

    Args:
        folder: a folder that a command of bofcheck or a `TrajectoryStore` has written.

    Raises:
        StoreError: there is no results folder at that path.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import Problem, train
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     trajectory = train(Problem(n_samples=4, dim=100), seeds=2, steps=5)
        ...     TrajectoryStore(folder, {"preset": "mine"}).save("small", trajectory)
        ...     store = open_store(folder)
        ...     store.names(), store.settings, store.read("small")["train_loss"].shape
        (['small'], {'preset': 'mine'}, (2, 6))
    """
    settings = read_settings(Path(folder))
    if settings is None:
        raise StoreError(f"{folder}: no results here; give a folder bofcheck has written")
    return TrajectoryStore(folder, settings)


def rebuild(folder: str | Path) -> tuple[int, list[Path]]:
    """Rebuild a folder's manifest from the shard files that are sound.

    A file that is damaged or misplaced gets no line, so the same command trains its shard
    again. Files left over from interrupted writes are removed.

    Args:
        folder: a results folder.

    Returns:
        The number of shards that exist now, and the shard files that were discarded.

    Raises:
        StoreError: there is no results folder at that path.
        StoreWriteError: it cannot be written.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import Problem, train
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {})
        ...     for name in ("a", "b"):
        ...         store.save(name, train(Problem(n_samples=4, dim=100), seeds=2, steps=5))
        ...     _ = Path(store.where("b"), "0000.npz").write_bytes(b"damaged")
        ...     kept, discarded = rebuild(folder)
        ...     kept, [path.parent.name for path in discarded], open_store(folder).names()
        (1, ['b'], ['a'])
    """
    store = open_store(folder)
    every: list[Entry] = []
    known: dict[str, list[range | None]] = {}
    discarded: list[Path] = []
    try:
        with exclusive(store.folder):
            for path in sorted((store.folder / "trajectories").glob("*/[!.]*.npz")):
                found = _sound(store, path)
                if found is None or not _fits(known.setdefault(found[0].cell, []), *found):
                    discarded.append(path)
                else:
                    every.append(found[0])
            Manifest(store.folder / _MANIFEST).replace(every)
            for path in store.folder.rglob(f"{TEMPORARY}*"):
                path.unlink()
    except OSError as error:
        where = f" {error.filename}:" if error.filename else ""
        raise StoreWriteError(f"{folder}: cannot be rebuilt:{where} {error.strerror}") from None
    return len(every), discarded


def _fits(known: list[range | None], entry: Entry, runs: range) -> bool:
    """Whether a shard's runs follow those of the shards before it, which it is then added to."""
    longer = [*known, *[None] * (entry.shard - len(known)), runs]
    try:
        layout(longer, 0, SHARD_RUNS)
    except ValueError:
        return False
    known[:] = longer
    return True


def _sound(store: TrajectoryStore, path: Path) -> tuple[Entry, range] | None:
    """The manifest's line for a shard file, and its runs; None if it is damaged or misplaced."""
    try:
        payload = path.read_bytes()
        shard = decode(payload)
    except (OSError, ValueError):
        return None
    right = store.folder / "trajectories" / shard.cell / f"{shard.rank:04d}.npz"
    if right != path or shard.rank >= shard.of:
        return None
    return _entry(shard, payload), runs_of(shard.trajectory.seeds)


def _entry(shard: Shard, payload: bytes) -> Entry:
    digest = hashlib.sha256(payload).hexdigest()
    return Entry(shard.cell, shard.rank, shard.of, len(payload), digest, shard.made)
