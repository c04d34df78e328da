"""Fig. 7 a–d: the final test loss by N, flip probability, signal norm and noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from ....cells import Cell, CellResult
from ....figures.axes import heading, label_axes, number_ticks, panel_grid, plain_ticks
from ....figures.marks import bar_curve
from ....figures.style import SMALL, Style
from ....figures.table import Row, Table, Value, summary
from ._cells import (
    MANY_STEPS,
    NOISE_STD,
    SEEDS,
    SHARED,
    end_cell,
    paper_problem,
    rate_setting,
    seeds_setting,
)
from ._experiment import CHOSEN, Experiment, Setting
from .fig5 import samples_setting

KIND = "fig7"


#: Curves of panels a and d, and of b and c, where the other number runs along the axis.
FLIP_PROBS = (0.0, 0.1)


@dataclass(frozen=True)
class Sweeps:
    """The numbers varied in each panel; the noise is 2 except in panel d.

    Attributes:
        n_samples: N except in panel a.
        norms: signal norms of the curves.
        counts: values of N in panel a.
        flip_probs: flip probabilities in panel b.
        signal_norms: signal norms in panel c.
        noise_stds: noise standard deviations in panel d.
    """

    n_samples: int
    norms: tuple[float, ...]
    counts: tuple[int, ...]
    flip_probs: tuple[float, ...]
    signal_norms: tuple[float, ...]
    noise_stds: tuple[float, ...]


SWEEPS = {
    "quick": Sweeps(
        50, (5.0, 20.0), (5, 12, 25, 50), (0.0, 0.1, 0.2, 0.3), (2.0, 5.0, 10.0, 20.0, 50.0),
        (0.5, 1.0, 2.0, 4.0, 8.0),
    ),
    "paper": Sweeps(
        100, (5.0, 20.0), (5, 10, 20, 40, 70, 100), (0.0, 0.05, 0.1, 0.2, 0.3),
        (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 100.0), (0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
    ),
}  # fmt: skip


def _cell(n: int, norm: float, flip_prob: float, noise_std: float = NOISE_STD) -> Cell:
    problem = paper_problem(n, norm, flip_prob, noise_std=noise_std)
    name = f"fig7-N{n}-mu{norm:g}-p{flip_prob:g}-std{noise_std:g}"
    return end_cell(KIND, name, problem, MANY_STEPS)


def panels(preset: str) -> dict[str, tuple[Cell, ...]]:
    """The cells of each panel; panels share cells where their curves meet.

    Example:
        >>> {panel: len(cells) for panel, cells in panels("paper").items()}
        {'a': 24, 'b': 10, 'c': 14, 'd': 24}
    """
    s = SWEEPS[preset]
    curves = [(norm, p) for norm in s.norms for p in FLIP_PROBS]
    return {
        "a": tuple(_cell(n, norm, p) for norm, p in curves for n in s.counts),
        "b": tuple(_cell(s.n_samples, norm, p) for norm in s.norms for p in s.flip_probs),
        "c": tuple(_cell(s.n_samples, norm, p) for p in FLIP_PROBS for norm in s.signal_norms),
        "d": tuple(_cell(s.n_samples, norm, p, std) for norm, p in curves for std in s.noise_stds),
    }


def _cells(preset: str) -> tuple[Cell, ...]:
    return tuple(dict.fromkeys(cell for cells in panels(preset).values() for cell in cells))


def _settings(preset: str) -> tuple[Setting, ...]:
    s = SWEEPS[preset]
    return (
        *SHARED,
        seeds_setting(preset),
        samples_setting(preset),
        rate_setting(),
        Setting("a: N", f"{s.counts[0]} … {s.counts[-1]}", CHOSEN),
        Setting("b: flip probability", f"0 … {s.flip_probs[-1]:g}", CHOSEN),
        Setting("c: signal norm", f"{s.signal_norms[0]:g} … {s.signal_norms[-1]:g}", CHOSEN),
        Setting(
            "d: noise standard deviation", f"{s.noise_stds[0]:g} … {s.noise_stds[-1]:g}", CHOSEN
        ),
        Setting("signal norm but in c", ", ".join(f"{norm:g}" for norm in s.norms), CHOSEN),
        Setting("flip probability but in b", "0 and 0.1", CHOSEN),
        Setting("end of a run", f"target loss met, or {MANY_STEPS:,} steps", CHOSEN),
    )


#: The field of a problem along each panel's axis, and the fields that tell its curves apart.
AXES = {
    "a": ("n_samples", ("signal_norm", "flip_prob")),
    "b": ("flip_prob", ("signal_norm",)),
    "c": ("signal_norm", ("flip_prob",)),
    "d": ("noise_std", ("signal_norm", "flip_prob")),
}


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """One row per panel, curve and point."""
    by_name = {result.cell.name: result for result in results}
    rows: list[Row] = []
    for panel, cells in panels(preset).items():
        along_it, curve = AXES[panel]
        for cell in cells:
            result, problem = by_name[cell.name], cell.problem
            final = np.where(result.ok, result.trajectory["test_loss"][:, -1], np.nan)
            head: dict[str, Value] = {"panel": panel, "along": along_it}
            head["x"] = float(getattr(problem, along_it))
            head |= {name: float(getattr(problem, name)) for name in curve}
            missed = int((result.ok & (result.trained.stopped_at < 0)).sum())
            counts: Row = {"diverged": int((~result.ok).sum()), "missed_target": missed}
            rows.append({**head, **summary(final), **counts})
    return Table(tuple(rows))


_AXES = {
    "n_samples": ("N", "log"),
    "flip_prob": ("flip probability $p$", "linear"),
    "signal_norm": (r"signal norm $\mu$", "log"),
    "noise_std": (r"noise standard deviation $\sigma_p$", "log"),
}
_CURVES = {"signal_norm": r"$\mu$", "flip_prob": "$p$"}


def _draw(table: Table, style: Style) -> Figure:
    """Panels a to d."""
    figure, axes = panel_grid(style, 2, 2, height=2.3)
    for ax, letter in zip(axes, "abcd", strict=True):
        panel = table.select(panel=letter)
        name, scale = _AXES[panel.texts("along")[0]]
        fields = [field for field in _CURVES if panel.values(field)]
        curves = dict.fromkeys(tuple(row[field] for field in fields) for row in panel)
        for rank, chosen in enumerate(curves):
            part = panel.select(**dict(zip(fields, chosen, strict=True)))
            label = (f"{_CURVES[f]} = {value:g}" for f, value in zip(fields, chosen, strict=True))
            bar_curve(ax, part, "x", style, rank, ", ".join(label))
        ax.set_yscale("log")
        number_ticks(ax, "y")
        if scale == "log":
            ax.set_xscale("log")
            plain_ticks(ax, "x", panel.numbers("x"))
        label_axes(ax, name, "final test loss")
        heading(ax, letter, f"by {name}")
        ax.legend(fontsize=SMALL, frameon=False, loc="best", handlelength=1.6)
    return figure


EXPERIMENT = Experiment(
    name="fig7",
    title="Final test loss by N, flip probability, signal norm and noise",
    source="Appendix F, Fig. 7",
    settings={preset: _settings(preset) for preset in SWEEPS},
    cells={preset: _cells(preset) for preset in SWEEPS},
    seeds=SEEDS,
    claims=("E2", "E12", "E13a", "E13b", "E14a", "E14b"),
    spread="point: mean of the runs; bars: 10% to 90% of them",
    tabulate=_tabulate,
    draw=_draw,
)
