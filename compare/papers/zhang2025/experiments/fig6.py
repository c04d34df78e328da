"""Fig. 6: the test loss by the initial scale of the value matrix."""

from __future__ import annotations

from collections.abc import Sequence

from ....cells import Cell, CellResult
from ....figures.table import Row, Table, Value, along
from ._cells import SEEDS, SHARED, TORCH_NORM, TORCH_STD, curve_cell, paper_problem, seeds_setting
from .experiment import CHOSEN, STATED, Experiment, Setting
from .fig5 import samples_setting

#: sigma_V in units of PyTorch's default: the larger ones in panel a, the smaller ones in panel b.
LARGE = {"quick": (8.0, 4.0, 2.0, 1.0), "paper": (16.0, 8.0, 4.0, 2.0, 1.0)}
SMALL = {"quick": (1.0, 1 / 4, 1 / 16), "paper": (1.0, 1 / 2, 1 / 4, 1 / 16, 1 / 64)}
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
    multiples = dict.fromkeys(LARGE[preset] + SMALL[preset])
    return tuple(_cell(preset, multiple) for multiple in multiples)


def _settings(preset: str) -> tuple[Setting, ...]:
    shared = tuple(one for one in SHARED if one.what != "initialisation")
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
    """One row a panel, sigma_V and logged step; panel c has the last step of all."""
    rows: list[Row] = []
    for panel, multiples in (("a", LARGE[preset]), ("b", SMALL[preset]), ("c", None)):
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
)
