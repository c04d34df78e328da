"""Fig. 1 a–f: losses, attention and value projections along training, benign and harmful."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ....cells import Array, Cell, CellResult
from ....figures.axes import heading, panel_grid, reference_line, training_axis
from ....figures.marks import band_curve
from ....figures.style import SMALL, TEXT, Style
from ....figures.table import Row, Table, Value, along
from ._cells import (
    SEEDS,
    SHARED,
    curve_cell,
    flips_setting,
    paper_problem,
    rate_setting,
    seeds_setting,
)
from ._experiment import CHOSEN, Experiment, Setting

FLIP_PROBS = (0.0, 0.1, 0.2)
#: Signal norms of the two regimes; N·SNR² is 3.9 and 0.088.
NORMS = {"benign": 20.0, "harmful": 3.0}
#: Regime and content of each panel.
PANELS = {
    letter: (regime, about)
    for letter, (about, regime) in zip(
        "abcdef",
        [(about, regime) for about in ("losses", "attention", "values") for regime in NORMS],
        strict=True,
    )
}
_SAMPLES, _LOOKS = 20, 64
_STEPS = {"quick": 4_000, "paper": 10_000}


def _cells(preset: str) -> tuple[Cell, ...]:
    steps = _STEPS[preset]
    return tuple(
        curve_cell(
            "fig1",
            f"fig1-{regime}-p{p:g}",
            paper_problem(_SAMPLES, norm, p),
            steps,
            f"{regime}, mu = {norm:g}, p = {p:g}",
            _LOOKS,
        )
        for regime, norm in NORMS.items()
        for p in FLIP_PROBS
    )


def _settings(preset: str) -> tuple[Setting, ...]:
    return (
        *SHARED,
        seeds_setting(preset),
        rate_setting(),
        Setting("N", f"{_SAMPLES}, of the 2 … 20 stated for §6.1", CHOSEN),
        Setting("signal norm", "20 (benign) and 3 (harmful), of the 1 … 100 stated", CHOSEN),
        flips_setting(FLIP_PROBS),
        Setting("steps", f"{_STEPS[preset]:,}, not ended at the target loss", CHOSEN),
        Setting(
            "attention",
            "of fresh samples, and of training samples by clean or flipped label",
            CHOSEN,
        ),
    )


def _quantities(result: CellResult) -> dict[tuple[str, str], Array]:
    """(what a pair of panels shows, series) -> (R, T)."""
    q = result.trajectory.quantities
    return {
        ("losses", "train loss"): q["train_loss"],
        ("losses", "test loss"): q["test_loss"],
        ("attention", "clean"): q["attention_clean"],
        ("attention", "flipped"): q["attention_flipped"],
        ("values", "signal"): (q["v_plus"] - q["v_minus"]) / 2,
        ("values", "noise"): q["v_noise_clean"],
    }


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """One row per regime, quantity, flip probability and logged step."""
    rows: list[Row] = []
    for letter, (regime, about) in PANELS.items():
        for result in results:
            problem = result.cell.problem
            if problem.signal_norm != NORMS[regime]:
                continue
            for (shown, series), values in _quantities(result).items():
                kept = values[result.ok]
                if shown != about or (series == "flipped" and problem.flip_prob == 0):
                    continue
                head: dict[str, Value] = {"panel": letter, "regime": regime, "quantity": about}
                head |= {"flip_prob": problem.flip_prob, "series": series}
                rows += along(result.trajectory.steps, kept, **head)
    return Table(tuple(rows))


#: The name of each quantity's axis and the line style of each series.
_SHOWN: dict[str, tuple[str, dict[str, str]]] = {
    "losses": ("loss", {"train loss": ":", "test loss": "-"}),
    "attention": ("attention on the signal", {"clean": "-", "flipped": "--"}),
    "values": ("value projection", {"signal": "-", "noise": ":"}),
}
_NAMES = {
    "train loss": "train loss",
    "test loss": "test loss",
    "clean": "clean, train",
    "flipped": "flipped, train",
    "signal": r"$(V_+ - V_-)/2$",
    "noise": r"mean $|V_n|$",
}


def _draw(table: Table, style: Style) -> Figure:
    """Panels a to f."""
    figure, axes = panel_grid(style, 3, 2, height=2.0)
    flips = table.numbers("flip_prob")
    for ax, letter in zip(axes, table.texts("panel"), strict=True):
        panel = table.select(panel=letter)
        quantity = panel.texts("quantity")[0]
        axis, lines = _SHOWN[quantity]
        for rank, p in enumerate(flips):
            for series, line in lines.items():
                part = panel.select(flip_prob=p, series=series)
                if len(part):
                    band_curve(ax, part, style.color(rank), line=line, band=line == "-")
        for series, line in lines.items():
            ax.plot([], [], color="black", linestyle=line, linewidth=1.3, label=_NAMES[series])
        training_axis(ax, panel, axis)
        if quantity == "attention":
            reference_line(ax, 0.5, "_uniform")
            ax.set_ylim(0, 1)
        elif quantity == "losses":
            ax.set_yscale("log")
        heading(ax, letter, f"{panel.texts('regime')[0]}: {quantity}")
        ax.legend(fontsize=SMALL, frameon=False, loc="best", handlelength=1.8)
    _color_legend(figure, style, flips)
    return figure


def _color_legend(figure: Figure, style: Style, flips: list[float]) -> None:
    """The legend: a colour for each flip probability."""
    handles = [Line2D([], [], color=style.color(rank), linewidth=2.5) for rank in range(len(flips))]
    figure.legend(
        handles, [f"$p$ = {p:g}" for p in flips], loc="outside lower center", ncols=len(flips),
        fontsize=TEXT, frameon=False,
    )  # fmt: skip


EXPERIMENT = Experiment(
    name="fig1",
    title="Losses, attention and value projections along training",
    source="§6.1, Fig. 1",
    settings={preset: _settings(preset) for preset in _STEPS},
    cells={preset: _cells(preset) for preset in _STEPS},
    seeds=SEEDS,
    claims=("E1", "E2", "M1", "M2", "M3", "M4", "M5", "M6"),
    spread="line: mean of the runs; band: 10% to 90% of them",
    tabulate=_tabulate,
    draw=_draw,
)
