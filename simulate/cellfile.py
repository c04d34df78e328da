"""The two files of one stored cell: arrays as ``.npz``, description as ``.json``.

The description carries the checksum of the arrays and one of itself, so that any changed
byte that matters is noticed before a number is used.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from typing import Any

import numpy as np

from .problem import Problem
from .trajectory import Trajectory

#: What a cell may be called.
NAME = re.compile(r"[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}")

SCHEMA = 2
_PREFIX = "quantity."


def encode(trajectory: Trajectory) -> tuple[bytes, bytes]:
    """The content of both files; equal trajectories give equal bytes.

    Returns:
        The ``.npz`` and the ``.json`` content.

    Example:
        >>> from bofcheck.simulate import train
        >>> trajectory = train(Problem(n_samples=4, dim=100), seeds=1, steps=3)
        >>> decode(*encode(trajectory)).problem == trajectory.problem
        True
    """
    buffer = io.BytesIO()
    content: dict[str, Any] = {
        "seeds": trajectory.seeds,
        "steps": trajectory.steps,
        "diverged_at": trajectory.diverged_at,
        "positive": trajectory.positive,
        "flipped_positive": trajectory.flipped_positive,
        "flipped_negative": trajectory.flipped_negative,
    }
    content |= {f"{_PREFIX}{name}": array for name, array in trajectory.quantities.items()}
    np.savez(buffer, **content)
    arrays = buffer.getvalue()
    description = {
        "schema": SCHEMA,
        "problem": trajectory.problem.to_toml(),
        "provenance": dict(trajectory.provenance),
        "sha256": hashlib.sha256(arrays).hexdigest(),
    }
    return arrays, _text({**description, "self_sha256": _digest(description)})


def decode(arrays: bytes, text: bytes) -> Trajectory:
    """The trajectory the two files hold.

    Args:
        arrays: content of the ``.npz``.
        text: content of the ``.json``.

    Raises:
        ValueError: either is damaged, or written by a version with another layout.
    """
    try:
        description = json.loads(text)
        claimed = description.pop("self_sha256")
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise ValueError("its .json file is not what was written") from None
    if claimed != _digest(description) or text != _text({**description, "self_sha256": claimed}):
        raise ValueError("its .json file is not what was written")
    if description["schema"] != SCHEMA:
        raise ValueError(
            f"it has layout {description['schema']!r}, this version reads layout {SCHEMA}"
        )
    if hashlib.sha256(arrays).hexdigest() != description["sha256"]:
        raise ValueError("the checksum of its arrays differs from the one written down")
    with np.load(io.BytesIO(arrays), allow_pickle=False) as loaded:
        content = {name: loaded[name] for name in loaded.files}
    return Trajectory(
        problem=Problem.from_toml(description["problem"]),
        seeds=content["seeds"],
        steps=content["steps"],
        quantities={
            name.removeprefix(_PREFIX): array
            for name, array in content.items()
            if name.startswith(_PREFIX)
        },
        diverged_at=content["diverged_at"],
        positive=content["positive"],
        flipped_positive=content["flipped_positive"],
        flipped_negative=content["flipped_negative"],
        provenance=description["provenance"],
    )


def _text(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=2) + "\n").encode()


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
