"""The file of a shard: an ``.npz`` that describes its content and carries a checksum.

So the manifest can be rebuilt from the shard files alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UnknownModelError
from ..model_problem import parse_problem
from ..trajectory import Trajectory
from .shards import PER_RUN, Head, Shard

#: Form of a cell's name.
NAME = re.compile(r"[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}")

SCHEMA = 3
_PREFIX = "quantity."
_DESCRIPTION = "description"


def encode(shard: Shard, settings_sha256: str = "") -> bytes:
    """The content of the file; equal shards give equal bytes.

    Args:
        shard: what to write.
        settings_sha256: checksum of the settings of the store it belongs to.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> trajectory = train(Problem(n_samples=4, dim=100), seeds=1, steps=3)
        >>> again = decode(encode(Shard("a", 0, 1, trajectory)))
        >>> again.cell, again.trajectory.problem == trajectory.problem
        ('a', True)
    """
    trajectory = shard.trajectory
    content: dict[str, Any] = {name: getattr(trajectory, name) for name in PER_RUN}
    content["steps"] = trajectory.steps
    content |= {f"{_PREFIX}{name}": array for name, array in trajectory.quantities.items()}
    description = {
        "schema": SCHEMA,
        "cell": shard.cell,
        "shard": shard.rank,
        "of": shard.of,
        "problem": trajectory.problem.to_toml(),
        "provenance": dict(trajectory.provenance),
        "settings_sha256": settings_sha256,
    }
    description["sha256"] = _digest(content, description)
    text = np.frombuffer(json.dumps(description).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **{_DESCRIPTION: text, **content})
    return buffer.getvalue()


def decode(payload: bytes) -> Shard:
    """The shard in a file's content.

    Raises:
        ValueError: it is damaged, foreign, or written by a version with another layout.
    """
    try:
        with np.load(io.BytesIO(payload), allow_pickle=False) as loaded:
            content = {name: loaded[name] for name in loaded.files}
        description = json.loads(content.pop(_DESCRIPTION).tobytes())
        claimed = description.pop("sha256")
        schema = description["schema"]
    except Exception as error:  # a damaged archive raises almost anything
        raise ValueError(f"it is not a sound shard ({type(error).__name__})") from None
    if schema != SCHEMA:
        raise ValueError(f"it has layout {schema!r}, this version reads layout {SCHEMA}")
    if _digest(content, description) != claimed:
        raise ValueError("the checksum of its content differs from the checksum in the file")
    trajectory = Trajectory(
        problem=parse_problem(description["problem"]),
        steps=content["steps"],
        quantities={
            name.removeprefix(_PREFIX): array
            for name, array in content.items()
            if name.startswith(_PREFIX)
        },
        provenance=description["provenance"],
        **{name: content[name] for name in PER_RUN},
    )
    return Shard(description["cell"], description["shard"], description["of"], trajectory)


def read_head(path: Path) -> Head:
    """The head of a shard file; its quantities are not read.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            description = json.loads(_member(archive, _DESCRIPTION).tobytes())
            logged = [name for name in archive.namelist() if name.startswith(_PREFIX)]
            return Head(
                problem=parse_problem(description["problem"]),
                seeds=_member(archive, "seeds"),
                steps=_member(archive, "steps"),
                quantities=tuple(
                    name.removeprefix(_PREFIX).removesuffix(".npy") for name in logged
                ),
                provenance=description["provenance"],
            )
    except (OSError, UnknownModelError):
        raise
    except Exception as error:  # a damaged archive raises almost anything
        raise ValueError(f"it is not a sound shard ({type(error).__name__})") from None


def _member(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """An array, read to its end first: only then does the archive compare its checksum."""
    array: NDArray[Any] = np.load(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
    return array


def _digest(content: dict[str, Any], description: dict[str, Any]) -> str:
    """Checksum of names, types, shapes and bytes of the arrays, and of the description."""
    digest = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for name, array in sorted(content.items()):
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
