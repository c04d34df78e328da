"""Signals at an angle, unbalanced classes, and more than two classes."""

from __future__ import annotations

from ..axis import Axis, Departure
from ..samples import SampleLaw


def _law(kind: str, samples: SampleLaw, dose: float, label: str, full: bool) -> Departure:
    return Departure(kind, dose, label, lambda base: base.replace(samples=samples), full)


AXIS = Axis(
    title="signals",
    about="the classes' signals, all of one length, and how often each class appears",
    departures=(
        *(_law("signals at an obtuse angle", SampleLaw(angle=a), a - 90, f"{a:g}°", full)
          for a, full in ((105.0, True), (120.0, False), (150.0, True), (180.0, False))),
        *(_law("signals at an acute angle", SampleLaw(angle=a), 90 - a, f"{a:g}°", full)
          for a, full in ((75.0, True), (60.0, False), (45.0, True), (30.0, False))),
        *(_law("unbalanced classes", SampleLaw(balance=b), b, f"{b:.0%} are +1", full)
          for b, full in ((0.6, True), (0.7, False), (0.8, True), (0.9, False))),
        *(_law("one class against the rest", SampleLaw(classes=k), k, f"{k} classes", full)
          for k, full in ((3, False), (4, True), (5, False), (8, True))),
    ),
)  # fmt: skip
