"""The room between a bound and the data, against time and against every number."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from ...cells import Study
from ...discrimination import TIME, NumberShape, Shape
from ...fitting.form import Form, form_of
from ...shape.rooms import Rooms, rooms, shape_cells
from ...thresholds import SHAPE_MIN_VARIED
from ...verdict import Verdict
from ..axes import LETTERS, over_all, small_panels, two_lines, under_legend
from ..panels import literal
from ..registry import VerdictDrawing
from ..style import GREY, Style
from ..symbols import number_axis, ratio_axis, symbol_label, with_symbols
from ..table import Row, Table
from ..words import CELL, look, role_handles, word_handles

Array = NDArray[np.float64]

#: How far a fitted line goes on beyond the data, as a share of their range in logarithms.
_BEYOND = 0.25
#: Logarithms closer than that are one end.
_CLOSE = 1e-9
_LN10 = float(np.log(10))
_ROOM = {
    (True, False): "bound / data",
    (False, False): "data / bound",
    (True, True): "decay / the bound's decay",
    (False, True): "the bound's decay / decay",
}


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it is about a bound, and a power of its room was fitted."""
    found = verdict.discrimination
    named = any(bound.name == verdict.claim for bound in study.theorem.bounds)
    return named and found is not None and any(n.power is not None for n in found.shape.numbers)


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A panel for each number: the room of each cell, and the line of the fitted power.

    In each panel the powers of the other numbers are taken out of the room, as far as they were
    fitted, so that what is left belongs to this number (a component-plus-residual plot: Wood 1973,
    Technometrics 15, 677).
    """
    (verdict,) = verdicts
    assert verdict.discrimination is not None
    shape, name = verdict.discrimination.shape, verdict.claim
    form = form_of(study.theorem, name)
    data = rooms(study, name, shape_cells(study, name), apart=False)
    logs = {n.name: _logs(n.name, data) for n in shape.numbers}
    room = (data.room + _level(study, form)) / _LN10
    shown = [n for n in shape.numbers if _panelled(n, logs[n.name])]
    rows: list[Row] = []
    for rank, number in enumerate(shown):
        head: Row = {"drawing": "room", "panel": LETTERS[rank % 26]}
        rows.append(_title(head, number, form, verdict))
        left = _left(room, number, shape, logs)
        rows += [{**head, **row} for row in _points(number, left, data)]
        rows += [{**head, **row} for row in _lines(number, left, logs[number.name])]
    return Table(tuple(rows))


def _level(study: Study, form: Form) -> float:
    """What the constants that rooms leave out add to them, as judged; 0 where they are put in."""
    sign = 1.0 if form.bound.kind == "upper" else -1.0
    names = [str(constant) for constant in form.bound.constants]
    if form.exponent is not None:
        rates = [str(rate) for rate in study.theorem.bound(form.bound.name).envelope_terms().rates]
        names, sign = rates, -sign
    if len(names) != 1 or not 0 < study.constants[names[0]].widened < np.inf:
        return 0.0
    return sign * float(np.log(study.constants[names[0]].widened))


def _logs(name: str, data: Rooms) -> Array:
    """(n,) logarithms of a number, NaN where it is not positive."""
    if name == TIME:
        return data.clock
    values = np.array([result.values.get(name, np.nan) for result in data.results], dtype=float)
    return np.log(np.where(values > 0, values, np.nan))[data.cell]


def _panelled(number: NumberShape, logs: Array) -> bool:
    """Whether a number varies."""
    known = logs[np.isfinite(logs)]
    return bool(
        not known.size or known.size < logs.size or np.ptp(known) > np.log(SHAPE_MIN_VARIED)
    )


def _title(head: Row, number: NumberShape, form: Form, verdict: Verdict) -> Row:
    upper, decays = form.bound.kind == "upper", form.exponent is not None
    return {
        **head, "kind": "number", "number": number.name, "word": number.word,
        "power": number.power, "low": _finite(number.low), "high": _finite(number.high),
        "why": number.why, "since": form.start, "room": _ROOM[upper, decays],
        "claim": verdict.claim, "verdict": verdict.word,
    }  # fmt: skip


def _left(room: Array, number: NumberShape, shape: Shape, logs: Mapping[str, Array]) -> Array:
    """(n,) room without what the powers of the other numbers explain."""
    left = room.copy()
    for other in shape.numbers:
        column = logs[other.name]
        if other.power is not None and other.name != number.name and np.isfinite(column).all():
            left -= other.power * (column - column.mean()) / _LN10
    return left


def _points(number: NumberShape, left: Array, data: Rooms) -> Iterator[Row]:
    """Of time every row, of another number the mean of each cell."""
    for rank in np.unique(data.cell):
        mine, result = data.cell == rank, data.results[rank]
        head: Row = {"kind": "point", "number": number.name, "cell": result.cell.name,
                     "role": result.cell.role.value}  # fmt: skip
        if number.name != TIME:
            value = float(result.values[number.name])
            yield {**head, "x": value, "value": float(left[mine].mean())}
            continue
        order = np.argsort(data.clock[mine])
        for clock, value in zip(data.clock[mine][order], left[mine][order], strict=True):
            yield {**head, "x": float(np.exp(clock)), "value": float(value)}


def _lines(number: NumberShape, left: Array, logs: Array) -> Iterator[Row]:
    """The fitted power within the data, and beyond them where the theorem extends."""
    if number.power is None or not np.isfinite(logs).all():
        return
    first, last, middle = float(logs.min()), float(logs.max()), float(logs.mean())
    beyond = _BEYOND * (last - first)
    smallest = max(first - beyond, last - number.reach[0])
    largest = min(last + beyond, first + number.reach[1])
    parts = {"within": (first, last)}
    parts |= {"below": (smallest, first)} if first - smallest > _CLOSE else {}
    parts |= {"above": (last, largest)} if largest - last > _CLOSE else {}
    for part, ends in parts.items():
        for end in ends:
            powers = (number.power, number.low, number.high)
            at, low, high = (left.mean() + power * (end - middle) / _LN10 for power in powers)
            yield {
                "kind": part, "number": number.name, "x": float(np.exp(end)), "value": float(at),
                "low": _finite(min(low, high)), "high": _finite(max(low, high)),
            }  # fmt: skip


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def draw(table: Table, style: Style) -> Figure:
    """Panels that share their vertical axis."""
    numbers = table.select(kind="number")
    figure, axes = small_panels(style, len(numbers))
    low, high = _range(table)
    for rank, (ax, row) in enumerate(zip(axes, numbers, strict=True)):
        panel = table.select(panel=row["panel"], number=row["number"])
        _panel(ax, panel, row, style)
        ax.set_ylim(low, high)
        ratio_axis(ax.yaxis, low, high)
        ax.axhline(0.0, color=GREY, linewidth=0.8, zorder=0)
        _heading(ax, rank, row, style, numbers.texts("number"))
    first = numbers.rows[0]
    over_all(figure, literal(f"{first['claim']}: {first['verdict']}"), str(first["room"]))
    under_legend(figure, _handles(table, style))
    return figure


def _range(table: Table) -> tuple[float, float]:
    """Ends of the vertical axis: the data, their lines, and 1 if it is near."""
    parts = [table.select(kind=kind) for kind in ("point", "within", "below", "above")]
    values = np.concatenate([part.column("value") for part in parts if len(part)])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (-1.0, 1.0)
    span = max(high - low, 0.3)
    if low - span < 0 < high + span:
        low, high = min(low, 0.0), max(high, 0.0)
    return low - 0.08 * span, high + 0.08 * span


def _panel(ax: Axes, panel: Table, row: Row, style: Style) -> None:
    shown = look(str(row["word"]))
    color = shown.color(style)
    points = panel.select(kind="point")
    for role, face in (("calibration", "white"), ("held out", CELL)):
        x, values = _by_cell(points.select(role=role))
        ax.plot(
            x, values, color=CELL, linewidth=0.6, marker="o", markeredgewidth=0.7,
            markersize=2.2 if row["number"] == TIME else 3.2, markerfacecolor=face, zorder=2,
        )  # fmt: skip
    for part in ("within", "below", "above"):
        line = panel.select(kind=part)
        if not len(line):
            continue
        x, within = line.column("x"), part == "within"
        ax.fill_between(
            x, line.column("low"), line.column("high"), color=color, linewidth=0,
            alpha=0.18 if within else 0.08, zorder=1,
        )  # fmt: skip
        ax.plot(
            x, line.column("value"), color=color, zorder=3, linewidth=2.0 if within else 1.2,
            linestyle=shown.line if within else (0, (1, 1)),
        )  # fmt: skip
    x = panel.column("x")
    x = x[np.isfinite(x)]
    since = str(row["since"] or "")
    name = symbol_label(str(row["number"]))
    if row["number"] == TIME:
        name = f"$t - {symbol_label(since)[1:-1]}$, steps" if since else "$t$, steps"
    number_axis(ax, name, float(x.min()), float(x.max()))


def _by_cell(points: Table) -> tuple[Array, Array]:
    """Points in the order of the table, with a gap after each cell's."""
    x: list[float] = []
    values: list[float] = []
    before = None
    for row in points:
        if before not in (None, row["cell"]):
            x.append(np.nan)
            values.append(np.nan)
        before = row["cell"]
        x.append(_number(row["x"]))
        values.append(_number(row["value"]))
    return np.array(x), np.array(values)


def _heading(ax: Axes, rank: int, row: Row, style: Style, names: list[str]) -> None:
    """Letter, symbol and word, and under them the power or why it is missing."""
    said = str(row["why"] or "")
    if row["power"] is not None:
        reach = (_number(row["high"]) - _number(row["low"])) / 2
        power = round(_number(row["power"]), 2) + 0.0  # no minus before 0.00
        said = f"power {power:.2f} ± {reach:.2f}".replace("-", "−")
    lines = [with_symbols(line, names) for line in textwrap.wrap(said, 26)[:2]] or [""]
    about = f"{symbol_label(str(row['number']))}: {row['word']}"
    two_lines(ax, rank, about, "\n".join(lines), look(str(row["word"])).ink(style))


def _number(value: object) -> float:
    return float("nan") if value is None else float(str(value))


def _handles(table: Table, style: Style) -> list[Line2D]:
    words = table.select(kind="number").texts("word")
    handles = word_handles(words, style) + role_handles(table.select(kind="point").texts("role"))
    if any(len(table.select(kind=part)) for part in ("below", "above")):
        line = Line2D([], [], color=GREY, linestyle=(0, (1, 1)), linewidth=1.2)
        line.set_label("where the theorem extends")
        handles.append(line)
    return handles


DRAWING = VerdictDrawing(
    name="room",
    claims=(),
    rank=0,
    caption="room between bound and data against time and every number, with its fitted power",
    apart=True,
    shows=shows,
    measure=measure,
    draw=draw,
)
