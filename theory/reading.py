"""A reading: a bound that a theorem's lost formula may have been, in place of another."""

from dataclasses import dataclass

from .bound import Bound


@dataclass(frozen=True)
class Reading:
    """A bound to be judged in place of one of a theorem's own.

    Attributes:
        of: the name of the bound it is a reading of, and in whose stage it belongs.
        bound: the formula as it is read here, under a name of its own.

    Example:
        >>> from bofcheck.theory import benign
        >>> for reading in benign.readings:
        ...     print(reading.of, reading.bound.name, *reading.bound.logged)
        B2 B2A
        B2 B2B
        B2 B2C attention_test
        B2 B2D
    """

    of: str
    bound: Bound

    @property
    def name(self) -> str:
        """The bound's name."""
        return self.bound.name
