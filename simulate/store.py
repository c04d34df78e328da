"""`TrajectoryStore`: a results folder that keeps each trained cell once and never changes it.

::

    DIR/settings.json               what this folder is for; written first
    DIR/trajectories/<name>.npz     the arrays of one cell
    DIR/trajectories/<name>.json    its problem, provenance and the checksum of the arrays

The ``.json`` is written last: a cell without it does not exist yet.
"""

from __future__ import annotations

import json
import os
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .atomic import TEMPORARY, write_atomically
from .cellfile import NAME, decode, encode
from .errors import StoreError, StoreWriteError
from .problem import Problem
from .schedule import log_steps
from .trajectory import Trajectory

FORMAT = "bofcheck results"
SCHEMA = 1


class TrajectoryStore:
    """Trajectories by name in one folder, all made with the same settings.

    The folder is created when something is first written. A folder that holds anything but
    results of the same settings is refused and left as it is.

    Args:
        folder: where to keep them.
        settings: JSON-ready; whatever must be equal for results to share the folder.

    Attributes:
        folder: as given.
        settings: as read back from JSON.

    Raises:
        StoreError: the path is no folder, the folder is foreign or cannot be written, or its
            settings differ.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import train
        >>> problem = Problem(n_samples=4, dim=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {"preset": "quick"})
        ...     store.save("a", train(problem, seeds=2, steps=5))
        ...     again = store.load("a", problem, seeds=2, steps=5)
        ...     store.names(), again["train_loss"].shape
        (['a'], (2, 6))
    """

    def __init__(self, folder: str | Path, settings: Mapping[str, Any]) -> None:
        self.folder = Path(folder)
        self.settings: dict[str, Any] = json.loads(json.dumps(dict(settings)))
        found = _read_settings(self.folder)
        if found is None:
            _check_writable(self.folder)
        elif found != self.settings:
            raise StoreError(
                f"{self.folder}: holds results of other settings "
                f"({_differences(found, self.settings)}); choose another folder"
            )

    def names(self) -> list[str]:
        """Names of the stored cells, sorted."""
        return sorted(path.name.removesuffix(".json") for path in self._cells().glob("[!.]*.json"))

    def save(self, name: str, trajectory: Trajectory) -> None:
        """Keep a trajectory under that name for good.

        Raises:
            StoreError: the name is taken, or is no plain file name.
            StoreWriteError: the folder cannot be written.
        """
        arrays, sidecar = self._paths(name)
        if sidecar.exists():
            raise StoreError(f"{sidecar}: already stored, and stored cells never change")
        payload, description = encode(trajectory)
        try:
            self.prepare()
            arrays.parent.mkdir(exist_ok=True)
            write_atomically(arrays, [payload])
            write_atomically(sidecar, [description])
        except OSError as error:
            raise StoreWriteError(f"{arrays}: cannot be written: {error.strerror}") from None

    def read(self, name: str) -> Trajectory:
        """The trajectory of that name.

        Raises:
            StoreError: there is none, or its files are damaged.
        """
        arrays, sidecar = self._paths(name)
        try:
            return decode(arrays.read_bytes(), sidecar.read_bytes())
        except FileNotFoundError as error:
            raise StoreError(f"{error.filename}: missing; {_remedy(arrays)}") from None
        except OSError as error:
            raise StoreError(f"{error.filename}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise StoreError(f"{arrays}: damaged: {error}; {_remedy(arrays)}") from None

    def load(
        self,
        name: str,
        problem: Problem,
        seeds: int,
        steps: int,
        log_at: str = "geometric:64",
        engine: str = "span",
        device: str = "cpu",
    ) -> Trajectory | None:
        """The stored trajectory if it is what `train` would return for these arguments.

        Returns:
            The trajectory, bit-identical to the one saved; None if there is none yet.

        Raises:
            StoreError: what is stored under that name is damaged, or was made otherwise.
        """
        arrays, sidecar = self._paths(name)
        if not sidecar.exists():
            return None
        found = self.read(name)
        asked = {
            **problem.model_dump(),
            "seeds": list(range(seeds)),
            "logged": log_steps(log_at, steps).tolist(),
            "engine": engine,
            "device": device,
        }
        stored = {
            **found.problem.model_dump(),
            "seeds": found.seeds.tolist(),
            "logged": found.steps.tolist(),
            "engine": found.provenance.get("engine"),
            "device": found.provenance.get("device"),
        }
        if stored != asked:
            raise StoreError(
                f"{arrays}: was made otherwise ({_differences(stored, asked)}); "
                "choose another folder"
            )
        return found

    def prepare(self) -> None:
        """Create the folder and write down its settings, if that is not done yet.

        Raises:
            OSError: the folder cannot be created or written.
        """
        path = self.folder / "settings.json"
        if path.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        document = {"format": FORMAT, "schema": SCHEMA, "settings": self.settings}
        write_atomically(path, [(json.dumps(document, indent=2) + "\n").encode()])

    def _cells(self) -> Path:
        return self.folder / "trajectories"

    def _paths(self, name: str) -> tuple[Path, Path]:
        if NAME.fullmatch(name) is None:
            raise StoreError(
                f"cell name {name!r}: use at most 200 characters without / or \\, not starting "
                "with a dot"
            )
        return self._cells() / f"{name}.npz", self._cells() / f"{name}.json"


def open_store(folder: str | Path) -> TrajectoryStore:
    """Open an existing results folder for reading, whatever its settings.

    Raises:
        StoreError: there is no results folder at that path.
    """
    settings = _read_settings(Path(folder))
    if settings is None:
        raise StoreError(f"{folder}: no results here; give a folder bofcheck has written")
    return TrajectoryStore(folder, settings)


def _read_settings(folder: Path) -> dict[str, Any] | None:
    """Settings of a results folder, None if it is absent or empty."""
    path = folder / "settings.json"
    try:
        if not folder.exists():
            return None
        if not folder.is_dir():
            raise StoreError(f"{folder}: is a file; give a folder")
        names = [one.name for one in folder.iterdir() if not one.name.startswith(TEMPORARY)]
        if not names:
            return None
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise KeyError("format")
        schema, settings = document["schema"], dict(document["settings"])
    except FileNotFoundError:
        raise StoreError(
            f"{folder}: is not empty and holds no bofcheck results; choose another folder"
        ) from None
    except OSError as error:
        raise StoreError(f"{folder}: cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, LookupError):
        raise StoreError(
            f"{path}: is not one of bofcheck's settings files; choose another folder"
        ) from None
    if schema != SCHEMA:
        raise StoreError(
            f"{path}: has layout {schema!r}, this version reads layout {SCHEMA}; choose another "
            "folder"
        )
    return settings


def _check_writable(folder: Path) -> None:
    """Find out before a long run, not after it, that the folder cannot be made."""
    existing = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not existing.is_dir():
        raise StoreError(f"{folder}: {existing} is a file; give a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise StoreError(f"{folder}: {existing} cannot be written; choose another folder")


def _differences(stored: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """``key: stored X, asked Y`` for each key that differs."""
    keys = [key for key in {**stored, **asked} if stored.get(key) != asked.get(key)]
    return ", ".join(
        f"{key}: stored {_brief(stored.get(key))}, asked {_brief(asked.get(key))}" for key in keys
    )


def _brief(value: Any) -> str:
    if isinstance(value, list) and len(value) > 4:
        return f"{len(value)} numbers up to {value[-1]}"
    return reprlib.repr(value)


def _remedy(arrays: Path) -> str:
    return f"delete {arrays.with_suffix('.*').name} beside it and run the same command again"
