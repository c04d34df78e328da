"""``settings.json``: the settings of a results folder, and how two settings differ."""

from __future__ import annotations

import hashlib
import json
import reprlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StoreError
from .atomic import TEMPORARY, write_atomically
from .shardfile import SCHEMA

FORMAT = "bofcheck results"
FILE = "settings.json"


def read_settings(folder: Path) -> dict[str, Any] | None:
    """Settings of a results folder, None if it is absent or empty.

    Raises:
        StoreError: it is a file, foreign, or of another layout.
    """
    path = folder / FILE
    try:
        if not folder.exists():
            return None
        if not folder.is_dir():
            raise StoreError(f"{folder}: is a file; give a folder")
        if all(path.name.startswith(TEMPORARY) for path in folder.iterdir()):
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
            f"{path}: is not a settings file of bofcheck; choose another folder"
        ) from None
    if schema != SCHEMA:
        raise StoreError(
            f"{path}: has layout {schema!r}, this version reads layout {SCHEMA}; choose another "
            "folder"
        )
    return settings


def write_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Create the folder and write its settings, unless that is done already.

    Raises:
        OSError: it cannot be created or written.
    """
    path = folder / FILE
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    document = {"format": FORMAT, "schema": SCHEMA, "settings": settings}
    write_atomically(path, [(json.dumps(document, indent=2) + "\n").encode()])


def settings_digest(settings: Mapping[str, Any]) -> str:
    """Checksum of the settings a shard was made for; every shard carries it."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def check_writable(folder: Path) -> None:
    """Check before a long run that the folder can be created and written.

    Raises:
        StoreError: if it cannot.
    """
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir():
        raise StoreError(f"{folder}: {existing} is a file; give a folder")
    try:
        tempfile.TemporaryFile(dir=existing).close()  # access bits do not say what can be written
    except OSError:
        raise StoreError(f"{folder}: {existing} cannot be written; choose another folder") from None


def differences(stored: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """``key: stored X, asked Y`` for each key that differs.

    >>> differences({"seeds": 8, "steps": 5}, {"seeds": 4, "steps": 5})
    'seeds: stored 8, asked 4'
    """
    keys = [key for key in {**stored, **asked} if stored.get(key) != asked.get(key)]
    return ", ".join(
        f"{key}: stored {_brief(stored.get(key))}, asked {_brief(asked.get(key))}" for key in keys
    )


def _brief(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list) and len(value) > 4:
        return f"{len(value)} numbers up to {value[-1]}"
    return reprlib.repr(value)
