"""Figures of a verification: which figures are drawn, of which cells, and their files."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from matplotlib.figure import Figure

from ..._visible import visible
from ...simulate.store.atomic import write_atomically
from ...theory import Bound
from ..cells import CellResult, Role, Study
from ..errors import CompareError
from ..fitting.bounds import speaks_of
from ..fitting.constants import fit_reading
from ..verdict import Verdict
from .drawings import bound as bound_drawing
from .registry import cell_drawings, draw, verdict_drawings
from .render import PRINTED, render
from .rows import problem_words
from .style import Style
from .table import Table

#: Dots per inch of pictures in a results folder; ``bofcheck plot`` draws finer ones.
PNG_DPI = 120
_DPI = {"png": PNG_DPI, "pdf": 300}


class Decided(Protocol):
    """The source of figures: studies, and the verdicts decided on them."""

    @property
    def studies(self) -> Sequence[Study]:
        """At most one per theorem, and studies whose cells belong to no fit."""

    @property
    def of_paper(self) -> bool:
        """True to show trained cells, False to show each bound of a user-supplied theorem."""

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """The verdicts on every claim."""


@dataclass(frozen=True)
class DrawnFigure:
    """A figure of a results folder.

    Attributes:
        name: ``<regime>-<figure>``, ``<theorem>-<bound>`` for a user-supplied theorem,
            ``<theorem>-<figure>`` or ``<theorem>-<bound>-<figure>`` for what verdicts rest on, or
            the experiment's name.
        regime: the study's regime; empty for an experiment.
        caption: a description of its content.
        files: paths relative to the folder.
        claims: ids of the claims it bears on.

    Example:
        >>> DrawnFigure("fig5", "", "Test loss", ("tables/fig5.csv",), ("E9",)).name
        'fig5'
    """

    name: str
    regime: str
    caption: str
    files: tuple[str, ...]
    claims: tuple[str, ...]


def draw_figure(name: str, study: Study, result: CellResult, style: Style | None = None) -> Figure:
    """One figure of one cell.

    Args:
        name: one of `cell_drawings`.
        study: the study whose bounds are drawn.
        result: the cell.
        style: the style of the figure; the default if None.

    Returns:
        The figure; write it with `render` or its ``savefig``.

    Raises:
        CompareError: no figure has that name.

    Example:
        >>> from bofcheck.compare import Cell, analyse
        >>> from bofcheck.simulate import Problem, train
        >>> from bofcheck.theory import benign
        >>> cell = Cell("small", Role.HELD_OUT, "stage", Problem(n_samples=4, dim=100), steps=50)
        >>> result = analyse(cell, train(cell.problem, seeds=2, steps=50), benign)
        >>> figure = draw_figure("errors", Study(benign, (result,)), result)
        >>> figure.axes[0].get_ylabel(), len(figure.axes), float(figure.get_figwidth())
        ('test error', 2, 7.0)
    """
    drawings = cell_drawings()
    if name not in drawings:
        raise CompareError(f"figure {name!r}: unknown; choose one of {', '.join(drawings)}")
    return draw(drawings[name].measure(study, result), style=style)


def draw_bound(
    study: Study, result: CellResult, bound: Bound, style: Style | None = None
) -> Figure:
    """A bounded quantity and one bound on it, in one cell.

    Args:
        study: the study whose constants are used.
        result: the cell.
        bound: one of the bounds of the study's theorem.
        style: the style of the figure; the default if None.

    Example:
        >>> from bofcheck.compare import verify
        >>> from bofcheck.compare.userdata import theorem_plan
        >>> from bofcheck.theory import neighbours
        >>> (study,) = verify(theorem_plan(neighbours()["magen2024"], seeds=2)).studies
        >>> figure = draw_bound(study, study.results[0], study.theorem.bound("MG1"))
        >>> figure.axes[0].get_ylabel()
        'test_error'
    """
    return draw(bound_drawing.measure(study, result, bound), style=style)


def showcase(study: Study) -> CellResult | None:
    """The cell that figures show: the first held-out stage cell inside Assumption 4.1.

    Cells with flipped labels come before those without; if no cell is inside, it is the first
    held-out stage cell; None if there is no held-out stage cell with a run that did not diverge.

    Example:
        >>> import numpy as np
        >>> from bofcheck.compare.calibration import BenignTruth, synthetic_study
        >>> study = synthetic_study(np.random.default_rng(0), 0.0, BenignTruth())
        >>> result = showcase(study)
        >>> result.cell.name, result.cell.role.value, result.inside
        ('b-tight', 'held out', True)
    """
    cells = [cell for cell in study.select(Role.HELD_OUT, "stage") if cell.ok.any()]
    ranked = sorted(cells, key=lambda result: (not result.inside, not result.values.get("p")))
    return ranked[0] if ranked else None


#: A figure, the function that measures its table, and whether it precedes the others.
_Planned = tuple[DrawnFigure, Callable[[], Table], bool]


def _planned(decided: Decided) -> Iterator[_Planned]:
    """Every figure, the foremost first, with the claims of it that were decided."""
    yield from sorted(_in_turn(decided), key=lambda planned: not planned[-1])


def _in_turn(decided: Decided) -> Iterator[_Planned]:
    """The figures study by study."""
    claims = {(verdict.regime, verdict.claim) for verdict in decided.verdicts}
    taken: set[str] = set()
    for study in decided.studies:
        if decided.of_paper:
            figures = _cell_figures(study)
        else:
            figures = _bound_figures(study, decided.verdicts)
        for figure, measure, foremost in (*figures, *_verdict_figures(study, decided.verdicts)):
            if figure.name in taken:  # a user may name a bound like another bound's figure
                continue
            taken.add(figure.name)
            bears_on = tuple(claim for claim in figure.claims if (figure.regime, claim) in claims)
            yield replace(figure, claims=bears_on), measure, foremost


def _cell_figures(study: Study) -> Iterator[_Planned]:
    """Every figure of the cell that the study shows."""
    result, regime = showcase(study), study.theorem.regime
    if result is None:
        return
    for name, drawing in cell_drawings().items():
        figure = _figure(
            f"{regime}-{name}", regime, f"{drawing.caption}; {problem_words(result)}",
            drawing.claims,
        )  # fmt: skip
        yield figure, partial(drawing.measure, study, result), drawing.foremost


def _bound_figures(study: Study, verdicts: Iterable[Verdict]) -> Iterator[_Planned]:
    """Each bound with the worst of the held-out cells to which it applies."""
    worst = {verdict.claim: verdict.worst_cell for verdict in verdicts}
    theorem = study.theorem
    for bound in theorem.bounds:
        cells: list[CellResult] = [
            result for result in study.select(Role.HELD_OUT, "stage")
            if result.ok.any() and speaks_of(bound, result)
            and bound.quantity in result.trajectory.quantities
        ]  # fmt: skip
        if not cells:
            continue
        first = next((result for result in cells if result.inside), cells[0])
        named = (result for result in cells if result.cell.name == worst.get(bound.name))
        result = next(named, first)
        figure = _figure(
            f"{theorem.name}-{bound.name}", theorem.regime,
            f"{bound.quantity} and the bound {bound.name}; {problem_words(result)}",
            (bound.name,),
        )  # fmt: skip
        yield figure, partial(bound_drawing.measure, study, result, bound), False


def _verdict_figures(study: Study, verdicts: Iterable[Verdict]) -> Iterator[_Planned]:
    """What the verdicts on a theorem rest on, over all its cells."""
    theorem = study.theorem
    own = [verdict for verdict in verdicts if verdict.regime == theorem.regime]
    for drawing in verdict_drawings().values():
        shown = [verdict for verdict in own if drawing.shows(study, verdict)]
        groups = [[verdict] for verdict in shown] if drawing.apart else [shown]
        for group in filter(None, groups):
            claims = tuple(verdict.claim for verdict in group)
            part = f"{claims[0]}-{drawing.name}" if drawing.apart else drawing.name
            caption = f"{claims[0]}: {drawing.caption}" if drawing.apart else drawing.caption
            figure = _figure(f"{theorem.name}-{part}", theorem.regime, caption, claims)
            yield figure, partial(drawing.measure, study, group), drawing.foremost
    read = {reading.name for reading in theorem.readings}
    for verdict in own:
        if verdict.claim not in read:
            continue
        alone = fit_reading(study, verdict.claim)
        for drawing in verdict_drawings().values():
            if drawing.apart and drawing.shows(alone, verdict):
                figure = _figure(
                    f"{theorem.name}-{verdict.claim}-{drawing.name}", theorem.regime,
                    f"{verdict.claim}: {drawing.caption}", (verdict.claim,),
                )  # fmt: skip
                yield figure, partial(drawing.measure, alone, [verdict]), drawing.foremost


def _figure(name: str, regime: str, caption: str, claims: tuple[str, ...]) -> DrawnFigure:
    files = (*(f"figures/{name}.{form}" for form in PRINTED), f"tables/{name}.csv")
    return DrawnFigure(name, regime, caption, files, claims)


def figures_of(decided: Decided) -> tuple[DrawnFigure, ...]:
    """The figures that `save_figures` would draw; nothing is drawn.

    Args:
        decided: a verification, or a run of the ledger.

    Example:
        >>> from bofcheck.compare import verify
        >>> from bofcheck.compare.userdata import theorem_plan
        >>> from bofcheck.theory import neighbours
        >>> figures = figures_of(verify(theorem_plan(neighbours()["magen2024"], seeds=2)))
        >>> [figure.name for figure in figures], figures[0].files[0]
        (['magen2024-MG1', 'magen2024-MG2', 'magen2024-measured'], 'figures/magen2024-MG1.png')
    """
    return tuple(figure for figure, *_ in _planned(decided))


def save_figures(
    decided: Decided,
    folder: Path,
    complain: Callable[[str], object] | None = None,
) -> tuple[DrawnFigure, ...]:
    """Draw every figure of every study's showcase cell as PNG (120 dpi) and PDF.

    Each is drawn from its table as read back, just as `bofcheck plot` redraws it later. Verdicts
    must not be lost because of a picture: a figure that cannot be drawn is left out.

    Args:
        decided: a verification, or a run of the ledger.
        folder: results folder; ``figures/NAME.png``, ``figures/NAME.pdf`` and ``tables/NAME.csv``
            go there.
        complain: called with one line about each figure that is left out; by default the line goes
            to standard error.

    Returns:
        The figures whose files were written.

    Raises:
        OSError: if a file cannot be written.

    Example:
        >>> import tempfile
        >>> from dataclasses import replace
        >>> from bofcheck.compare import verify
        >>> from bofcheck.compare.userdata import theorem_plan
        >>> from bofcheck.theory import neighbours
        >>> source = neighbours()["magen2024"]
        >>> cells = {**source.training, "cells": source.training["cells"][:1]}
        >>> verification = verify(theorem_plan(replace(source, training=cells), seeds=2))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     figures = save_figures(verification, Path(folder))
        >>> [figure.name for figure in figures]
        ['magen2024-MG1', 'magen2024-measured']
        >>> figures[0].files
        ('figures/magen2024-MG1.png', 'figures/magen2024-MG1.pdf', 'tables/magen2024-MG1.csv')
    """
    for name in ("figures", "tables"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    drawn = []
    for figure, measure, _ in _planned(decided):
        try:
            table = _measured(measure)
            if not len(table):  # no run has what it would show
                continue
            files = _draw_files(figure.name, table)
        except Exception as error:  # anything that measuring and drawing raise
            for place in figure.files:  # an earlier picture would show something else
                (folder / place).unlink(missing_ok=True)
            why = " ".join(f"{type(error).__name__}: {error}".split())
            (complain or _complain)(f"figure {figure.name} was not drawn: {visible(why[:300])}")
            continue
        for place, payload in files.items():
            write_atomically(folder / place, [payload])
        drawn.append(figure)
    return tuple(drawn)


def _measured(measure: Callable[[], Table]) -> Table:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return measure()


def _draw_files(name: str, table: Table) -> dict[str, bytes]:
    """The contents of a figure's files, by their paths in the results folder."""
    text = table.to_csv()
    figure = draw(Table.from_csv(text))
    files = {f"tables/{name}.csv": text.encode()}
    return files | {f"figures/{name}.{form}": render(figure, form, _DPI[form]) for form in PRINTED}


def _complain(line: str) -> None:
    print(f"bofcheck: {line}", file=sys.stderr)
