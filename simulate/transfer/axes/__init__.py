"""Axes: each module defines ``AXIS`` and the pieces its departures need; to add one, add a file."""
