"""Figures drawn from the reference tables look as they did, and can be read in print."""

import itertools
import re
from functools import cache

import numpy as np
import pytest
from make_references import REFERENCE, blocks, reference_table
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from bofcheck.compare.errors import CompareError
from bofcheck.compare.figures import STYLES, WIDTHS, Style, draw, figure_names, picture
from bofcheck.compare.figures.table import Table
from bofcheck.compare.papers.zhang2025.experiments import experiment_names

#: Grey levels of 255. Letters of another freetype move means by 0.3; a curve that is gone, by more
#: than 1 in its neighbourhood.
MEAN, FAR, SHARE = 1.5, 40.0, 0.02

OKABE_ITO = {
    "#000000", "#e69f00", "#56b4e9", "#009e73", "#0072b2", "#d55e00", "#cc79a7", "#666666",
    "#ffffff",
}  # fmt: skip


def difference(drawn, reference) -> tuple[float, float]:
    """Mean difference in grey, and the share of blocks that are far off."""
    apart = abs(drawn - reference)
    return float(apart.mean()), float((apart > FAR).mean())


def alike(name: str, table: Table) -> bool:
    reference = np.asarray(Image.open(REFERENCE / f"{name}.png"), dtype=float)
    drawn = blocks(name, table)
    if drawn.shape != reference.shape:
        return False
    mean, share = difference(drawn, reference)
    return mean <= MEAN and share <= SHARE


@cache
def drawn(name: str, style: Style | None = None) -> Figure:
    figure = draw(reference_table(name), name, style)
    FigureCanvasAgg(figure).draw()
    return figure


def texts(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]


def changed(table: Table, column: str, change) -> Table:
    return Table(
        tuple(
            {k: change(v) if k == column and v is not None else v for k, v in row.items()}
            for row in table
        )
    )


@pytest.mark.parametrize("name", experiment_names())
def test_each_looks_as_its_reference(name):
    assert alike(name, reference_table(name))


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("fig2", "mean"), ("fig7", "mean"), ("excess", "median_log10"), ("fig4", "constant"),
    ],
)  # fmt: skip
def test_other_numbers_look_otherwise(name, column):
    table = reference_table(name)
    half = len(table) // 2
    rows = [
        {**row, column: 0.6 * float(str(row[column]))}
        if rank >= half * (name != "fig4") and row.get(column) is not None
        else row
        for rank, row in enumerate(table)
    ]
    other = blocks(name, Table(tuple(rows)))
    here = blocks(name, table)
    if other.shape == here.shape:
        assert abs(other - here).max() > FAR


def test_a_lost_curve_is_noticed():
    table = reference_table("fig5")
    rate = table.numbers("rate")[1]
    lost = Table(tuple(row for row in table if row["rate"] != rate))
    assert not alike("fig5", lost)


def test_a_map_turned_round_is_noticed():
    assert not alike("fig3", changed(reference_table("fig3"), "benign", lambda value: 1 - value))


def test_there_is_a_drawing_and_a_reference_for_every_experiment():
    assert set(experiment_names()) <= {*figure_names()}
    assert {path.stem for path in REFERENCE.iterdir()} == {*experiment_names()}
    assert sum(path.stat().st_size for path in REFERENCE.iterdir()) < 200_000


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", experiment_names())
def test_print_size_and_letters(name, width):
    figure = drawn(name, Style(width=width))
    across, up = figure.get_size_inches()
    assert across == {"own": 7.0, "one": 3.4, "two": 7.0}[width]
    assert up < 14
    assert min(text.get_fontsize() for text in texts(figure)) >= 7


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", experiment_names())
def test_no_letter_is_cut_off_or_hides_another(name, width):
    figure = drawn(name, Style(width=width))
    renderer = figure.canvas.get_renderer()
    boxes = {text: text.get_window_extent(renderer) for text in texts(figure)}
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            shown = []
            for tick in axis.get_major_ticks() + axis.get_minor_ticks():
                for label in (tick.label1, tick.label2):
                    box = boxes.pop(label, None)  # those out of view are never drawn
                    if box is not None and low <= tick.get_loc() <= high:
                        shown.append(box)
                        boxes[tick, label] = box
            for first, second in itertools.combinations(shown, 2):
                assert not first.overlaps(second), (name, ax.get_title(loc="left"))
    page = figure.bbox.padded(1)
    for text, box in boxes.items():
        assert page.contains(box.x0, box.y0), text
        assert page.contains(box.x1, box.y1), text


@pytest.mark.parametrize("name", experiment_names())
def test_every_panel_has_a_letter_and_named_axes(name):
    figure = drawn(name)
    panels = [ax for ax in figure.axes if ax.get_title(loc="left")]
    letters = [re.match(r"\(([a-z])\) ", ax.get_title(loc="left"))[1] for ax in panels]
    assert letters == list("abcdefgh"[: len(panels)])
    assert all(ax.get_xlabel() for ax in panels)
    named = [ax for ax in panels if ax.get_ylabel() or ax.get_shared_y_axes().get_siblings(ax)]
    assert len(named) == len(panels)
    assert panels[0].get_ylabel()


@pytest.mark.parametrize("name", ["fig1", "fig4", "fig5", "fig6", "fig7", "excess"])
def test_lines_are_told_apart_by_all(name):
    figure = drawn(name)
    colors = {to_hex(line.get_color()) for ax in figure.axes for line in ax.get_lines()}
    assert colors <= OKABE_ITO
    grey = drawn(name, Style(name="grey"))
    for ax in grey.axes:
        for line in ax.get_lines():
            red, green, blue = to_rgb(line.get_color())
            assert red == green == blue


@pytest.mark.parametrize(
    ("name", "across", "up"),
    [
        ("fig1", "symlog", "log"), ("fig2", "log", "log"), ("fig3", "log", "log"),
        ("fig5", "symlog", "linear"), ("fig6", "symlog", "log"), ("fig7", "log", "log"),
        ("dimension", "log", "log"), ("excess", "symlog", "symlog"),
    ],
)  # fmt: skip
def test_axes_are_logarithmic_where_the_theory_is(name, across, up):
    first = drawn(name).axes[0]
    assert (first.get_xscale(), first.get_yscale()) == (across, up)


@pytest.mark.parametrize("name", ["fig3", "fig4", "fig5", "fig6", "dimension"])
def test_formulas_carry_their_tag(name):
    words = " ".join(text.get_text() for text in texts(drawn(name)))
    assert re.search(r"STATED|SOURCE|DERIVED|RECONSTRUCTED", words)


def test_styles_differ():
    table = reference_table("excess")
    drawings = {picture(table, "png", "excess", Style(name=name), 50) for name in STYLES}
    assert len(drawings) == len(STYLES)


def test_equal_tables_give_equal_files():
    table = reference_table("excess")
    for form in ("png", "pdf", "svg"):
        assert picture(table, form, "excess", dpi=50) == picture(table, form, "excess", dpi=50)


def test_an_unknown_figure_is_named():
    with pytest.raises(CompareError, match="figure 'fig8': unknown; choose one of attention"):
        draw(reference_table("fig7"), "fig8")
