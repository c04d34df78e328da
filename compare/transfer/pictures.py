"""The heat map of departures and claims, and dose–response curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from ..figures.style import BLUE, GREY, ORANGE, SMALL, TEXT, TWO_COLUMNS, VERMILLION, Style
from ..verdict import Status
from .study import Row, Study

#: Colour of a verdict.
COLORS = {
    Status.HOLDS: BLUE,
    Status.ERODES: ORANGE,
    Status.VIOLATED: VERMILLION,
    Status.INCONCLUSIVE: "#cccccc",
    Status.OUT_OF_SCOPE: "#ffffff",
}
#: Letter of a verdict, for print without colour.
LETTERS = {
    Status.HOLDS: "H",
    Status.ERODES: "E",
    Status.VIOLATED: "V",
    Status.INCONCLUSIVE: "?",
    Status.OUT_OF_SCOPE: "",
}


def heat_map(study: Study) -> Figure:
    """Departures down, claims across, a colour and a letter for each verdict."""
    rows = [study.base, *study.rows]
    names = list(study.questions)
    figure = Figure(figsize=(TWO_COLUMNS, 1.6 + 0.155 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for line, row in enumerate(rows):
        for column, name in enumerate(names):
            status = row.answers[name].status
            axes.add_patch(
                Rectangle((column, line), 1, 1, facecolor=COLORS[status], edgecolor="white", lw=0.8)
            )
            dark = status in (Status.HOLDS, Status.VIOLATED)
            axes.text(
                column + 0.5, line + 0.52, LETTERS[status], ha="center", va="center",
                fontsize=SMALL - 1.5, color="white" if dark else "black",
            )  # fmt: skip
        if line and row.axis != rows[line - 1].axis:
            axes.axhline(line, color="black", lw=0.8)
    axes.set(xlim=(0, len(names)), ylim=(len(rows), 0))
    axes.set_xticks(
        [column + 0.5 for column in range(len(names))],
        [study.questions[name].title for name in names],
        rotation=40, ha="left", fontsize=SMALL,
    )  # fmt: skip
    axes.xaxis.tick_top()
    axes.set_yticks([line + 0.5 for line in range(len(rows))], [row.name for row in rows])
    axes.tick_params(length=0, labelsize=SMALL - 0.5)
    for side in axes.spines.values():
        side.set_visible(False)
    handles = [
        Patch(facecolor=COLORS[status], edgecolor=GREY, label=_word(status)) for status in COLORS
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=len(handles), fontsize=SMALL,
        frameon=False,
    )  # fmt: skip
    return figure


def _word(status: Status) -> str:
    letter = LETTERS[status]
    return f"{status.value} ({letter})" if letter else "not asked"


#: Questions whose effects are drawn against the dose.
_DRAWN = ("benign", "harmful", "attention_rises", "boundary_constant")


def dose_response(study: Study, drawn: Sequence[str] = _DRAWN) -> Figure:
    """Effects against the dose: a column a claim, a row an axis, the theory's line if there is one.

    Doses of a kind are placed side by side in order; the base is the first point.
    """
    axes_names = list(dict.fromkeys(row.axis for row in study.rows))
    names = [name for name in drawn if name in study.questions]
    style = Style()
    figure = Figure(figsize=(TWO_COLUMNS + 1.5, 0.5 + 1.35 * len(axes_names)), layout="constrained")
    panels = figure.subplots(len(axes_names), len(names), squeeze=False, sharey="col")
    for line, axis in enumerate(axes_names):
        kinds: dict[str, list[Row]] = {}
        for row in study.rows:
            if row.axis == axis:
                kinds.setdefault(row.kind, []).append(row)
        for column, name in enumerate(names):
            panel = panels[line][column]
            if study.questions[name].theory is not None:
                panel.axhline(study.questions[name].theory, color="black", lw=0.8, ls="--")
            if name == "boundary_constant":
                panel.set_yscale("log")
            for rank, rows in enumerate(kinds.values()):
                _line(panel, [study.base, *rows], name, rank, style)
            panel.set_xticks(range(1 + max(len(rows) for rows in kinds.values())))
            panel.set_xticklabels(
                ["base", *(str(k + 1) for k in range(max(map(len, kinds.values()))))]
            )
            panel.tick_params(labelsize=SMALL - 1)
            if line == 0:
                panel.set_title(study.questions[name].title, fontsize=TEXT)
        panels[line][0].set_ylabel(axis.replace("_", " "), fontsize=TEXT)
        panels[line][-1].legend(
            *panels[line][0].get_legend_handles_labels(), loc="center left",
            bbox_to_anchor=(1.02, 0.5), fontsize=SMALL - 1, frameon=False,
        )  # fmt: skip
    figure.supxlabel("dose, by rank among those trained", fontsize=TEXT)
    return figure


def _line(panel: object, rows: Sequence[Row], name: str, rank: int, style: Style) -> None:
    places, effects, lows, highs = [], [], [], []
    for place, row in enumerate(rows):
        answer = row.answers[name]
        if answer.effect is None or answer.low is None or answer.high is None:
            continue
        if not all(map(math.isfinite, (answer.effect, answer.low, answer.high))):
            continue
        places.append(place + 0.06 * rank)
        effects.append(answer.effect)
        lows.append(max(answer.effect - answer.low, 0.0))
        highs.append(max(answer.high - answer.effect, 0.0))
    panel.errorbar(  # type: ignore[attr-defined]  # matplotlib has no types
        places, effects, yerr=[lows, highs], color=style.color(rank), marker=style.marker(rank),
        ms=3, lw=1, elinewidth=0.6, label=rows[-1].kind,
    )  # fmt: skip
