"""`Constants`: what was fitted on calibration cells, and the widened values claims are judged at.

An envelope always touches its own data, so every fitted constant is widened by a slack fixed
beforehand before it is judged on held-out cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fitted:
    """One fitted constant.

    Attributes:
        name: the theorem's own name for it, e.g. ``"C2"``.
        value: fitted on the calibration cells.
        widened: what held-out cells are judged with.
        bounds: names of the bounds or events it belongs to.
        runs: calibration runs it was fitted on.
        points: calibration points it was fitted on.
        note: anything a reader should know, e.g. that it follows from continuity.
        limits: between which lies the constant that 95% of runs obey, at points where it is
            alone, or else with the other constants at their fitted values; either limit misses
            with 5%, and is infinite where there are too few runs for a limit. Of a free power, its
            95% interval. None of constants that are fitted together otherwise, by least squares or
            as a sum, and of those of a mean over runs.
        log_widened: logarithm of ``widened`` where that is beyond the range of float64.

    Example:
        >>> from bofcheck.compare import SLACK_K
        >>> fitted = Fitted("k2", 0.2, 0.2 * SLACK_K, bounds=("B2", "B3"), runs=64, points=900)
        >>> fitted.value, fitted.widened, fitted.limits
        (0.2, 0.1, None)
    """

    name: str
    value: float
    widened: float
    bounds: tuple[str, ...]
    runs: int
    points: int
    note: str = ""
    limits: tuple[float, float] | None = None
    log_widened: float | None = None


@dataclass(frozen=True)
class Constants:
    """The fitted constants of one theorem, keyed by name.

    Attributes:
        fitted: name -> `Fitted`.
        failures: bound or event name -> why it could not be fitted.

    Example:
        >>> from bofcheck.compare import SLACK_C
        >>> fitted = Fitted("C2", 0.3, 0.3 * SLACK_C, bounds=("B2",), runs=64, points=900)
        >>> constants = Constants({"C2": fitted}, failures={"T3 (paper)": "4 runs reached T3"})
        >>> constants.values(), constants.widened(), "k2" in constants
        ({'C2': 0.3}, {'C2': 0.6}, False)
    """

    fitted: Mapping[str, Fitted] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> bool:
        """Whether a fit was tried at all."""
        return bool(self.fitted or self.failures)

    def __contains__(self, name: object) -> bool:
        return name in self.fitted

    def __iter__(self) -> Iterator[Fitted]:
        return iter(self.fitted.values())

    def __getitem__(self, name: str) -> Fitted:
        return self.fitted[name]

    def widened(self) -> dict[str, float]:
        """Name -> the value held-out cells are judged with."""
        return {name: fitted.widened for name, fitted in self.fitted.items()}

    def values(self) -> dict[str, float]:
        """Name -> the value fitted on calibration cells."""
        return {name: fitted.value for name, fitted in self.fitted.items()}
