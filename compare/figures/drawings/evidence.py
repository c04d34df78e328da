"""What a claim about runs, trends or maps fails on: its parts against what was asked of them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...cells import Study
from ...statistics.binomial import exact_bounds
from ...thresholds import MARKED_FALL_FACTOR
from ...verdict import Status, Verdict
from ..axes import row_panels, two_lines, under_legend
from ..panels import literal
from ..registry import VerdictDrawing
from ..style import GREY, SMALL, Style
from ..table import Row, Table
from ..words import CELL, verdict_look

#: Chance that either end of a drawn interval of a share misses.
_MISS = 0.025
#: Rows of a panel; of more parts the worst are shown.
_MOST = 24
#: Letters of a line over the panel, and of one beside it.
_LETTERS, _BESIDE = 44, 24
_LAW = "less the law's"

#: A part's name, what was seen, and the ends of its interval.
_Part = tuple[str, float, float, float]
_Evidence = Mapping[str, Any]


def _runs(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    """Cells: the share of their runs that break the claim, with exact intervals."""
    for cell in evidence["cells"]:
        runs, broken = cell["runs"], cell["violations"]
        if runs:
            yield (cell["cell"], broken / runs, *exact_bounds(broken, runs, _MISS))


def _label_draws(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    for name, cell in evidence["cells"].items():
        ratio = float(np.log10(cell["q"] / cell["one_over_d"]))
        yield name, ratio, ratio, ratio


def _chains(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    for name, chain in evidence["chains"].items():
        yield name, *(float(chain["score"]),) * 3


def _rungs(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    """Held-out rungs on the side that is judged, with two standard errors."""
    edge, below = evidence.get("judged_at"), verdict.relation == ">="
    for rung in evidence["rungs"]:
        strength, score = rung["strength"], rung["score"]
        if rung["role"] != "held out" or edge is None or (strength <= edge) != below:
            continue
        error = 2 * rung["standard_error"]
        yield f"{strength:.2g}, d = {rung['d']:.1e}", score, score - error, score + error


def _shares(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    for name, share in evidence["share_by_flip_prob"].items():
        yield f"p = {name}", *(float(share),) * 3


def _correlations(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    for name, pair in evidence["pairs_of_flip_probabilities"].items():
        yield f"p = {name}", pair["correlation"], pair["low"], pair["high"]


def _stretches(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    for name, curve in evidence["stretch_over_fast_stretch"].items():
        shorter = min(curve["before"], curve["after"])
        yield name, shorter, curve["shorter_low"], curve["shorter_high"]


def _falls(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    for name, fall in evidence["by_flip_prob"].items():
        if {"low", "high", "fall_by_snr"} <= fall.keys():
            lowest, *higher = fall["fall_by_snr"].values()  # in order of SNR
            surplus = max(higher) - MARKED_FALL_FACTOR * abs(lowest)
            yield f"p = {name}", surplus, fall["low"], fall["high"]


def _interval(key: str) -> Callable[[_Evidence, Verdict], Iterator[_Part]]:
    def one(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
        low, high = evidence[key]
        yield "", (low + high) / 2, low, high

    return one


def _boundary(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    """Fitted powers less the law's."""
    for name, fit in evidence["fitted"].items():
        law = float(evidence["law_powers"][name])
        yield (
            f"power of {name}, less {law:g}",
            fit["power"] - law, *(end - law for end in fit["interval_95"]),
        )  # fmt: skip


def _agreement(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    """Claims: 1 where the verdicts of the two sides differ."""
    for name, sides in evidence["compared"].items():
        words = [side["verdict"] for side in sides.values()]
        yield f"{name}: {' | '.join(words)}", *(float(len(set(words)) > 1),) * 3


def _bands(evidence: _Evidence, verdict: Verdict) -> Iterator[_Part]:
    """Cell medians less the law's number."""
    for name, cell in evidence["cells"].items():
        law = float(evidence["law"])
        yield name, cell["median"] - law, cell["low"] - law, cell["high"] - law


#: Keys that an evidence has -> its parts, what they are, and the limit if not the threshold; from
#: what is ``_LAW`` the distance counts on either side.
_KINDS: Sequence[
    tuple[frozenset[str], Callable[[_Evidence, Verdict], Iterator[_Part]], str, float | None]
] = (
    (frozenset({"cells", "runs_drawn"}), _label_draws, "log10 of q(N, p) over 1/d", 0.0),
    (frozenset({"cells", "all"}), _runs, "share of runs that break it", None),
    (frozenset({"cells", "law"}), _bands, f"median {_LAW}", 0.0),
    (frozenset({"rungs"}), _rungs, "normalised quantity, by N·SNR²", None),
    (frozenset({"stretch_over_fast_stretch"}), _stretches, "slow over fast stretch", None),
    (frozenset({"share_by_flip_prob"}), _shares, "share of pairs of cells", None),
    (frozenset({"pairs_of_flip_probabilities"}), _correlations, "rank correlation", None),
    (frozenset({"by_flip_prob"}), _falls, "fall at a higher SNR less twice the lowest's", None),
    (frozenset({"chains"}), _chains, "Jonckheere score", None),
    (frozenset({"fitted", "law_powers"}), _boundary, f"power {_LAW}", 0.0),
    (frozenset({"compared"}), _agreement, "1 where the verdicts differ", None),
    (frozenset({"interval_95"}), _interval("interval_95"), "power", None),
    (frozenset({"mean_over_mean_size"}), _interval("mean_over_mean_size"), "mean over size", None),
)


def shows(study: Study, verdict: Verdict) -> bool:
    """Whether it fails, and neither a bound's room nor the time of an event shows why."""
    theorem = study.theorem
    told = {bound.name for bound in theorem.bounds} | {one.name for one in theorem.readings}
    timed = isinstance(verdict.evidence.get("law"), str)
    return verdict.status is Status.VIOLATED and verdict.claim not in told and not timed


def measure(study: Study, verdicts: Sequence[Verdict]) -> Table:
    """A row for each part of what a verdict rests on, the worst of them if there are many.

    A verdict whose evidence has no parts is its own statistic.
    """
    (verdict,) = verdicts
    evidence = verdict.evidence
    parts: list[_Part] = []
    about, limit = verdict.statistic_name, verdict.threshold
    for keys, read, said, at in _KINDS:
        if keys <= evidence.keys() and (found := [p for p in read(evidence, verdict) if _known(p)]):
            parts, about = found, said
            limit = verdict.threshold if at is None else at
            break
    if not parts and verdict.statistic is not None and np.isfinite(verdict.statistic):
        parts = [("", *(float(verdict.statistic),) * 3)]
    wanted = 1.0 if verdict.relation == "<=" else -1.0
    worst = sorted(range(len(parts)), key=lambda rank: -wanted * parts[rank][1])[:_MOST]
    head: Row = {
        "drawing": "evidence", "claim": verdict.claim, "verdict": verdict.word, "about": about,
        "relation": "" if about.endswith(_LAW) else verdict.relation, "limit": limit,
        "parts": len(parts),
    }  # fmt: skip
    return Table(
        tuple(
            {**head, "kind": "part", "part": parts[rank][0], "value": parts[rank][1],
             "low": parts[rank][2], "high": parts[rank][3]}
            for rank in sorted(worst)
        )
    )  # fmt: skip


def _known(part: _Part) -> bool:
    return bool(np.isfinite(part[1:]).all())


def draw(table: Table, style: Style) -> Figure:
    """Dots with bars, and the side on which the claim fails in a tint."""
    first = table.rows[0]
    labels = ["\n".join(textwrap.wrap(str(row["part"] or ""), _BESIDE)) for row in table]
    most = max(label.count("\n") + 1 for label in labels)
    figure, (ax,) = row_panels(style, [len(table)], line=0.05 + 0.12 * most)
    _panel(ax, table, [literal(label) for label in labels], style)
    word = str(first["verdict"])
    said = str(first["about"])
    if int(str(first["parts"])) > len(table):
        said = f"{said}; the worst {len(table)} of {first['parts']}"
    lines = "\n".join(textwrap.wrap(said, _LETTERS)[:2])
    two_lines(
        ax, 0, literal(f"{first['claim']}: {word}"), literal(lines), verdict_look(word).ink(style)
    )
    if first["relation"]:
        side = Line2D([], [], color=style.color(1), alpha=0.3, linewidth=5)
        side.set_label("the claim fails")
        under_legend(figure, [side])
    return figure


def _panel(ax: Axes, table: Table, labels: Sequence[str], style: Style) -> None:
    rows = range(len(table))
    value, low, high = (table.column(name) for name in ("value", "low", "high"))
    ends = [float(low.min()), float(high.max())]
    limit = table.rows[0]["limit"]
    if limit is not None:
        ends = [min(ends[0], float(str(limit))), max(ends[1], float(str(limit)))]
    pad = 0.06 * (ends[1] - ends[0]) or 0.5
    ax.set_xlim(ends[0] - pad, ends[1] + pad)
    if limit is not None:
        at, relation = float(str(limit)), table.rows[0]["relation"]
        beyond = (at, ends[1] + pad) if relation == "<=" else (ends[0] - pad, at)
        if relation:
            ax.axvspan(*beyond, color=style.color(1), alpha=0.15, linewidth=0, zorder=0)
        ax.axvline(at, color=GREY, linewidth=0.8, zorder=1)
    ax.hlines(rows, low, high, color=CELL, linewidth=1.2, zorder=2)
    ax.plot(value, rows, color=CELL, linestyle="", marker="o", markersize=4, zorder=3)
    ax.set_yticks(rows, labels, fontsize=SMALL)
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    ax.set_axisbelow(True)


DRAWING = VerdictDrawing(
    name="evidence",
    claims=(),
    rank=8,
    caption="the parts that the verdict rests on against what is asked of them",
    apart=True,
    shows=shows,
    measure=measure,
    draw=draw,
)
