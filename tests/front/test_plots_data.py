"""Figures show the data: lines are compared with the trajectories they are drawn from."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from bofcheck.compare.cells import CellResult, Study
from bofcheck.compare.errors import CompareError
from bofcheck.compare.figures import (
    Style,
    cell_drawings,
    draw,
    draw_figure,
    save_figures,
    showcase,
)
from bofcheck.compare.figures.rows import quantile
from bofcheck.compare.figures.table import Table
from bofcheck.compare.fitting.bounds import log_excess_error, stage_bound
from bofcheck.compare.verify import Verification

OKABE_ITO = {
    "#000000", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7",
}  # fmt: skip


@pytest.fixture(params=["benign", "harmful"])
def study(request: pytest.FixtureRequest, verification: Verification) -> Study:
    studies = verification.studies
    return next(study for study in studies if study.theorem.regime == request.param)


@pytest.fixture
def result(study: Study) -> CellResult:
    shown = showcase(study)
    assert shown is not None
    return shown


def line(ax: Axes, name: str) -> Line2D:
    (named,) = [line for line in ax.get_lines() if line.get_label() == name]
    return named


def median(result: CellResult, values: np.ndarray) -> np.ndarray:
    return np.median(values[result.ok], axis=0)


def test_the_showcase_is_held_out(study: Study, result: CellResult) -> None:
    assert result.cell.name in ("b2", "h2")


@pytest.mark.parametrize(
    ("figure", "panel", "name", "quantity"),
    [
        ("losses", 0, "train loss", "train_loss"),
        ("losses", 1, "test loss", "test_loss"),
        ("errors", 0, "test error", "test_error"),
        ("attention", 0, "clean, train", "attention_clean"),
        ("attention", 0, "test", "attention_test"),
        ("values", 0, "mean $|V_n|$, clean", "v_noise_clean"),
    ],
)
def test_lines_are_medians_of_the_trajectory(
    study: Study, result: CellResult, figure: str, panel: int, name: str, quantity: str
) -> None:
    ax = draw_figure(figure, study, result).axes[panel]
    drawn = line(ax, name)
    np.testing.assert_array_equal(drawn.get_xdata(), result.trajectory.steps)
    np.testing.assert_array_equal(drawn.get_ydata(), median(result, result.trajectory[quantity]))


def test_derived_lines_follow_their_formulas(study: Study, result: CellResult) -> None:
    q = result.trajectory.quantities
    ax = draw_figure("values", study, result).axes[0]
    np.testing.assert_array_equal(line(ax, "$|V_+|$").get_ydata(), median(result, abs(q["v_plus"])))
    noise = result.cell.problem.noise_std * q["value_norm"]
    fresh = line(ax, r"fresh token, $\sigma_p\Vert W_V w_O\Vert$")
    np.testing.assert_array_equal(fresh.get_ydata(), median(result, noise))
    excess = line(draw_figure("errors", study, result).axes[1], "excess over $p$")
    expected = median(result, log_excess_error(result)) / np.log(10)
    np.testing.assert_allclose(excess.get_ydata(), expected, rtol=1e-12)


def test_bounds_are_drawn_in_their_stage_at_widened_constants(
    study: Study, result: CellResult
) -> None:
    drawn = 0
    for figure, panel, quantity in (("errors", 0, "test_error"), ("losses", 1, "test_loss")):
        ax = draw_figure(figure, study, result).axes[panel]
        for bound in study.theorem.bounds:
            if bound.quantity != quantity:
                continue
            values = stage_bound(study, result, bound)[result.ok]
            if quantity == "test_error":
                values = np.minimum(values, 1.0)  # above 1 a bound says nothing
            often = np.isfinite(values).sum(axis=0) * 2 >= len(values)
            middle = np.full(values.shape[1], np.nan)
            known = often & np.isfinite(values).any(axis=0)
            middle[known] = np.nanmedian(values[:, known], axis=0)
            name = f"{bound.kind} bound {bound.name} ({bound.provenance.value})"
            if not np.isfinite(values).any():
                assert name not in ax.get_legend_handles_labels()[1]
                continue
            if name not in ax.get_legend_handles_labels()[1]:
                assert not known.any()
                continue
            shown = np.asarray(line(ax, name).get_ydata())
            # with the stage times of one run; the median over runs where none reaches every event
            assert any(np.allclose(shown, each, equal_nan=True) for each in (*values, middle))
            drawn += 1
    assert drawn >= 2


def test_stage_times_are_the_medians_of_the_events(study: Study, result: CellResult) -> None:
    steps = result.events
    reached = [steps[name][np.isfinite(steps[name])] for name in ("T1", "T2", "T3")]
    expected = [float(np.median(times)) for times in reached if times.size]
    assert expected
    for name in cell_drawings():
        for ax in draw_figure(name, study, result).axes:
            vertical = [
                float(np.asarray(line.get_xdata())[0])
                for line in ax.get_lines()
                if len(set(np.asarray(line.get_xdata()))) == 1
            ]
            assert vertical == expected


def test_titles_name_the_problem_and_the_provenance_of_bounds(
    study: Study, result: CellResult
) -> None:
    errors = draw_figure("errors", study, result).axes[0].get_title(loc="left")
    assert f"$N = {result.cell.problem.n_samples}$" in errors
    assert result.cell.name not in errors
    assert "RECONSTRUCTED bound" in errors
    loss = draw_figure("losses", study, result).axes[1].get_title(loc="left")
    if study.theorem.regime == "benign":
        assert "does not bound it" in loss
    else:
        assert "RECONSTRUCTED" in loss


def test_colours_are_safe_and_text_is_legible(study: Study, result: CellResult) -> None:
    for name in cell_drawings():
        figure = draw_figure(name, study, result)
        assert figure.get_figwidth() in (3.4, 7.0)
        for ax in figure.axes:
            named = [line for line in ax.get_lines() if not str(line.get_label()).startswith("_")]
            assert {to_hex(line.get_color()) for line in named} <= OKABE_ITO
            texts = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
            assert min(text.get_fontsize() for text in texts) >= 7


def test_no_legend_lies_on_the_data(study: Study, result: CellResult) -> None:
    for name in cell_drawings():
        figure = draw_figure(name, study, result)
        FigureCanvasAgg(figure).draw()  # lays the figure out
        (legend,) = figure.legends
        box = legend.get_window_extent()
        for ax in figure.axes:
            assert ax.get_legend() is None
            assert not box.overlaps(ax.get_window_extent())


def test_quantile_ignores_what_is_not_finite() -> None:
    values = np.array([[1.0, np.inf, np.nan], [3.0, 5.0, np.nan], [np.nan, 7.0, -np.inf]])
    np.testing.assert_array_equal(quantile(values, 0.5), [2.0, 6.0, np.nan])


def test_files_are_written_and_reproducible(
    tmp_path: Path,
    verification: Verification,
    pictures_drawn_once: dict[tuple[object, ...], dict[str, bytes]],
) -> None:
    pictures_drawn_once.clear()
    one_regime = Verification(verification.settings, verification.studies[:1], ())
    first = save_figures(one_regime, tmp_path / "a")
    pictures_drawn_once.clear()
    second = save_figures(one_regime, tmp_path / "b")
    names = {f"figures/benign-{name}.{form}" for name in cell_drawings() for form in ("png", "pdf")}
    names |= {f"tables/benign-{name}.csv" for name in cell_drawings()}
    assert {file for figure in first for file in figure.files} == names
    assert first == second
    for file in names:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    there = {path for path in (tmp_path / "a").rglob("*") if path.is_file()}
    assert there == {tmp_path / "a" / file for file in names}


def test_tables_hold_what_is_drawn(study: Study, result: CellResult, tmp_path: Path) -> None:
    save_figures(Verification({}, (study,), ()), tmp_path)
    regime = study.theorem.regime
    table = Table.from_csv((tmp_path / "tables" / f"{regime}-losses.csv").read_text())
    shown = table.select(panel="a", kind="median", series="train loss")
    kept = result.trajectory["train_loss"][result.ok]
    np.testing.assert_array_equal(shown.column("step"), result.trajectory.steps)
    np.testing.assert_array_equal(shown.column("value"), np.median(kept, axis=0))
    np.testing.assert_array_equal(shown.column("low"), np.quantile(kept, 0.1, axis=0))
    assert set(shown.column("runs")) == {float(len(kept))}


@pytest.mark.parametrize("name", cell_drawings())
def test_a_figure_in_one_column_is_as_legible(study: Study, result: CellResult, name: str) -> None:
    for style in ("plain", "serif", "grey"):
        figure = draw_figure(name, study, result, Style(width="one", name=style))
        assert figure.get_figwidth() == 3.4
        renderer = FigureCanvasAgg(figure)
        renderer.draw()
        width, height = figure.canvas.get_width_height()
        for part in (*figure.axes, *figure.legends):
            box = part.get_tightbbox()
            assert box is not None
            assert box.x0 > -1
            assert box.x1 < width + 1
            assert box.y1 < height + 1
        colors = {to_hex(line.get_color()) for ax in figure.axes for line in ax.get_lines()}
        if style == "grey":
            assert all(color[1:3] == color[3:5] == color[5:7] for color in colors)


def test_a_table_of_another_drawing_is_refused() -> None:
    with pytest.raises(CompareError, match="figure 'os': unknown"):
        draw(Table(({"drawing": "os", "panel": "a"},)))
    with pytest.raises(CompareError, match="figure '': unknown"):
        draw(Table(({"drawing": None, "panel": "a"},)))
