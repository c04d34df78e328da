"""The constant that each cell needs, against every number: is the constant a constant?"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from sympy import Symbol

from ...cells import CellResult, Study
from ...fitting.form import form_of
from ...thresholds import SHAPE_MIN_VARIED
from ...verdict import Verdict
from ..axes import over_all, small_panels, two_lines, under_legend
from ..panels import literal
from ..registry import VerdictDrawing
from ..style import SMALL, Style
from ..symbols import number_axis, plain_number, ratio_axis, symbol_label
from ..table import Row, Table
from ..words import CELL, role_handles

_LN10 = float(np.log(10))


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it is about a bound with open constants that more than one cell needs."""
    found = verdict.discrimination
    if found is None or not any(bound.name == verdict.claim for bound in study.theorem.bounds):
        return False
    bound = study.theorem.bound(verdict.claim)
    constants = study.theorem.continuous(bound).constants
    if any(str(constant) not in study.constants for constant in constants):
        return False
    return any(_varying(study, cells) for cells in found.constants.values())


def _varying(study: Study, cells: Collection[str]) -> dict[str, list[tuple[CellResult, float]]]:
    """Each number that varies among some stage cells, with its value in each."""
    results = [result for result in study.select(kind="stage") if result.cell.name in cells]
    names = dict.fromkeys(name for result in results for name in result.values)
    columns = {n: [(r, float(r.values.get(n, np.nan))) for r in results] for n in names}
    return {
        name: column for name, column in columns.items() if _varies([value for _, value in column])
    }


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A panel for each open constant and each number that varies among the cells."""
    (verdict,) = verdicts
    assert verdict.discrimination is not None
    rate = _rate(study, verdict.claim)
    rows: list[Row] = []
    for constant, needs in verdict.discrimination.constants.items():
        known = {cell for cell, value in needs.items() if 0 < value < np.inf}
        for number, column in _varying(study, known).items():
            head: Row = {"drawing": "constants", "constant": constant, "number": number}
            rows += [
                {**head, "kind": "cell", "cell": result.cell.name, "role": result.cell.role.value,
                 "x": value, "value": float(np.log(needs[result.cell.name])) / _LN10}
                for result, value in column
            ]  # fmt: skip
            fitted = study.constants[constant]
            rows += [
                {**head, "kind": kind, "value": float(np.log(value)) / _LN10,
                 "claim": verdict.claim, "verdict": verdict.word,
                 "asks": "allows at most" if constant == str(rate) else "needs at least"}
                for kind, value in (("fitted", fitted.value), ("judged at", fitted.widened))
                if 0 < value < np.inf
            ]  # fmt: skip
    return Table(tuple(rows))


def _rate(study: Study, name: str) -> Symbol | None:
    """The open rate of a decaying bound."""
    if form_of(study.theorem, name).exponent is None:
        return None
    (rate,) = study.theorem.bound(name).envelope_terms().rates
    return rate if str(rate) in study.constants else None


def _varies(values: Sequence[float]) -> bool:
    column = np.array(values)
    if np.isnan(column).any() or column.size < 2:
        return False
    if column.min() <= 0:
        return bool(np.ptp(column) > 0)
    return bool(column.max() / column.min() > SHAPE_MIN_VARIED)


def draw(table: Table, style: Style) -> Figure:
    """Panels of points on a logarithmic scale, with the constant as fitted and as judged."""
    pairs = list(dict.fromkeys((str(row["constant"]), str(row["number"])) for row in table))
    constants = list(dict.fromkeys(constant for constant, _ in pairs))
    figure, axes = small_panels(style, len(pairs), share=len(constants) == 1)
    for rank, (ax, (constant, number)) in enumerate(zip(axes, pairs, strict=True)):
        _panel(ax, table.select(constant=constant), number, style)
        many = f"{symbol_label(constant)} against " if len(constants) > 1 else "against "
        two_lines(ax, rank, f"{many}{symbol_label(number)}", "", "black")
    known = [row for row in table if row.get("claim") is not None]
    over_all(figure, _title(known, table, constants), _vertical(known, constants))
    under_legend(figure, _handles(table, style))
    return figure


def _title(known: list[Row], table: Table, constants: list[str]) -> str:
    """Claim, verdict, and by how much each constant varies between cells."""
    parts = []
    for constant in constants:
        values = table.select(constant=constant, kind="cell").column("value")
        factor = float(f"{10 ** float(np.ptp(values)):.2g}")
        parts.append(f"{symbol_label(constant)} varies {plain_number(factor)}×")
    head = f"{known[0]['claim']}: {known[0]['verdict']}; " if known else ""
    return literal(head) + ", ".join(parts)


def _vertical(known: list[Row], constants: list[str]) -> str:
    asks = {str(row["constant"]): str(row["asks"]) for row in known}
    if len(constants) > 1 or constants[0] not in asks:
        return "a cell's constant"
    return f"{symbol_label(constants[0])} a cell {asks[constants[0]]}"


def _panel(ax: Axes, rows: Table, number: str, style: Style) -> None:
    cells = rows.select(kind="cell", number=number)
    x = cells.column("x")
    for role, face in (("calibration", "white"), ("held out", CELL)):
        some = cells.select(role=role)
        if len(some):
            ax.plot(
                some.column("x"), some.column("value"), linestyle="", marker="o", markersize=3.4,
                color=CELL, markerfacecolor=face, markeredgewidth=0.7, zorder=3,
            )  # fmt: skip
    for kind, line in (("fitted", "-"), ("judged at", (0, (4, 1.5)))):
        for value in rows.select(kind=kind).numbers("value"):
            ax.axhline(value, color=style.color(0), linestyle=line, linewidth=1.2, zorder=1)
    values = rows.column("value")
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    pad = 0.1 * max(high - low, 0.2)
    ax.set_ylim(low - pad, high + pad)
    ratio_axis(ax.yaxis, low - pad, high + pad)
    ax.tick_params(labelsize=SMALL)
    number_axis(ax, symbol_label(number), float(x.min()), float(x.max()))


def _handles(table: Table, style: Style) -> list[Line2D]:
    color = style.color(0)
    return [
        Line2D([], [], color=color, linewidth=1.2, label="fitted on calibration cells"),
        Line2D([], [], color=color, linewidth=1.2, linestyle=(0, (4, 1.5)), label="judged at"),
        *role_handles(table.select(kind="cell").texts("role")),
    ]


DRAWING = VerdictDrawing(
    name="constants",
    claims=(),
    rank=3,
    caption="the constant that each cell needs, against every number",
    apart=True,
    shows=shows,
    measure=measure,
    draw=draw,
)
