"""`Experiment`: the cells behind one figure, and the settings they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....cells import Cell, CellResult
from ....errors import CompareError
from ....figures.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STATED, CHOSEN, JIANG = "stated", "chosen here", "Jiang 2024"


@dataclass(frozen=True)
class Setting:
    """One number or rule an experiment was run with.

    Attributes:
        what: e.g. ``"learning rate"``.
        value: as it is printed.
        origin: ``"stated"`` in the paper's text, ``"chosen here"`` where the text is silent, or
            ``"Jiang 2024"`` for what is recalled of that experiment's public code.

    Example:
        >>> one = Setting("learning rate", "4/max(mu², sigma_p² d)", CHOSEN)
        >>> f"{one.what}: {one.value} ({one.origin})"
        'learning rate: 4/max(mu², sigma_p² d) (chosen here)'
    """

    what: str
    value: str
    origin: str


@dataclass(frozen=True)
class Experiment:
    """One figure: what is trained for it, and which of its numbers are shown.

    How the numbers are drawn stands in the module of the same name in `bofcheck.compare.figures`.

    Attributes:
        name: as on the command line, e.g. ``"fig5"``.
        title: what the figure shows.
        source: where the paper has it; ours say so.
        settings: preset -> what was stated and what is chosen here.
        cells: preset -> what is trained. Experiments that show the same runs have the same cells.
        seeds: preset -> runs of a cell.
        claims: ids of the ledger the figure bears on.
        spread: what the bands or bars of the figure are.
        tabulate: from results and preset to the numbers the figure shows.

    Raises:
        CompareError: the presets of cells, seeds and settings differ, or a cell's name is used
            twice or lacks its log schedule.

    Example:
        >>> from bofcheck.compare.papers.zhang2025.experiments import get_experiment
        >>> values = get_experiment("fig6")
        >>> values.title, values.source, values.claims
        ('Test loss by the initial scale of the value matrix', '§6.5, Fig. 6', ('E10', 'E11'))
        >>> [cell.name for cell in values.trained("quick")][:2], values.seeds["quick"]
        (['fig6-sigma8', 'fig6-sigma4'], 8)
    """

    name: str
    title: str
    source: str
    settings: Mapping[str, tuple[Setting, ...]]
    cells: Mapping[str, tuple[Cell, ...]]
    seeds: Mapping[str, int]
    claims: tuple[str, ...]
    spread: str
    tabulate: Callable[[Sequence[CellResult], str], Table]

    def __post_init__(self) -> None:
        """Refuse a design that could not be trained as it stands."""
        if not set(self.cells) == set(self.seeds) == set(self.settings):
            raise CompareError(f"experiment {self.name}: cells, seeds and settings differ")
        for preset, cells in self.cells.items():
            names = [cell.name for cell in cells]
            if len(set(names)) < len(names) or not all(cell.log_at for cell in cells):
                raise CompareError(
                    f"experiment {self.name}, preset {preset}: every cell needs a name of its own "
                    "and a log schedule"
                )

    def trained(self, preset: str) -> tuple[Cell, ...]:
        """The cells of one preset.

        Raises:
            CompareError: there are none, with the presets there are.
        """
        if preset not in self.cells:
            raise CompareError(
                f"preset {preset!r} of {self.name}: unknown; choose one of {', '.join(self.cells)}"
            )
        return self.cells[preset]

    def table(self, results: Sequence[CellResult], preset: str) -> Table:
        """The numbers the figure shows, as they are written to its CSV file."""
        return self.tabulate(results, preset)

    def draw(self, results: Sequence[CellResult], preset: str) -> Figure:
        """The figure in two columns of print."""
        from ....figures import paint

        return paint(self.name, self.table(results, preset))


def settings_of(experiment: Experiment, preset: str, runs: int | None) -> list[Setting]:
    """An experiment's settings as it was run.

    Args:
        experiment: which.
        preset: in which size.
        runs: runs of a cell, where the user chose; None for the preset's own.

    Example:
        >>> from . import get_experiment
        >>> settings = settings_of(get_experiment("fig5"), "paper", 3)
        >>> [(one.value, one.origin) for one in settings if one.what == "repeats"]
        [('3', 'chosen here')]
    """
    own = experiment.seeds[preset]
    return [
        Setting("repeats", f"{runs}", CHOSEN)
        if one.what == "repeats" and runs not in (None, own)
        else one
        for one in experiment.settings[preset]
    ]
