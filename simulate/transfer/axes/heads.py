"""Several heads, which share d_h and d_v."""

from __future__ import annotations

from ..architecture import Architecture
from ..axis import Axis, Departure


def _heads(count: int, full: bool) -> Departure:
    architecture = Architecture(heads=count)
    return Departure(
        "heads", count, f"{count} heads", lambda base: base.replace(architecture=architecture), full
    )


AXIS = Axis(
    title="heads",
    about="each head has d_h / heads queries and keys and d_v / heads values",
    departures=tuple(_heads(count, count in (4, 8)) for count in (2, 4, 8, 16)),
)
