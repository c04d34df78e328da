"""The main figures: the limit over the runs, bounds up to 1, problems named by their numbers."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from bofcheck.cli.figure_style import chosen_style
from bofcheck.compare.calibration import BenignTruth, synthetic_study
from bofcheck.compare.cells import Cell, Role, Study, analyse
from bofcheck.compare.errors import CompareError
from bofcheck.compare.figures import Style, cell_drawings, draw, verdict_drawings
from bofcheck.compare.figures.study_figures import showcase
from bofcheck.compare.figures.table import Table
from bofcheck.compare.fitting.constants import fit_constants
from bofcheck.simulate import Problem, train
from bofcheck.theory import benign, harmful

PROBLEM = Problem(
    n_samples=8, dim=10**8, key_dim=10**4, noise_std=1e-4, flip_prob=0.1, learning_rate=0.5,
    init_std_v=0.05, init_std_qk=0.01, target_loss=0.2,
)  # fmt: skip
LIMIT = "the limit, nothing fitted"


@pytest.fixture(scope="module")
def study() -> Study:
    results = []
    for rank, role in enumerate((Role.CALIBRATION, Role.CALIBRATION, Role.HELD_OUT, Role.HELD_OUT)):
        cell = Cell(f"private-{rank}", role, "stage", PROBLEM.replace(seed=rank), 300)
        made = train(cell.problem, seeds=8, steps=300, log_at="geometric:32")
        results.append(analyse(cell, made, benign))
    return fit_constants(Study(benign, tuple(results)))


@pytest.fixture(scope="module")
def table(study) -> Table:
    return cell_drawings()["errors"].measure(study, showcase(study))


def words(figure) -> str:
    FigureCanvasAgg(figure).draw()
    return " ".join(
        text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text"))
    )


def test_the_limit_is_drawn_over_the_runs_it_predicts(table):
    for panel in "ab":
        part = table.select(panel=panel)
        limit = part.select(kind="predicted", series=LIMIT)
        runs = part.select(kind="median")
        np.testing.assert_array_equal(limit.column("step"), runs.column("step"))
        # log10 of the excess, or test_error itself; 8 runs, each predicted from its own labels
        off = np.abs(limit.column("value") - runs.column("value"))
        assert off.max() <= 0.03 * (1 + np.abs(runs.column("value")).max())
        assert off.max() > 0


def test_a_bound_above_one_is_drawn_at_one_and_its_steps_are_shaded(table):
    steps = range(0, 400, 100)
    rows = [row for row in table.rows if row["kind"] != "bound"]
    head = {"drawing": "errors", "panel": "a", "kind": "bound", "series": "upper bound B1"}
    high = [{**head, "step": step, "value": 1.7 - 0.5 * step / 100} for step in steps]
    ax = draw(Table((*rows, *high))).axes[0]
    (line,) = (one for one in ax.get_lines() if one.get_label() == "upper bound B1")
    np.testing.assert_allclose(line.get_ydata(), [1.0, 1.0, 0.7, 0.2])
    assert ax.get_ylim()[1] < 1.1
    shaded = [patch for patch in ax.patches if patch.get_alpha() == 0.1]
    assert [patch.get_width() for patch in shaded] == [100]
    assert "says nothing" in " ".join(text.get_text() for text in ax.texts)
    low = [{**row, "value": 0.5} for row in high]
    assert not draw(Table((*rows, *low))).axes[0].patches


def test_a_bound_has_no_kink_from_runs_with_other_times(study, table):
    part = table.select(panel="b", kind="bound")
    assert len(part.texts("series")) >= 2
    for series in part.texts("series")[1:]:
        values = part.select(series=series).column("value")
        assert np.all(
            np.diff(values[np.isfinite(values)]) <= 1e-9
        )  # a decay, whichever run's stage times it has


def test_problems_are_named_by_their_numbers_and_never_by_cells(study, table):
    title = words(draw(table))
    for number in ("$N = 8$", "$d = 10^{8}$", r"\mathrm{SNR} = 1", "$p = 0.1$", r"$\eta = 0.5$"):
        assert number in title
    assert "private" not in title
    assert "(a) test error" in title
    assert "log of a log scale" in title
    every = verdict_drawings()["problems"].measure(study, [])
    assert every.texts("panel") == ["a", "b"]
    assert "private" not in words(draw(every))
    for name in ("losses", "predicted", "attention", "values"):
        drawn = draw(cell_drawings()[name].measure(study, showcase(study)))
        assert "private" not in words(drawn), name


def test_the_figures_show_a_problem_with_flipped_labels_where_there_is_one():
    results = []
    for rank, flip in enumerate((0.0, 0.2)):
        cell = Cell(f"h{rank}", Role.HELD_OUT, "stage", PROBLEM.replace(flip_prob=flip), 20)
        results.append(analyse(cell, train(cell.problem, seeds=2, steps=20), harmful))
    assert showcase(Study(harmful, tuple(results))).cell.name == "h1"
    first = synthetic_study(np.random.default_rng(0), 0.0, BenignTruth())
    assert showcase(first).inside


def test_a_style_sheet_changes_the_figure_and_a_bad_one_is_refused_in_a_line(tmp_path, table):
    sheet = tmp_path / "mine.mplstyle"
    sheet.write_text("axes.facecolor: 123456\n")
    style = chosen_style("own", str(sheet))
    assert draw(table, style=style).axes[0].get_facecolor()[2] == pytest.approx(0x56 / 255)
    sheet.write_text("axes.facecolor: no-colour-at-all\nlines.linewidth: wide\n")
    with pytest.raises(CompareError, match="style sheet"):
        Style(sheet=sheet)
    with pytest.raises(CompareError, match="No such file"):
        Style(sheet=tmp_path / "none.mplstyle")


def test_print_widths_have_a_papers_letters_by_default():
    assert chosen_style("two", None).name == "serif"
    assert chosen_style("own", None).name == "plain"
    assert chosen_style("one", "grey").name == "grey"
    assert Style(name="serif").settings["mathtext.fontset"] == "stix"
