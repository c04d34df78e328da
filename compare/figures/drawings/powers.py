"""Fitted powers with their intervals beside the claimed ones, of bounds and of laws."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ....theory import TheoryError
from ....theory.evaluation.decay import log_powers
from ...cells import Study
from ...discrimination import TIME, NumberShape
from ...fitting.form import Form, form_of
from ...shape.rooms import shape_cells
from ...verdict import Verdict
from ..axes import LETTERS, row_panels, two_lines, under_legend
from ..panels import literal
from ..registry import VerdictDrawing
from ..style import GREY, SMALL, Style
from ..symbols import symbol_label
from ..table import Row, Table
from ..words import look, verdict_look, word_handles

#: What is fitted, where the power of a bound is meant.
_OF_BOUND = {False: "", True: "decay of "}
#: Markers of what is claimed.
_MARKS = ("D", "s", "^", "v", "p", "h")
#: Letters of the lines over a panel, in a narrow figure and in a wide one.
_ABOUT = {True: 26, False: 42}


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it has fitted powers, of a bound's room or of a law."""
    return any(_fits(verdict)) or (
        verdict.discrimination is not None
        and any(number.power is not None for number in verdict.discrimination.shape.numbers)
        and any(bound.name == verdict.claim for bound in study.theorem.bounds)
    )


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A panel for each bound or fit: a row for each number.

    A bound's room changes by the bound's power less the data's, so the data's power is the claimed
    one less that of the room, and more than it for a lower bound; for a bound that decays
    exponentially it is the power of the decay in the exponent.
    """
    panels: list[list[Row]] = []
    said: list[list[str]] = []
    known: list[Mapping[str, Any]] = []
    bounds = {bound.name for bound in study.theorem.bounds}
    for verdict in verdicts:
        word = f"{verdict.claim}: {verdict.word}"
        if verdict.claim in bounds and (part := list(_of_bound(study, verdict))):
            panels.append(part)
            said.append([word])
            known.append({})
        for about, fit in _fits(verdict):
            if fit["powers"] in known:  # several claims may judge one fit
                said[known.index(fit["powers"])].append(word)
                continue
            panels.append(list(_of_fit(verdict, about, fit)))
            said.append([word])
            known.append(fit["powers"])
    return Table(
        tuple(
            {"drawing": "powers", "panel": LETTERS[rank % 26], "rank": rank,
             "claims": ", ".join(dict.fromkeys(said[rank])), **row}
            for rank, part in enumerate(panels) for row in part
        )
    )  # fmt: skip


def _of_bound(study: Study, verdict: Verdict) -> Iterator[Row]:
    if verdict.discrimination is None:
        return
    shape = verdict.discrimination.shape
    form = form_of(study.theorem, verdict.claim)
    claimed = _claimed(study, form)
    upper, decays = form.bound.kind == "upper", form.exponent is not None
    # the room of a decaying upper bound is the measured decay over the bound's
    sign = -1.0 if upper != decays else 1.0
    for number in shape.numbers:
        stated = claimed.get(number.name, 0.0)
        if number.power is None:
            if stated:
                yield from _row(number.name, {"claimed": stated}, number, None, (None, None), "")
            continue
        ends = sorted(stated + sign * end for end in (number.low, number.high))
        middle = stated + sign * number.power
        about = f"{_OF_BOUND[decays]}{form.bound.quantity.replace('_', ' ')}"
        yield from _row(
            number.name, {"claimed": stated}, number, middle, (ends[0], ends[1]), about
        )  # fmt: skip


def _row(
    name: str,
    claimed: Mapping[str, float],
    number: NumberShape | str,
    measured: float | None,
    ends: tuple[float | None, float | None],
    about: str,
) -> Iterator[Row]:
    word = number if isinstance(number, str) else number.word
    low, high = (end if end is None or np.isfinite(end) else None for end in ends)
    yield {"kind": "power", "number": name, "word": word, "value": measured, "low": low,
           "high": high, "about": about}  # fmt: skip
    for law, power in claimed.items():
        yield {"kind": "claimed", "number": name, "law": law, "value": power}


def _claimed(study: Study, form: Form) -> dict[str, float]:
    """The powers of a bound, or of its exponent, at the middle of the cells' numbers."""
    formula = form.bound.excess if form.exponent is None else form.exponent
    cells = shape_cells(study, form.bound.name)
    known = {name for result in cells for name in result.values}
    start = next((s for s in formula.free_symbols if str(s) == form.start), None)
    if start is not None:
        formula = formula.xreplace({start: 0})
    values = {str(symbol): 1.0 for symbol in formula.free_symbols}
    for name in known & values.keys():
        column = np.array([result.values[name] for result in cells if name in result.values])
        values[name] = float(np.median(column))
    values |= {n: v for n, v in study.constants.values().items() if n in values}
    values |= {TIME: _last_step(study, form)} if TIME in values else {}
    try:
        return log_powers(formula, values)
    except TheoryError:
        return {}


def _last_step(study: Study, form: Form) -> float:
    steps = [float(result.trajectory.steps.max()) for result in shape_cells(study, form.bound.name)]
    return float(np.median(steps)) if steps else 1.0


def _fits(verdict: Verdict) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Fits of powers that decide a claim, as checks keep them in the evidence, by name."""
    for name, part in verdict.evidence.items():
        if isinstance(part, dict) and {"powers", "judged"} <= part.keys() and part["powers"]:
            yield name, part


def _of_fit(verdict: Verdict, about: str, fit: Mapping[str, Any]) -> Iterator[Row]:
    judged = dict(fit["judged"])
    if judged and all(isinstance(words, Mapping) for words in judged.values()):  # a law each
        law = str(verdict.evidence.get("form", next(iter(judged))))
        judged = dict(judged.get(law, next(iter(judged.values()))))
    said = "time of the event" if about == "fitted_powers" else about.replace("_", " ")
    for name, line in fit["powers"].items():
        claimed = {law: float(power) for law, power in line.items()
                   if law not in ("measured", "interval_95")}  # fmt: skip
        low, high = line["interval_95"]
        word = str(judged.get(name, "open"))
        yield from _row(name, claimed, word, float(line["measured"]), (low, high), said)


def draw(table: Table, style: Style) -> Figure:
    """Panels of rows: the claimed power as an open mark, the fitted one as a dot with its bar."""
    ranks = table.numbers("rank")
    panels = [table.select(rank=int(rank)) for rank in ranks]
    figure, axes = row_panels(style, [len(panel.values("number")) for panel in panels])
    laws = table.texts("law") if "law" in table.columns else []
    for rank, (ax, panel) in enumerate(zip(axes, panels, strict=True)):
        _panel(ax, panel, laws, style)
        title = str(panel.rows[0]["claims"])
        about = next((text for text in panel.texts("about") if text), "")
        letters = _ABOUT[style.width == "one"]
        head, lines = textwrap.wrap(title, letters - 4), textwrap.wrap(about, letters)[:2]
        color = verdict_look(title.split(", ")[0].partition(": ")[2]).ink(style)
        two_lines(ax, rank, literal("\n".join(head)), literal("\n".join(lines)), color)
    under_legend(figure, _handles(table, laws, style))
    return figure


def _panel(ax: Axes, panel: Table, laws: list[str], style: Style) -> None:
    names = panel.texts("number")
    for line, name in enumerate(names):
        for row in panel.select(kind="power", number=name):
            shown = look(str(row["word"]))
            color = shown.color(style)
            if row["value"] is None:
                continue
            middle = float(str(row["value"]))
            low, high = (
                middle if row[end] is None else float(str(row[end])) for end in ("low", "high")
            )
            ax.plot([low, high], [line, line], color=color, linewidth=1.4, zorder=2)
            ax.plot([middle], [line], color=color, marker=shown.marker, markersize=4, zorder=3)
        for row in panel.select(kind="claimed", number=name):
            mark = _MARKS[laws.index(str(row["law"])) % len(_MARKS)]
            ax.plot(
                [float(str(row["value"]))], [line], marker=mark, markersize=6.5, color="black",
                markerfacecolor="none", markeredgewidth=0.8, zorder=4, linestyle="",
            )  # fmt: skip
    ax.axvline(0.0, color=GREY, linewidth=0.7, zorder=0)
    ax.set_yticks(range(len(names)), [symbol_label(name) for name in names], fontsize=SMALL)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlabel("power", fontsize=SMALL)
    ax.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    ax.set_axisbelow(True)


def _handles(table: Table, laws: list[str], style: Style) -> list[Line2D]:
    words = table.select(kind="power")
    fitted = [row["word"] for row in words if row.get("value") is not None]
    marks = [
        Line2D([], [], color="black", linestyle="", marker=_MARKS[rank % len(_MARKS)],
               markersize=6, markerfacecolor="none", markeredgewidth=0.8,
               label=law if law == "claimed" else f"claimed, {law.replace('_', ' ')}")
        for rank, law in enumerate(laws)
    ]  # fmt: skip
    return [*marks, *word_handles([str(word) for word in fitted], style, marked=True)]


DRAWING = VerdictDrawing(
    name="powers",
    claims=(),
    rank=2,
    caption="fitted powers of the data with their intervals beside the claimed ones",
    apart=False,
    shows=shows,
    measure=measure,
    draw=draw,
)
