"""Measured times of events against their laws, with the band that the law allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ....theory import StageTime
from ...cells import CellResult, Role, Study
from ...fitting.bounds import speaks_of
from ...fitting.stage_laws import cell_without_steps, law_constants, law_steps
from ...thresholds import STAGE_TIME_SPREAD
from ...verdict import Verdict
from ..axes import LETTERS, label_axes, small_panels, two_lines, under_legend
from ..panels import literal
from ..registry import VerdictDrawing
from ..style import GREY, SMALL, Style
from ..symbols import ratio_axis, symbol_label
from ..table import BAND, Row, Table
from ..words import CELL, role_handles, verdict_look

#: A cell, its law in steps, and the 10%, 50% and 90% times of its runs.
_Times = tuple[CellResult, float, float, float, float]


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it is about when an event comes, and some cell has both the event and the law."""
    law = _law(study, verdict)
    return law is not None and len(list(_reached(study, law))) > 1


def _law(study: Study, verdict: Verdict) -> StageTime | None:
    """The law a verdict is about: of its name, or the one in its evidence."""
    said, laws = verdict.evidence.get("law"), study.theorem.times
    named = [law for law in laws if law.name == verdict.claim]
    return next(iter(named or [law for law in laws if str(law.expr) == said]), None)


def _constants(study: Study, law: StageTime) -> dict[str, float] | None:
    if not _scaling(study, law):
        names = {str(constant): f"{constant} of {law.name}" for constant in law.constants}
        if any(name not in study.constants for name in names.values()):
            return None
        return {constant: study.constants[name].widened for constant, name in names.items()}
    return law_constants(study, law)


def _scaling(study: Study, law: StageTime) -> bool:
    """Whether the event may come neither earlier nor later; the paper's laws are read so."""
    return bool(study.theorem.assumption) or law.reading == "scaling"


def _reached(study: Study, law: StageTime) -> Iterator[CellResult]:
    """The stage cells in which more than half of the runs reach the event after step 0."""
    constants = _constants(study, law)
    for result in study.select(kind="stage"):
        if constants is None or not speaks_of(law, result):
            continue
        if cell_without_steps(law, [result], constants) is not None:
            continue
        times = result.events[law.event][result.ok]
        if 2 * (np.isfinite(times) & (times > 0)).sum() > result.ok.size:
            yield result


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A panel for each law: the law at each cell's numbers, and the times of its runs.

    The constant of a scaling law is the middle of the held-out cells' ratios, so that the band lies
    around it; that of a deadline is the one it is judged with.
    """
    rows: list[Row] = []
    for rank, verdict in enumerate(verdicts):
        law = _law(study, verdict)
        assert law is not None
        constants = _constants(study, law)
        assert constants is not None
        scaling = _scaling(study, law)
        head: Row = {"drawing": "times", "panel": LETTERS[rank % 26], "claim": verdict.claim}
        cells: list[_Times] = []
        for result in _reached(study, law):
            times = result.events[law.event][result.ok]
            times = np.where(np.isnan(times), np.inf, times)
            low, middle, high = (
                float(np.quantile(times, share, method="nearest"))
                for share in (BAND[0], 0.5, BAND[1])
            )
            cells.append((result, law_steps(law, result, constants), low, middle, high))
        factor = _middle(cells) if scaling else 1.0
        rows.append(
            {**head, "kind": "law", "event": law.event, "form": law.form, "verdict": verdict.word,
             "reading": "scaling" if scaling else "deadline", "formula": str(law.expr)}
        )  # fmt: skip
        rows += [
            {**head, "kind": "cell", "cell": result.cell.name, "role": result.cell.role.value,
             "x": float(np.log10(factor * steps)), "value": float(np.log10(middle)),
             "low": float(np.log10(max(low, 1e-300))),
             "high": float(np.log10(high)) if np.isfinite(high) else None}
            for result, steps, low, middle, high in cells
        ]  # fmt: skip
    return Table(tuple(rows))


def _middle(cells: Sequence[_Times]) -> float:
    """Half-way in logarithms between the least and the largest ratio of a time and its law."""
    held_out = [each for each in cells if each[0].cell.role is Role.HELD_OUT] or cells
    ratios = np.log([middle / steps for _, steps, _, middle, _ in held_out])
    return float(np.exp((ratios.min() + ratios.max()) / 2))


def draw(table: Table, style: Style) -> Figure:
    """Panels with equal logarithmic axes, and the band in which medians may lie."""
    laws = table.select(kind="law")
    figure, axes = small_panels(style, len(laws), height=2.3, most=3, share=False)
    for rank, (ax, row) in enumerate(zip(axes, laws, strict=True)):
        _panel(ax, table.select(claim=row["claim"], kind="cell"), row, style)
        form = f"{row['form']} law, " if row.get("form") else ""
        word = str(row["verdict"])
        about = f"within {STAGE_TIME_SPREAD:g}×" if row["reading"] == "scaling" else "no later"
        two_lines(
            ax, rank, f"{literal(str(row['claim']))}: {word}", f"{literal(form)}{about}",
            verdict_look(word).ink(style),
        )  # fmt: skip
    under_legend(figure, _handles(table, style))
    return figure


def _panel(ax: Axes, cells: Table, row: Row, style: Style) -> None:
    event = symbol_label(str(row["event"]))
    label_axes(ax, "law, steps", f"{event}, steps")
    every = np.concatenate([cells.column(name) for name in ("x", "value", "low", "high")])
    every = every[np.isfinite(every)]
    wide = np.log10(STAGE_TIME_SPREAD) / 2
    low, high = float(every.min()) - 0.1, float(every.max()) + 0.1
    ends = np.array([low, high])
    below = ends - wide if row["reading"] == "scaling" else np.array([low, low])
    above = ends + wide if row["reading"] == "scaling" else ends
    ax.fill_between(ends, below, above, color=style.color(2), alpha=0.15, linewidth=0, zorder=0)
    ax.plot(ends, ends, color=GREY, linewidth=0.9, zorder=1)
    for role, face in (("calibration", "white"), ("held out", CELL)):
        some = cells.select(role=role)
        if not len(some):
            continue
        x, value, top = some.column("x"), some.column("value"), some.column("high")
        bars = np.vstack([value - some.column("low"), np.where(np.isnan(top), 0.0, top - value)])
        ax.errorbar(
            x, value, yerr=bars, linestyle="", marker="o", markersize=3.4, color=CELL,
            markerfacecolor=face, markeredgewidth=0.7, elinewidth=0.7, zorder=3,
        )  # fmt: skip
    for axis, limit in ((ax.xaxis, ax.set_xlim), (ax.yaxis, ax.set_ylim)):
        limit(low, high)
        ratio_axis(axis, low, high)
    ax.tick_params(labelsize=SMALL)


def _handles(table: Table, style: Style) -> list[Line2D]:
    return [
        Line2D([], [], color=style.color(2), alpha=0.3, linewidth=5, label="what the law allows"),
        Line2D([], [], color=GREY, linewidth=0.9, label="the law"),
        *role_handles(table.select(kind="cell").texts("role")),
    ]


DRAWING = VerdictDrawing(
    name="times",
    claims=(),
    rank=4,
    caption="measured times of events against their laws, with the band that each allows; bars "
    "hold the runs from 10% to 90%",
    apart=False,
    shows=shows,
    measure=measure,
    draw=draw,
)
