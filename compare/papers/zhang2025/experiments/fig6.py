"""Fig. 6: the test loss by the initial scale of the value matrix."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from .....theory import bayes_floor
from ....cells import Cell, CellResult
from ....figures.axes import (
    heading,
    label_axes,
    number_ticks,
    panel_grid,
    panel_legend,
    reference_line,
    training_axis,
)
from ....figures.marks import band_curve, bar_curve
from ....figures.style import SMALL, Style
from ....figures.table import Row, Table, Value, along
from ._cells import SEEDS, SHARED, TORCH_NORM, TORCH_STD, curve_cell, paper_problem, seeds_setting
from ._experiment import CHOSEN, STATED, Experiment, Setting
from .fig5 import samples_setting

#: sigma_V in units of PyTorch's default: large multiples in panel a, small ones in panel b.
_LARGE = {"quick": (8.0, 4.0, 2.0, 1.0), "paper": (16.0, 8.0, 4.0, 2.0, 1.0)}
_SMALL = {"quick": (1.0, 1 / 4, 1 / 16), "paper": (1.0, 1 / 2, 1 / 4, 1 / 16, 1 / 64)}
_SAMPLES = {"quick": 50, "paper": 100}
_NORM, _STEPS, _LOOKS = 20.0, 2_000, 40


def _cell(preset: str, multiple: float) -> Cell:
    problem = paper_problem(
        _SAMPLES[preset], _NORM, 0.1,
        init="gaussian", init_std_qk=TORCH_STD, init_std_v=multiple * TORCH_STD,
        output_norm=TORCH_NORM, start="sampled",
    )  # fmt: skip
    note = f"sigma_V = {multiple:g} times PyTorch's default"
    return curve_cell("fig6", f"fig6-sigma{multiple:g}", problem, _STEPS, note, _LOOKS)


def _cells(preset: str) -> tuple[Cell, ...]:
    multiples = dict.fromkeys(_LARGE[preset] + _SMALL[preset])
    return tuple(_cell(preset, multiple) for multiple in multiples)


def _settings(preset: str) -> tuple[Setting, ...]:
    shared = tuple(setting for setting in SHARED if setting.what != "initialisation")
    return (
        *shared,
        Setting("W_Q, W_K, w_O at the start", "of the size of PyTorch's default", STATED),
        Setting("law of the start", "Gaussian, so that sigma_V can be set", CHOSEN),
        seeds_setting(preset),
        samples_setting(preset),
        Setting("sigma_V", "multiples of PyTorch's default, 1/sqrt(3d)", CHOSEN),
        Setting("learning rate", "4/max(mu², sigma_p² d)", CHOSEN),
        Setting("signal norm", f"{_NORM:g}, of the 1 … 100 stated", CHOSEN),
        Setting("flip probability", "0.1", CHOSEN),
        Setting("steps", f"{_STEPS:,}, not ended at the target loss", CHOSEN),
    )


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """One row per panel, sigma_V and logged step; panel c has the last step of every run."""
    rows: list[Row] = []
    for panel, multiples in (("a", _LARGE[preset]), ("b", _SMALL[preset]), ("c", None)):
        for result in results:
            problem = result.cell.problem
            multiple = round(problem.init_std_v / TORCH_STD, 9)
            if multiples is not None and multiple not in multiples:
                continue
            head: dict[str, Value] = {
                "panel": panel,
                "multiple": multiple,
                "init_std_v": problem.init_std_v,
            }
            head |= {"flip_prob": problem.flip_prob}
            curve = along(
                result.trajectory.steps, result.trajectory["test_loss"][result.ok], **head
            )
            rows += curve if panel != "c" else curve[-1:]
    return Table(tuple(rows))


_LINES = ("-", "--", "-.", ":", "-")
_ABOUT = {"a": r"larger $\sigma_V$", "b": r"smaller $\sigma_V$"}


def _draw(table: Table, style: Style) -> Figure:
    """Panels a and b along training, c at the end."""
    figure, axes = panel_grid(style, 1, 3, height=2.9, share="y")
    floor = float(bayes_floor(table.numbers("flip_prob")[0]))
    for ax, letter in zip(axes, "ab", strict=False):
        panel = table.select(panel=letter)
        for rank, multiple in enumerate(panel.numbers("multiple")):
            part = panel.select(multiple=multiple)
            band_curve(ax, part, style.color(rank), f"{_times(multiple)}", _LINES[rank % 5])
        training_axis(ax, panel, "test loss" if letter == "a" or style.width == "one" else "")
        heading(ax, letter, _ABOUT[letter])
        panel_legend(
            ax,
            2 if len(panel.numbers("multiple")) == 4 else 3,
            r"$\sigma_V$ over PyTorch's default",
        )
    ax, panel = axes[2], table.select(panel="c")
    ordered = Table(tuple(sorted(panel, key=lambda row: float(str(row["multiple"])))))
    bar_curve(ax, ordered, "multiple", style, 0, "last step")
    ax.set_xscale("log", base=2)
    label_axes(
        ax, r"$\sigma_V$ over PyTorch's default", "test loss" if style.width == "one" else ""
    )
    heading(ax, "c", f"at step {int(panel.column('step')[0]):,}")
    for each in axes:
        reference_line(each, floor, "_floor")
    ax.text(
        1.0, floor, "H(p) (DERIVED)", transform=ax.get_yaxis_transform(), fontsize=SMALL,
        ha="right", va="bottom",
    )  # fmt: skip
    for each in axes:
        each.set_yscale("log")
    for each in axes:
        number_ticks(each, "y")
    return figure


def _times(multiple: float) -> str:
    return f"{multiple:g}" if multiple >= 1 else f"1/{1 / multiple:g}"


EXPERIMENT = Experiment(
    name="fig6",
    title="Test loss by the initial scale of the value matrix",
    source="§6.5, Fig. 6",
    settings={preset: _settings(preset) for preset in _SAMPLES},
    cells={preset: _cells(preset) for preset in _SAMPLES},
    seeds=SEEDS,
    claims=("E10", "E11"),
    spread="line: mean of the runs; band and bars: 10% to 90% of them",
    tabulate=_tabulate,
    draw=_draw,
)
