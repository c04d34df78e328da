"""The ``bofcheck`` command. Wiring only: every command is one file in ``commands/``."""

from .entry import main

__all__ = ["main"]
