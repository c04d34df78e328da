"""The ``bofcheck`` command. Wiring only: a file in ``commands/`` for each, shared parts here."""

from .entry import main

__all__ = ["main"]
