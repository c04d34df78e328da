"""What can go wrong in a simulation, as narrow exceptions with one-line messages."""

import reprlib

_SHORT = reprlib.Repr()
_SHORT.maxstring, _SHORT.maxlong, _SHORT.maxother = 60, 24, 60


class SimulationError(Exception):
    """Any fault of this part; catch it to catch them all."""


class ProblemError(SimulationError, ValueError):
    """A problem's key, value or combination of values is not admissible."""


class ScheduleError(SimulationError, ValueError):
    """A log schedule such as ``geometric:64`` cannot be understood."""


class EngineError(SimulationError, ValueError):
    """An engine is unknown, or cannot run the problem it was given."""


class StoreError(SimulationError):
    """A results folder is damaged, foreign, or holds other settings."""


class ShardExistsError(StoreError):
    """A shard that is to be kept exists already."""


class StoreWriteError(StoreError):
    """Results could not be written: no space, no permission, no folder."""


class SweepError(SimulationError, ValueError):
    """A sweep's file, grid or preset cannot be understood or is not admissible."""


class ClusterError(SimulationError):
    """No cluster can be had: nothing installed, nobody there, other versions."""


class ClusterLostError(ClusterError):
    """A cluster that was at work is gone."""


def shown(value: object) -> str:
    """A value as it stands in an error message: as it was written, but never endless.

    >>> shown(10**100), shown("N"), shown([1, 2, 3])
    ('1000000000...00000000000', "'N'", '[1, 2, 3]')
    """
    return _SHORT.repr(value)
