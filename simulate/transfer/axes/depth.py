"""Deeper transformers: residuals, layer norm and perceptrons on and off."""

from __future__ import annotations

from ..architecture import Architecture
from ..axis import Axis, Departure


def _deep(kind: str, depth: int, full: bool, **parts: bool) -> Departure:
    architecture = Architecture(depth=depth, **parts)
    layer = "layer" if depth == 1 else "layers"
    return Departure(
        kind, depth, f"{depth} {layer}", lambda base: base.replace(architecture=architecture), full
    )


AXIS = Axis(
    title="depth",
    about="layers 2 and up act on the first layer's outputs of width d_v, and are trained too",
    departures=(
        *(_deep("layers with residuals", depth, depth == 8) for depth in (2, 4, 8)),
        *(_deep("layers without residuals", depth, depth > 2, residual=False) for depth in (2, 4)),
        *(_deep("residuals and layer norm", depth, depth > 4, layer_norm=True)
          for depth in (2, 4, 8)),
        *(_deep("residuals and MLP", depth, depth > 2, mlp=True) for depth in (1, 2, 4, 8)),
        *(_deep("residuals, layer norm and MLP", depth, depth != 2, layer_norm=True, mlp=True)
          for depth in (1, 2, 4, 8)),
    ),
)  # fmt: skip
