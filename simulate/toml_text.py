"""`parse_toml`: TOML text, or one line saying why it is none."""

from __future__ import annotations

import tomllib
from typing import Any


def parse_toml(text: str) -> dict[str, Any]:
    """Read TOML text; nothing in it is ever executed.

    Raises:
        ValueError: in words a reader can use, also where the parser gives up.

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
