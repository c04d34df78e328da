"""`jsonable`: results in the types of strict JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy as np


def jsonable(value: Any) -> Any:
    """The value as JSON types: NaN becomes None, infinities become ``"inf"`` and ``"-inf"``.

    Args:
        value: mappings, sequences, arrays, numbers, enums, paths and strings, nested arbitrarily.

    Raises:
        TypeError: naming the type, if the value holds anything else.

    Example:
        >>> jsonable({"a": np.array([1.0, np.nan]), "b": (np.int64(2), -math.inf)})
        {'a': [1.0, None], 'b': [2, '-inf']}
    """
    if isinstance(value, Enum):
        return jsonable(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return _number(float(value))
    if isinstance(value, np.generic | np.ndarray):
        return jsonable(value.tolist())
    if isinstance(value, Mapping):
        return {str(jsonable(key)): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(jsonable(item) for item in value)
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__}: cannot be written as JSON; give numbers and text")


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value
