"""Departures from the theorem's model: a configurable transformer, and what changes one thing.

A `Setting` is a problem of the paper with swappable pieces: architecture, attention, optimiser,
loss, label noise and law of the samples. With none of them changed it is the paper's model, and
trains as the ``direct`` engine does. Each module of `axes` defines an `Axis`: departures in one
direction, each with a dose, and the pieces they need; to add departures, add a file.

>>> from bofcheck.simulate import Problem
>>> problem = Problem(n_samples=4, dim=30, key_dim=4, value_dim=4, start="materialised")
>>> (curves,) = train_settings([Setting(problem)], runs=2, steps=10, log_at="every:5")
>>> curves["train_loss"].shape
(2, 3)
"""

from .axis import Axis, Departure, axis_names, get_axis
from .curves import MEANINGS, Curves
from .engine import train_settings
from .setting import Setting
from .span import spans

__all__ = [
    "MEANINGS",
    "Axis",
    "Curves",
    "Departure",
    "Setting",
    "axis_names",
    "get_axis",
    "spans",
    "train_settings",
]
