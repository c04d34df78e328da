"""Figures of a verification: one module each, found in this folder.

A module without a leading underscore offers ``measure(study, result) -> Table``, the rows of
`_rows`; ``paint(table, look) -> Figure``, which sees nothing else, so that a figure can be drawn
again from its CSV file; and ``CLAIMS``, the ids of the claims it bears on. Its name is the
figure's, its first line the caption. Adding a figure is adding a file. matplotlib is used without
pyplot, so drawing changes no global state and needs no display.
"""

from __future__ import annotations

import importlib
import io
import pkgutil
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..._visible import visible
from ...simulate.store.atomic import write_atomically
from ...theory import Bound
from ..cells import CellResult, Role, Runs, Study
from ..errors import CompareError
from ..fitting.bounds import speaks_of
from ..report.models import FigureEntry
from . import drawings
from .drawings import _bounded
from .style import Look
from .table import Table

if TYPE_CHECKING:
    from ..papers.zhang2025.decide import Decisions
    from ..verdict import Verdict
    from ..verify import Verification

__all__ = [
    "FORMS",
    "draw_bound",
    "draw_figure",
    "drawn_entries",
    "figure_entries",
    "figure_names",
    "is_drawing",
    "paint",
    "render",
    "save_figures",
    "showcase",
]

#: Form -> metadata. Dates are left out, so that equal results give equal files.
FORMS: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None},
    "svg": {"Date": None},
}
#: The forms a results folder gets.
PRINTED = ("png", "pdf")


def figure_names() -> list[str]:
    """Names of all figures.

    >>> figure_names()
    ['attention', 'errors', 'losses', 'values']
    """
    names = (module.name for module in pkgutil.iter_modules(drawings.__path__))
    return sorted(name for name in names if not name.startswith("_"))


def draw_figure(name: str, study: Study, result: CellResult, look: Look | None = None) -> Figure:
    """One figure of one cell.

    Args:
        name: one of `figure_names`.
        study: whose bounds are drawn.
        result: the cell.
        look: how it is dressed; as the figure was made if None.

    Returns:
        The figure; `render` or its ``savefig`` writes it.

    Raises:
        CompareError: there is no such figure.

    Example:
        >>> from bofcheck.compare import Cell, analyse
        >>> from bofcheck.simulate import Problem, train
        >>> from bofcheck.theory import get_theorem
        >>> cell = Cell("small", Role.HELD_OUT, "stage", Problem(n_samples=4, dim=100), steps=50)
        >>> result = analyse(cell, train(cell.problem, seeds=2, steps=50), "benign")
        >>> figure = draw_figure("errors", Study(get_theorem("benign"), (result,)), result)
        >>> [ax.get_ylabel() for ax in figure.axes], float(figure.get_figwidth())
        (['test error', 'excess over $p$'], 7.0)
    """
    return paint(_module(name).measure(study, result), look)


def draw_bound(study: Study[Any], result: Runs, bound: Bound, look: Look | None = None) -> Figure:
    """A bounded quantity and one bound on it, in one cell.

    Args:
        study: whose constants are drawn.
        result: the cell.
        bound: one of the bounds of the study's theorem.
        look: how it is dressed.

    Example:
        >>> from bofcheck.compare.userdata import verify_theorem
        >>> from bofcheck.theory import neighbours
        >>> (study,) = verify_theorem(neighbours()["kou2023"], seeds=2).studies
        >>> figure = draw_bound(study, study.results[1], study.theorem.bound("K1"))
        >>> figure.axes[0].get_ylabel()
        'test_error'
    """
    return paint(_bounded.measure(study, result, bound), look)


def is_drawing(table: Table) -> bool:
    """Whether `paint` draws this table.

    >>> is_drawing(Table(({"drawing": "errors", "panel": "a"},))), is_drawing(Table(({"step": 1},)))
    (True, False)
    """
    return "drawing" in table.columns


def paint(table: Table, look: Look | None = None) -> Figure:
    """Draw the rows of a figure.

    Args:
        table: as a module here measures it, or as it is read back from CSV.
        look: how it is dressed.

    Raises:
        CompareError: it names no figure of this folder.

    Example:
        >>> head = {"drawing": "values", "panel": "a"}
        >>> rows = [{**head, "kind": "cell", "series": "mine"},
        ...         {**head, "kind": "about", "series": "two steps"}]
        >>> rows += [{**head, "kind": "median", "series": "$|V_+|$", "step": t, "value": v,
        ...           "low": v, "high": v} for t, v in ((1, 0.1), (10, 0.5))]
        >>> (ax,) = paint(Table(tuple(rows)), Look(width="one")).axes
        >>> ax.get_ylabel(), ax.get_yscale()
        ('value of a token', 'log')
    """
    names = table.texts("drawing")
    dressed = look or Look()
    with rc_context(dressed.settings), _without_warnings():
        figure: Figure = _module(*names[:1]).paint(table, dressed)
    return figure


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Keep to itself what matplotlib minds, such as a name in letters its fonts do not have."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _module(name: str = "") -> Any:
    if name == "bounded":
        return _bounded
    if name not in figure_names():
        raise CompareError(f"figure {name!r}: unknown; choose one of {', '.join(figure_names())}")
    return importlib.import_module(f"{drawings.__name__}.{name}")


def showcase(study: Study) -> CellResult | None:
    """The cell figures show: the first held-out stage cell inside Assumption 4.1.

    Without one inside it is the first held-out stage cell; None if there is no such cell or
    all its runs diverged.

    Example:
        >>> import numpy as np
        >>> from bofcheck.compare.calibration import BenignTruth, benign_study
        >>> study = benign_study(np.random.default_rng(0), 0.0, BenignTruth())
        >>> result = showcase(study)
        >>> result.cell.name, result.cell.role.value, result.inside
        ('b-tight', 'held out', True)
    """
    cells = [cell for cell in study.select(Role.HELD_OUT, "stage") if cell.ok.any()]
    return next((cell for cell in cells if cell.inside), cells[0] if cells else None)


@dataclass(frozen=True)
class _Drawing:
    """One figure of a verification: how it is named and described, and what it shows."""

    name: str
    regime: str
    caption: str
    claims: tuple[str, ...]
    measure: Callable[[], Table]


def _drawings(verification: Verification | Decisions) -> Iterator[_Drawing]:
    """Every figure: of the paper's theorems those in this folder, of another's one a quantity."""
    for study in verification.studies:
        if not all(isinstance(one, CellResult) for one in study.results):
            yield from _own_drawings(study, verification.verdicts)
            continue
        result, regime = showcase(study), study.theorem.regime
        if result is None:
            continue
        for name in figure_names():
            module = _module(name)
            caption = str(module.__doc__).partition("\n")[0].rstrip(".")
            yield _Drawing(
                f"{regime}-{name}", regime, f"{caption}; cell {result.cell.name}", module.CLAIMS,
                partial(module.measure, study, result),
            )  # fmt: skip


def _own_drawings(study: Study[Any], verdicts: Iterable[Verdict]) -> Iterator[_Drawing]:
    """Each bound with the worst of the held-out cells it speaks about."""
    worst = {one.claim: one.worst_cell for one in verdicts}
    theorem = study.theorem
    for bound in theorem.bounds:
        cells: list[Runs] = [
            one for one in study.select(Role.HELD_OUT, "stage")
            if one.ok.any() and speaks_of(bound, one)
            and bound.quantity in one.trajectory.quantities
        ]  # fmt: skip
        if cells:
            first = next((one for one in cells if one.inside), cells[0])
            named = [one for one in cells if one.cell.name == worst.get(bound.name)]
            result = named[0] if named else first
            caption = f"{bound.quantity} and the bound {bound.name}; cell {result.cell.name}"
            yield _Drawing(
                f"{theorem.name}-{bound.name}", theorem.regime, caption, (bound.name,),
                partial(_bounded.measure, study, result, bound),
            )  # fmt: skip


def figure_entries(verification: Verification | Decisions) -> list[FigureEntry]:
    """What a report says about the figures that `save_figures` is to draw; nothing is drawn.

    Args:
        verification: what was decided.

    Returns:
        One entry a figure, with its caption, the files' paths and the claims it bears on.

    Example:
        >>> from bofcheck.compare.userdata import verify_theorem
        >>> from bofcheck.theory import neighbours
        >>> entries = figure_entries(verify_theorem(neighbours()["kou2023"], seeds=2))
        >>> [entry["name"] for entry in entries], entries[0]["files"][0]
        (['kou2023-K1', 'kou2023-K2'], 'figures/kou2023-K1.png')
    """
    decided = {(one.regime, one.claim) for one in verification.verdicts}
    return [
        {
            "name": one.name,
            "regime": one.regime,
            "caption": one.caption,
            "files": _files(one.name),
            "claims": [claim for claim in one.claims if (one.regime, claim) in decided],
        }
        for one in _drawings(verification)
    ]


def _files(name: str) -> list[str]:
    """The files of a figure, relative to the results folder."""
    return [*(f"figures/{name}.{form}" for form in PRINTED), f"tables/{name}.csv"]


def save_figures(
    verification: Verification | Decisions,
    folder: Path,
    complain: Callable[[str], object] | None = None,
) -> list[Path]:
    """Draw every figure of every study's showcase cell as PNG (300 dpi) and PDF.

    Each is drawn from its table as it reads back, as `bofcheck plot` draws it later. What was
    decided must not be lost over a picture: a figure that cannot be drawn is left out.

    Args:
        verification: what to draw.
        folder: results folder; ``figures/NAME.png``, ``figures/NAME.pdf`` and ``tables/NAME.csv``
            go there. NAME is ``<regime>-<figure>``, or ``<theorem>-<bound>`` for another's theorem.
        complain: called with one line on each figure that is left out; by default it goes to
            standard error.

    Returns:
        The files written.

    Raises:
        OSError: if a file cannot be written.

    Example:
        >>> import tempfile
        >>> from dataclasses import replace
        >>> from bofcheck.compare.userdata import verify_theorem
        >>> from bofcheck.theory import neighbours
        >>> source = neighbours()["kou2023"]
        >>> cells = {**source.training, "cells": source.training["cells"][:2]}
        >>> made = verify_theorem(replace(source, training=cells), seeds=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path.name for path in save_figures(made, Path(folder))]
        ['kou2023-K1.csv', 'kou2023-K1.png', 'kou2023-K1.pdf']
    """
    for name in ("figures", "tables"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    written = []
    for one in _drawings(verification):
        try:
            with _without_warnings():
                files = _drawn(one)
        except Exception as error:  # whatever measuring and painting raise
            for place in _files(one.name):  # an earlier picture shows something else
                (folder / place).unlink(missing_ok=True)
            why = " ".join(f"{type(error).__name__}: {error}".split())
            (complain or _complain)(f"figure {one.name} was not drawn: {visible(why[:300])}")
            continue
        for place, payload in files.items():
            write_atomically(folder / place, [payload])
            written.append(folder / place)
    return written


def drawn_entries(
    entries: Iterable[FigureEntry], folder: Path, written: Iterable[Path]
) -> list[FigureEntry]:
    """Those of `figure_entries` whose files were written.

    Args:
        entries: all figures that were to be drawn.
        folder: where they were to go.
        written: what `save_figures` returned.

    Example:
        >>> one = {"name": "a", "regime": "", "caption": "", "files": ["figures/a.png"]}
        >>> drawn_entries([{**one, "claims": []}], Path("r"), [Path("r/figures/b.png")])
        []
    """
    there = {path.relative_to(folder).as_posix() for path in written}
    return [one for one in entries if there.issuperset(one["files"])]


def _drawn(drawing: _Drawing) -> dict[str, bytes]:
    """The files of a figure, by their places in the results folder."""
    text = drawing.measure().to_csv()
    figure = paint(Table.from_csv(text))
    files = {f"tables/{drawing.name}.csv": text.encode()}
    return files | {f"figures/{drawing.name}.{form}": render(figure, form) for form in PRINTED}


def _complain(line: str) -> None:
    print(f"bofcheck: {line}", file=sys.stderr)


def render(figure: Figure, form: str, dpi: int = 300) -> bytes:
    """A figure as a file's bytes, the same for the same figure.

    Args:
        figure: what to write.
        form: ``"png"``, ``"pdf"`` or ``"svg"``.
        dpi: dots per inch of what is drawn as dots.

    Returns:
        The bytes of the file.

    Example:
        >>> figure = Figure(figsize=(1, 1))
        >>> render(figure, "png", dpi=50)[1:4], render(figure, "pdf")[1:4]
        (b'PNG', b'PDF')
    """
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    # Type 42 embeds fonts as TrueType, which printers and publishers ask for.
    with rc_context({"pdf.fonttype": 42, "svg.hashsalt": "bofcheck"}), _without_warnings():
        figure.savefig(buffer, format=form, dpi=dpi, metadata=FORMS[form])
    return buffer.getvalue()
