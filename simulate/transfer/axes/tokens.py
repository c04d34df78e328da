"""More tokens in a sample, the signal among them at a random place."""

from __future__ import annotations

from dataclasses import replace

from ..axis import Axis, Departure
from ..setting import Setting


def _many(kind: str, tokens: int, signals: int, full: bool) -> Departure:
    def change(base: Setting) -> Setting:
        return base.replace(samples=replace(base.samples, tokens=tokens, signal_tokens=signals))

    return Departure(kind, tokens, f"M = {tokens}", change, full)


AXIS = Axis(
    title="tokens",
    about="M tokens in random order: one signal, or half of them; the others are noise",
    departures=(
        *(_many("one signal token", tokens, 1, tokens in (3, 16)) for tokens in (3, 4, 8, 16)),
        *(_many("half signal tokens", tokens, tokens // 2, tokens in (6, 16))
          for tokens in (4, 6, 8, 16)),
    ),
)  # fmt: skip
