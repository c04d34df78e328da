"""Columns and variables that are not read, named where they were probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant; empty if none is near.

    >>> nearest("Cell", ["cell", "step"]), nearest("trainloss", ["train_loss"]), nearest("lr", [])
    ('cell', 'train_loss', '')
    """
    by_letters = {each.lower(): each for each in known}
    close = difflib.get_close_matches(name.strip().lower(), by_letters, n=1, cutoff=0.75)
    return by_letters[close[0]] if close else ""


def unused_note(kind: str, unused: Iterable[str], meant: Iterable[str]) -> str:
    """Says which columns or variables are not read, if one was probably meant to be.

    Args:
        kind: ``"column"``, ``"variable"`` or ``"quantity"``.
        unused: their names.
        meant: names that would be read and that the file lacks.

    >>> unused_note("column", ["Cell", "lr"], ["cell"])
    'columns that are not used: Cell (did you mean cell?), lr'
    >>> unused_note("column", ["lr"], ["cell"])
    ''
    """
    guesses = {name: nearest(name, meant) for name in unused}
    if not any(guesses.values()):
        return ""
    # a name that was probably misspelt is shown first
    ordered = sorted(guesses, key=lambda name: not guesses[name])
    shown = [
        f"{name[:40]} (did you mean {guesses[name]}?)" if guesses[name] else name[:40]
        for name in ordered[:8]
    ]
    more = f" and {len(ordered) - 8} more" if len(ordered) > 8 else ""
    several = {"quantity": "quantities"}.get(kind, f"{kind}s")
    which = f"{several} that are" if len(ordered) > 1 else f"{kind} that is"
    return f"{which} not used: {', '.join(shown)}{more}"
