"""Errors of a simulation: narrow exceptions with one-line messages."""

import reprlib

_SHORT = reprlib.Repr()
_SHORT.maxstring, _SHORT.maxlong, _SHORT.maxother = 60, 24, 60


class SimulationError(Exception):
    """Base of every error of this part."""


class ProblemError(SimulationError, ValueError):
    """A problem has a key, value or combination of values that is not admissible."""


class UnknownModelError(ProblemError):
    """A problem names a model that is neither shipped nor known by its file."""


class ScheduleError(SimulationError, ValueError):
    """A log schedule such as ``geometric:64`` cannot be understood."""


class EngineError(SimulationError, ValueError):
    """An engine is unknown, or cannot run the problem it was given."""


class StoreError(SimulationError):
    """A results folder is damaged, foreign, or holds other settings."""


class ShardExistsError(StoreError):
    """A shard that is to be stored exists already."""


class StoreWriteError(StoreError):
    """Results could not be written: no space, no permission, no folder."""


class SweepError(SimulationError, ValueError):
    """A sweep's file, grid or preset cannot be understood or is not admissible."""


class ClusterError(SimulationError):
    """No cluster can be used: dask is not installed, nothing answers, or versions differ."""


class ClusterLostError(ClusterError):
    """A cluster was lost while it trained."""


def shown(value: object) -> str:
    """A value for an error message: as it was written, but cut if it is long.

    >>> shown(10**100), shown("N"), shown([1, 2, 3])
    ('1000000000...00000000000', "'N'", '[1, 2, 3]')
    """
    return _SHORT.repr(value)
