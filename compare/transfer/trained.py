"""`DepartureRuns`: what one departure trained, kept on disk and never trained twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...simulate.transfer import Curves, Departure, Setting, get_axis, train_settings
from .preset import Cell, Preset

#: What the base's own row is called.
BASE = Departure("base", 0.0, "no departure", lambda base: base, limit=True)
#: Raised when the engine's numbers change, so that stored runs are not taken for new ones.
_FORMAT = 1


@dataclass(frozen=True)
class DepartureRuns:
    """The trained cells of one departure.

    Attributes:
        axis: name of its axis; empty for the base.
        departure: kind, dose and change.
        settings: cell -> what was trained.
        curves: cell -> what was logged.
        preset: which cells were trained.
    """

    axis: str
    departure: Departure
    settings: Mapping[str, Setting]
    curves: Mapping[str, Curves]
    preset: Preset

    @property
    def in_span(self) -> bool:
        """Whether the engine could work in the span of the training tokens."""
        return self.curves["benign"].in_span


@dataclass(frozen=True)
class Order:
    """A departure to train.

    Attributes:
        axis: name of its axis; empty for the base.
        rank: which of the axis's departures of the preset.
        preset: which cells.
    """

    axis: str
    rank: int
    preset: Preset

    def departure(self) -> Departure:
        """The departure itself."""
        return get_axis(self.axis).of(self.preset.full)[self.rank] if self.axis else BASE


def orders(axes: Sequence[str], preset: Preset) -> list[Order]:
    """The base, and the departures of some axes.

    Raises:
        SimulationError: an axis is unknown, or data that was named cannot be read.
    """
    wanted = [Order("", 0, preset)]
    for name in axes:
        count = len(get_axis(name).of(preset.full))
        wanted += [Order(name, rank, preset) for rank in range(count)]
    return wanted


def place(folder: Path, setting: Setting, cell: Cell, preset: Preset) -> Path:
    """The file of one cell's runs."""
    log = preset.log_at.replace(":", "")
    return folder / f"{setting.key()}-{cell.runs}x{preset.steps}-{log}-v{_FORMAT}.npz"


def lacking(order: Order, folder: Path) -> int:
    """How many runs of an order are still to be trained."""
    change = order.departure().change
    return sum(
        cell.runs
        for cell in order.preset.cells()
        if not place(folder, change(cell.setting), cell, order.preset).exists()
    )


def train_order(
    order: Order, folder: Path, progress: Callable[[], None] | None = None
) -> DepartureRuns:
    """Train what the folder lacks of an order, cells of one N together, and read all of it.

    Args:
        order: what to train.
        folder: exists, and keeps a file for each cell.
        progress: called after each batch of cells.

    Raises:
        StoreError: a stored file is damaged.
    """
    departure, preset = order.departure(), order.preset
    cells = {cell.name: cell for cell in preset.cells()}
    settings = {name: departure.change(cell.setting) for name, cell in cells.items()}
    places = {name: place(folder, settings[name], cells[name], preset) for name in cells}
    groups: dict[int, list[str]] = {}
    for name, path in places.items():
        if not path.exists():
            groups.setdefault(settings[name].problem.n_samples, []).append(name)
    for names in groups.values():
        for batch in _alike(names, settings):
            curves = train_settings(
                [settings[name] for name in batch],
                runs=[range(cells[name].runs) for name in batch],
                steps=preset.steps,
                log_at=preset.log_at,
            )
            for name, curve in zip(batch, curves, strict=True):
                curve.save(places[name])
        if progress is not None:
            progress()
    stored = {name: Curves.load(path) for name, path in places.items()}
    return DepartureRuns(order.axis, departure, settings, stored, preset)


def _alike(names: Sequence[str], settings: Mapping[str, Setting]) -> list[list[str]]:
    """Cells whose pieces are equal, which train as one batch; SGD's may differ with N alone."""
    groups: dict[str, list[str]] = {}
    for name in names:
        base = settings[name]
        groups.setdefault(repr(base.replace(problem=settings[names[0]].problem)), []).append(name)
    return list(groups.values())
