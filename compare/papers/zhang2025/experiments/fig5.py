"""Fig. 5: the test loss along training at several learning rates."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from .....theory import bayes_floor
from ....cells import Cell, CellResult
from ....figures.axes import heading, panel_grid, reference_line, shared_legend, training_axis
from ....figures.marks import band_curve
from ....figures.style import Style
from ....figures.table import Row, Table, Value, along
from ._cells import SEEDS, SHARED, curve_cell, paper_problem, seeds_setting
from ._experiment import CHOSEN, STATED, Experiment, Setting

#: Learning rates in units of 1/max(μ², σ_p²d).
RATES = (0.25, 1.0, 4.0)
#: Lower rates, which are trained for E9 and not drawn.
LOW_RATES = (1 / 64, 1 / 16)
#: Signal norms and flip probabilities of the panels.
PANELS = ((20.0, 0.0), (20.0, 0.1), (5.0, 0.0), (5.0, 0.1))
STEPS = 2_000
_SAMPLES = {"quick": 50, "paper": 100}
_LOOKS = 40


def _cells(preset: str) -> tuple[Cell, ...]:
    return tuple(
        curve_cell(
            "fig5",
            f"fig5-mu{norm:g}-p{p:g}-rate{rate:g}",
            paper_problem(_SAMPLES[preset], norm, p, rate=rate),
            STEPS,
            f"mu = {norm:g}, p = {p:g}, learning rate {rate:g}/max(mu², sigma_p² d)",
            _LOOKS,
        )
        for norm, p in PANELS
        for rate in RATES + LOW_RATES
    )


def samples_setting(preset: str) -> Setting:
    """N of the experiments after §6.3: 100 is stated; preset ``quick`` uses fewer."""
    return Setting("N", f"{_SAMPLES[preset]}", STATED if preset == "paper" else CHOSEN)


def _settings(preset: str) -> tuple[Setting, ...]:
    return (
        *SHARED,
        seeds_setting(preset),
        samples_setting(preset),
        Setting("steps", f"{STEPS:,}, not ended at the target loss", STATED),
        Setting("number of learning rates", "3", STATED),
        Setting("learning rates", "0.25, 1 and 4 over max(mu², sigma_p² d)", CHOSEN),
        Setting("learning rates not drawn, for E9", "a 64th and a 16th of that length", CHOSEN),
        Setting("signal norm", "20 and 5, of the 1 … 100 stated", CHOSEN),
        Setting("flip probability", "0 and 0.1", CHOSEN),
    )


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """One row per panel, learning rate and logged step."""
    rows: list[Row] = []
    for result in results:
        problem = result.cell.problem
        length = max(problem.signal_norm**2, problem.noise_std**2 * problem.dim)
        if problem.learning_rate * length < RATES[0] * (1 - 1e-6):
            continue
        head: dict[str, Value] = {
            "panel": "abcd"[PANELS.index((problem.signal_norm, problem.flip_prob))],
            "signal_norm": problem.signal_norm,
            "strength": problem.n_samples * problem.snr**2,
            "flip_prob": problem.flip_prob,
            "rate": round(problem.learning_rate * length, 9),
            "learning_rate": problem.learning_rate,
        }
        rows += along(result.trajectory.steps, result.trajectory["test_loss"][result.ok], **head)
    return Table(tuple(rows))


#: Line styles that tell curves apart in print without colour.
_LINES = ("-", "--", "-.")


def _draw(table: Table, style: Style) -> Figure:
    """One panel per signal norm and flip probability."""
    letters = table.texts("panel")
    figure, axes = panel_grid(style, 2, 2, height=2.1, share="y")
    for ax, letter in zip(axes, letters, strict=True):
        panel = table.select(panel=letter)
        for rank, rate in enumerate(panel.numbers("rate")):
            part = panel.select(rate=rate)
            eta = part.numbers("learning_rate")[0]
            band_curve(ax, part, style.color(rank), rf"$\eta$ = {eta:.3g}", _LINES[rank % 3])
        p = panel.numbers("flip_prob")[0]
        reference_line(ax, float(bayes_floor(p)), "$H(p)$, the least possible (DERIVED)")
        training_axis(ax, panel, "test loss" if letter in "ac" or style.width == "one" else "")
        mu, strength = panel.numbers("signal_norm")[0], panel.numbers("strength")[0]
        heading(ax, letter, rf"$p$ = {p:g}, $\mu$ = {mu:g}, N·SNR² = {strength:.2g}")
    shared_legend(figure, axes, style.columns(4, 2))
    return figure


EXPERIMENT = Experiment(
    name="fig5",
    title="Test loss along training at three learning rates",
    source="§6.4, Fig. 5",
    settings={preset: _settings(preset) for preset in _SAMPLES},
    cells={preset: _cells(preset) for preset in _SAMPLES},
    seeds=SEEDS,
    claims=("E9",),
    spread="line: mean of the runs; band: 10% to 90% of them",
    tabulate=_tabulate,
    draw=_draw,
)
