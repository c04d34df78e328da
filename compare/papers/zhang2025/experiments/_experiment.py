"""`Experiment`: the cells behind one figure, their settings, their table and its drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ....._registry import load, module_names
from ....cells import Cell, CellResult
from ....errors import CompareError
from ....figures.registry import Drawing
from ....figures.table import Table

STATED, CHOSEN, JIANG = "stated", "chosen here", "Jiang 2024"


@dataclass(frozen=True)
class Setting:
    """One number or rule used by an experiment.

    Attributes:
        what: name of the setting, e.g. ``"learning rate"``.
        value: its value as printed.
        origin: ``"stated"`` in the paper's text, ``"chosen here"`` where the text is silent, or
            ``"Jiang 2024"`` for settings recalled from that experiment's public code.

    Example:
        >>> rate = Setting("learning rate", "4/max(mu², sigma_p² d)", CHOSEN)
        >>> f"{rate.what}: {rate.value} ({rate.origin})"
        'learning rate: 4/max(mu², sigma_p² d) (chosen here)'
    """

    what: str
    value: str
    origin: str


@dataclass(frozen=True, kw_only=True)
class Experiment(Drawing):
    """One figure: the cells trained for it, the numbers it shows, and the drawing.

    Attributes:
        name: its name on the command line, e.g. ``"fig5"``.
        title: a description of the figure.
        source: its place in the paper, or that it is not in the paper.
        settings: by preset, the settings stated in the paper and those chosen here.
        cells: by preset, the cells to train. Experiments that show the same runs share cells.
        seeds: by preset, the runs per cell.
        claims: ids of the claims the figure bears on.
        spread: the meaning of the figure's bands or bars.
        tabulate: makes the table of numbers from results and preset.
        draw: draws the table in a style.

    Raises:
        CompareError: the presets of cells, seeds and settings differ, or a cell's name is used
            twice or lacks its log schedule.

    Example:
        >>> values = get_experiment("fig6")
        >>> values.title, values.source, values.claims
        ('Test loss by the initial scale of the value matrix', '§6.5, Fig. 6', ('E10', 'E11'))
        >>> [cell.name for cell in values.trained("quick")][:2], values.seeds["quick"]
        (['fig6-sigma8', 'fig6-sigma4'], 8)
    """

    title: str
    source: str
    settings: Mapping[str, tuple[Setting, ...]]
    cells: Mapping[str, tuple[Cell, ...]]
    seeds: Mapping[str, int]
    spread: str
    tabulate: Callable[[Sequence[CellResult], str], Table]

    def __post_init__(self) -> None:
        """Refuse an experiment that could not be trained."""
        if not set(self.cells) == set(self.seeds) == set(self.settings):
            raise CompareError(f"experiment {self.name}: cells, seeds and settings differ")
        for preset, cells in self.cells.items():
            names = [cell.name for cell in cells]
            if len(set(names)) < len(names) or not all(cell.log_at for cell in cells):
                raise CompareError(
                    f"experiment {self.name}, preset {preset}: every cell needs a name that no "
                    "other has and a log schedule"
                )

    def trained(self, preset: str) -> tuple[Cell, ...]:
        """The cells of one preset.

        Raises:
            CompareError: there is no such preset; the message lists the known presets.
        """
        if preset not in self.cells:
            raise CompareError(
                f"preset {preset!r} of {self.name}: unknown; choose one of {', '.join(self.cells)}"
            )
        return self.cells[preset]


def experiment_names(preset: str | None = None) -> list[str]:
    """Names of all experiments, or of those that have cells in a preset; the paper's first.

    Raises:
        CompareError: no experiment knows the preset.

    Example:
        >>> experiment_names()
        ['fig1', 'fig2', 'fig3', 'fig4', 'fig5', 'fig6', 'fig7', 'dimension', 'excess']
        >>> experiment_names("jiang")
        ['fig2', 'fig3']
    """
    names = sorted(_names(), key=lambda name: (not name.startswith("fig"), name))
    if preset is None:
        return names
    if preset not in preset_names():
        raise CompareError(f"preset {preset!r}: unknown; choose one of {', '.join(preset_names())}")
    return [name for name in names if preset in get_experiment(name).cells]


def _names() -> tuple[str, ...]:
    return module_names(str(__package__))


def get_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        CompareError: there is no such experiment; the message lists the known names.

    Example:
        >>> experiment = get_experiment("fig5")
        >>> experiment.title, sorted(experiment.cells)
        ('Test loss along training at three learning rates', ['paper', 'quick'])
    """
    if name not in _names():
        raise CompareError(
            f"experiment {name!r}: unknown; choose one of {', '.join(experiment_names())}"
        )
    return load(str(__package__), name, "EXPERIMENT", Experiment)


def preset_names() -> list[str]:
    """The presets in which some experiment has cells, in the order they first occur.

    Example:
        >>> preset_names()
        ['quick', 'paper', 'jiang']
    """
    groups = (get_experiment(name).cells for name in experiment_names())
    return list(dict.fromkeys(preset for cells in groups for preset in cells))


def settings_of(experiment: Experiment, preset: str, runs: int | None) -> list[Setting]:
    """The settings with which an experiment was run.

    Args:
        experiment: the experiment.
        preset: its size.
        runs: runs per cell chosen by the user; None for the preset's number.

    Example:
        >>> settings = settings_of(get_experiment("fig5"), "paper", 3)
        >>> [(row.value, row.origin) for row in settings if row.what == "repeats"]
        [('3', 'chosen here')]
    """
    return [
        Setting("repeats", f"{runs}", CHOSEN)
        if setting.what == "repeats" and runs not in (None, experiment.seeds[preset])
        else setting
        for setting in experiment.settings[preset]
    ]
