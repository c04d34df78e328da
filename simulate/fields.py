"""Kinds of numbers a problem holds, and how its keys are read from and written to TOML."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from .errors import ProblemError, shown

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False, le=1e100)]
#: Least length whose square is an ordinary number, with room for sums and products.
SHORTEST = 1e-150


def _long_enough(value: float) -> float:
    if 0.0 < value < SHORTEST:
        raise ValueError(f"must be at least {SHORTEST:g}, so that its square is a number")
    return value


NonNegative = Annotated[
    float, Field(ge=0, allow_inf_nan=False, le=1e100), AfterValidator(_long_enough)
]
Length = Annotated[float, Field(gt=0, allow_inf_nan=False, le=1e100), AfterValidator(_long_enough)]
Count = Annotated[int, Field(ge=1, le=10**15)]


def draw_words(fields: Mapping[str, Any]) -> list[int]:
    """Entropy words that key the random draws of a problem with these fields.

    >>> len(draw_words({"dim": 100}))
    4
    """
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).digest()
    return [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]


def toml_text(fields: Mapping[str, str | bool | int | float]) -> str:
    """One key a line.

    >>> print(toml_text({"dim": 100, "start": "sampled"}), end="")
    dim = 100
    start = "sampled"
    """
    return "".join(f"{key} = {_toml(value)}\n" for key, value in fields.items())


def problem_table(text: str) -> dict[str, Any]:
    """The keys of a problem's file: all at top level, or all under ``[problem]``.

    Raises:
        ProblemError: if the text is not TOML, or holds keys in both places.

    >>> problem_table("problem = {dim = 100}")
    {'dim': 100}
    """
    try:
        document = parse_toml(text)
    except ValueError as error:
        raise ProblemError(f"not valid TOML: {error}") from None
    table = document.pop("problem", None)
    if table is None:
        table, document = document, {}
    if document or not isinstance(table, dict):
        extra = ", ".join(sorted(document)) or "problem"
        raise ProblemError(f"{extra}: keys must all be in [problem], or all at top level")
    return table


def parse_toml(text: str) -> dict[str, Any]:
    """Read TOML text; nothing in it is ever executed.

    Raises:
        ValueError: in words a reader can use, also where the parser fails.

    >>> parse_toml("dim = 2e9")
    {'dim': 2000000000.0}
    >>> parse_toml("dim = " + 5000 * "9")
    Traceback (most recent call last):
        ...
    ValueError: a number has too many digits
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(str(error)) from None
    except ValueError:
        raise ValueError("a number has too many digits") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def whole_fields(table: Mapping[str, Any], *kinds: type[BaseModel]) -> dict[str, Any]:
    """Values as TOML gives them, whole floats such as 2e9 made integers where those are meant.

    TOML itself has no way to write 2e9 as an integer.

    Args:
        table: the values.
        kinds: the classes that have the fields; a field's default says whether it is an integer.
    """
    whole = {
        name
        for kind in kinds
        for name, field in kind.model_fields.items()
        if isinstance(field.default, int) and not isinstance(field.default, bool)
    }
    return {
        key: int(value)
        if key in whole and isinstance(value, float) and value.is_integer() and abs(value) < 2**63
        else value
        for key, value in table.items()
    }


def first_fault(error: ValidationError, allowed: Iterable[str]) -> str:
    """The first fault in one line, with the number of further faults.

    Args:
        error: what validation found.
        allowed: the keys there are.
    """
    faults = error.errors(include_url=False)
    first = faults[0]
    message = str(first["msg"]).removeprefix("Value error, ")
    where = ".".join(str(part) for part in first["loc"])
    where = where if len(where) <= 60 else f"{where[:60]}..."
    if first["type"] == "extra_forbidden":
        message = f"{where}: unknown key; allowed: {', '.join(allowed)}"
    elif where:
        message = f"{where} = {shown(first['input'])}: {message[0].lower()}{message[1:]}"
    more = len(faults) - 1
    return message + (f" (and {more} more)" if more else "")


def _toml(value: str | bool | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, str) else repr(value)
