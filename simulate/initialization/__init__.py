"""Start of a run: real arrays, or their exact reduction to the span of the tokens."""

from ..data.signal_noise import Labels, draw_labels
from .arrays import InitialArrays, draw_arrays
from .projected import project
from .reduced import ReducedStart
from .sampled import draw_reduced
from .size import start_bytes

__all__ = [
    "InitialArrays",
    "Labels",
    "ReducedStart",
    "draw_arrays",
    "draw_labels",
    "draw_reduced",
    "project",
    "start_bytes",
]
