"""`check`: decide a theorem on curves, in one call."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._visible import visible
from .compare import CompareError, Status, Verification, report, verify
from .compare.userdata import CellNumbers, curves_plan, read_data, read_numbers
from .compare.userdata.numbers import parse_numbers
from .compare.userdata.sources import shown_name
from .sentences import bound_of, latex_text, measured_powers, sentence_of, stage_of
from .theory import Theorem, TheoremSource, get_theorem, neighbours, read_source, theorems
from .theory.theorem_file.builder import WHOLE, TheoremBuilder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .compare import Study
    from .compare.verdict import Verdict


@dataclass(frozen=True)
class Checked:
    """A theorem with the verdicts on its bounds and times.

    Attributes:
        verification: what the pipeline decided.

    Example:
        >>> import numpy as np
        >>> import bofcheck
        >>> steps, start = np.arange(0.0, 1000, 100), np.linspace(0.9, 1.1, 160)[:, None]
        >>> curves = {"step": steps, "train_loss": start * np.exp(-steps / 200)}
        >>> mine = bofcheck.theorem("mine").upper("train_loss", "C*exp(-k*t)")
        >>> result = bofcheck.check(mine, curves)
        >>> result.holds, result.frame().claim.tolist()
        (True, ['D1'])
    """

    verification: Verification

    @property
    def study(self) -> Study:
        """The theorem with its cells and fitted constants."""
        return self.verification.studies[0]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One verdict a bound, then one a time."""
        return self.verification.verdicts

    @property
    def holds(self) -> bool:
        """Whether every bound and time holds."""
        return all(verdict.status is Status.HOLDS for verdict in self.verdicts)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was recognised in the data, and what its reader must know."""
        return tuple(self.verification.settings.get("notes", ()))

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each bound and time, with its stage and what it says."""
        return tuple(
            f"{self._about(verdict)} {sentence_of(self.study, verdict)}"
            for verdict in self.verdicts
        )

    def _about(self, verdict: Verdict) -> str:
        bound, stage = bound_of(self.study, verdict.claim), stage_of(self.study, verdict.claim)
        if bound is None:
            return f"{verdict.claim}:"
        sign = "<=" if bound.kind == "upper" else ">="
        sides = " + ".join(str(side) for side in (bound.floor, bound.excess) if side != 0) or "0"
        where = "" if stage == WHOLE else f"{stage}, "
        return f"{where}{verdict.claim} ({bound.quantity} {sign} {sides}):"

    def __str__(self) -> str:
        """One line for each bound and time, after what was recognised."""
        title = f"{self.study.theorem.title}: who calibrates: {self.verification.settings['split']}"
        return "\n".join((title, *self.notes, *self.sentences))

    def __repr__(self) -> str:
        """The same sentences, as a prompt shows them."""
        return str(self)

    def _repr_html_(self) -> str:
        """A table for a notebook."""
        rows = "".join(
            f"<tr><td>{escape(self._about(verdict).rstrip(':'))}</td>"
            f"<td><b>{escape(verdict.word)}</b></td>"
            f"<td>{escape(sentence_of(self.study, verdict))}</td></tr>"
            for verdict in self.verdicts
        )
        notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in self.notes)
        head = "<tr><th>claim</th><th>verdict</th><th>what was found</th></tr>"
        title = escape(self.study.theorem.title)
        return f"<p><b>{title}</b></p><table>{head}{rows}</table>{notes}"

    def figure(self, *, xlabel: str = "", ylabel: str = "", title: str = "") -> Figure:
        """All held-out cells collapsed on their bounds: measured against bound, a panel a bound.

        Args:
            xlabel: label of the horizontal axes, instead of "bound".
            ylabel: label of the vertical axes, instead of the quantity's name.
            title: above all panels.

        Raises:
            CompareError: no bound can be drawn, for want of constants or cells.
        """
        from .compare.figures import draw, verdict_drawings

        drawing = verdict_drawings()["measured"]
        shown = [each for each in self.verdicts if drawing.shows(self.study, each)]
        if not shown:
            raise CompareError("no bound has fitted constants and held-out cells to be drawn")
        figure = draw(drawing.measure(self.study, shown))
        for ax in figure.axes:
            ax.set(
                **{name: text for name, text in (("xlabel", xlabel), ("ylabel", ylabel)) if text}
            )
        if title:
            figure.suptitle(title)
        return figure

    def frame(self) -> Any:
        """The verdicts as a pandas DataFrame, a row a claim.

        Columns: claim, stage, quantity, verdict, ``room`` (smallest ratio of bound and data on
        held-out runs), ``power`` of t with which the data decay, ``power_error``, ``claimed``,
        ``rejected`` of ``tried`` wrong powers, and the reason. NaN is what is not known.
        """
        import math

        import pandas as pd

        rows = []
        for verdict in self.verdicts:
            bound, tried = bound_of(self.study, verdict.claim), verdict.discrimination
            tightest = None if tried is None else tried.tightest
            powers = {power.name: power for power in measured_powers(self.study, verdict)}
            clock = powers.get("t")
            rejected, total = (0, 0) if tried is None else tried.counts
            rows.append(
                {
                    "claim": verdict.claim,
                    "stage": stage_of(self.study, verdict.claim),
                    "quantity": "" if bound is None else bound.quantity,
                    "verdict": verdict.word,
                    "room": math.nan if tightest is None else math.exp(min(tightest, 700.0)),
                    "power": math.nan if clock is None else clock.power,
                    "power_error": math.nan if clock is None else clock.error,
                    "claimed": math.nan if clock is None else clock.claimed,
                    "rejected": rejected,
                    "tried": total,
                    "reason": verdict.reason,
                }
            )
        return pd.DataFrame(rows)

    def to_latex(self) -> str:
        r"""The theorem as an environment and a booktabs table with a caption.

        The preamble needs ``\usepackage{amsthm,booktabs}`` and ``\newtheorem{theorem}{Theorem}``.
        """
        theorem = self.study.theorem
        items = [
            f"  \\item[{latex_text(bound.name)}] In {latex_text(stage.name)}, ${bound.latex()}$."
            for stage in theorem.stages
            for bound in stage.bounds
        ]
        rows = [
            f"  {latex_text(verdict.claim)} & {latex_text(verdict.word)} & "
            f"{latex_text(sentence_of(self.study, verdict))} \\\\"
            for verdict in self.verdicts
        ]
        held_out = sum(
            len(result.trajectory.seeds)
            for result in self.study.results
            if result.cell.role.value == "held out"
        )
        caption = (
            f"{theorem.title}, checked on {held_out} held-out runs. "
            f"Split: {self.verification.settings['split']}."
        )
        return "\n".join(
            (
                f"\\begin{{theorem}}[{latex_text(theorem.title)}]",
                "\\begin{description}", *items, "\\end{description}", "\\end{theorem}", "",
                "\\begin{table}", "  \\centering", f"  \\caption{{{latex_text(caption)}}}",
                "  \\begin{tabular}{llp{0.6\\linewidth}}", "  \\toprule",
                "  claim & verdict & what was found \\\\", "  \\midrule", *rows, "  \\bottomrule",
                "  \\end{tabular}", "\\end{table}", "",
            )
        )  # fmt: skip

    def save(self, folder: str | Path) -> Path:
        """Write report.json, report.html, figures/ and tables/ into a folder; gives the page.

        Raises:
            OSError: a file cannot be written.
        """
        return report.write(self.verification, folder).page

    def report(self) -> report.Report:
        """The report, as report.json holds it."""
        return report.document(self.verification)


def check(
    theorem: str | Path | Theorem | TheoremBuilder | TheoremSource,
    data: Any,
    problems: Any = None,
    columns: Mapping[str, str] | None = None,
) -> Checked:
    """Fit a theorem's constants on some curves and decide its bounds and times on the rest.

    Args:
        theorem: a ``.toml`` or ``.py`` file, a name, a `Theorem`, or what `bofcheck.theorem` began.
        data: curves, as for `bofcheck.compare.userdata.read_curves`: a DataFrame, a Dataset, a dict
            of arrays, a path, paths, a folder, or a results folder of bofcheck.
        problems: numbers of the theorem's symbols that are not columns of the data, and roles: a
            file, its content as a dict, a dict of numbers by cell, or `CellNumbers`.
        columns: run, step, cell, a quantity or a symbol -> its name in the data, where that is not
            recognised.

    Returns:
        The verdicts; printed, a sentence each.

    Raises:
        CompareError: the data cannot be read, or a number, a role or a quantity is missing.
        TheoryError: the theorem has a fault.

    Example:
        >>> import numpy as np
        >>> import pandas as pd
        >>> from bofcheck.theory.theorem_file.builder import theorem
        >>> runs = [(eta, seed, t, (1 + seed / 99) / (eta * t)) for eta in (0.1, 0.2, 0.4, 0.8)
        ...         for seed in range(40) for t in (10, 20, 50, 100, 200, 500)]
        >>> frame = pd.DataFrame(runs, columns=["eta", "seed", "step", "train_loss"])
        >>> print(check(theorem("mine").upper("train_loss", "C/(eta*t)"), frame).sentences[0])
        D1 (train_loss <= C/(eta*t)): holds, at least 2x above the data; ...
    """
    source = _source(theorem)
    read = read_data(data, source.theorem, _numbers(problems, source), columns)
    name = shown_name(data)
    shown = visible(Path(name).name) if isinstance(data, str | os.PathLike) else name
    return Checked(verify(curves_plan(source.theorem, read.curves, read.numbers, data=shown)))


def _source(theorem: str | Path | Theorem | TheoremBuilder | TheoremSource) -> TheoremSource:
    if isinstance(theorem, TheoremBuilder):
        return theorem.source()
    if isinstance(theorem, Theorem):
        return TheoremSource(theorem)
    if isinstance(theorem, TheoremSource):
        return theorem
    if not str(theorem).endswith((".toml", ".py")) and isinstance(theorem, str):
        found = get_theorem(theorem)
        return TheoremSource(found) if theorem in theorems() else neighbours()[theorem]
    return read_source(theorem)


def _numbers(problems: Any, source: TheoremSource) -> CellNumbers:
    if problems is None:
        return parse_numbers(dict(source.problem), source.theorem)
    if isinstance(problems, CellNumbers):
        return problems
    if isinstance(problems, str | os.PathLike):
        return read_numbers(Path(problems), source.theorem)
    if not isinstance(problems, Mapping):
        raise CompareError(
            f"problems: a {type(problems).__name__} cannot be read; give a file or a dict"
        )
    tables = all(isinstance(table, Mapping) for table in problems.values())
    by_cell = tables and not {"problem", "cells"} & problems.keys()
    return parse_numbers({"cells": problems} if by_cell else problems, source.theorem)
