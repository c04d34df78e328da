"""Show characters that would change how the text around them reads."""

from __future__ import annotations

import re

#: Overrides and isolates of writing direction, and control characters except tab and line ends: in
#: a name they can reverse the text behind it, or control a terminal.
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def visible(text: str) -> str:
    r"""The text with such characters as escapes.

    >>> print(visible("cell \u202ea\x1b[2J, μ = 2"))
    cell \u202ea\x1b[2J, μ = 2
    """
    return _HIDDEN.sub(lambda match: _escape(ord(match[0])), text)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
