"""Show characters that would change how the text around them reads, or that no file can hold."""

from __future__ import annotations

import re

#: Overrides and isolates of writing direction, control characters except tab and line ends, and
#: halves of characters: in a name they can reverse the text behind it, control a terminal, or
#: stand for a byte that is not text.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_HALVES = re.compile("[\ud800-\udfff]")
#: Where Python puts a byte of a file's name that is not text (PEP 383).
_BYTES = range(0xDC80, 0xDD00)


def visible(text: str) -> str:
    r"""The text with such characters as escapes.

    >>> print(visible("cell \u202ea\x1b[2J, μ = 2"))
    cell \u202ea\x1b[2J, μ = 2
    >>> import os
    >>> print(visible(os.fsdecode(b"lauf\xfc.csv")))
    lauf\xfc.csv
    """
    return _HIDDEN.sub(lambda match: _escape(ord(match[0])), text)


def visible_in_json(text: str) -> str:
    r"""A JSON text whose strings show halves of characters as `visible` does.

    >>> print(visible_in_json('{"data": "lauf\udcfc.csv"}'))
    {"data": "lauf\\xfc.csv"}
    """
    return _HALVES.sub(lambda match: "\\" + _escape(ord(match[0])), text)


def _escape(code: int) -> str:
    if code in _BYTES:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
