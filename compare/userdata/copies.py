"""Runs that are copies of other runs: they add a name to a table and no evidence.

Two runs are copies if they agree to the last digit in every quantity that was read, at every step,
and say enough for that to be no coincidence: their different values have `TELLING_DIGITS`
significant digits together. A test_error that is 0 from the first step on, or one counted on a
hundred samples, says too little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Role
from ..events import Curves, steps_by_run
from ..thresholds import TELLING_DIGITS
from .curves import Measured

#: Digits of one value that count: a single constant, such as log 2, tells nothing.
_COUNTED_DIGITS = 6
#: Runs and cells named in a note.
_SHOWN = 4


@dataclass(frozen=True)
class Copy:
    """A run that is a copy.

    Attributes:
        cell: its cell.
        run: its name.
        role: its cell's role.
        of_cell: the cell of the first run with these curves, calibration cells first.
        of_run: that run.
    """

    cell: str
    run: str
    role: Role
    of_cell: str
    of_run: str


def find_copies(results: Iterable[CellResult]) -> dict[str, NDArray[np.bool_]]:
    """Which runs of each cell are copies, by the cell's name.

    A run with the curves of a run of a calibration cell is the copy, wherever it comes in the file.

    >>> find_copies([])
    {}
    """
    results = list(results)
    marks = {
        result.cell.name: np.zeros(len(result.trajectory.seeds), dtype=bool) for result in results
    }
    for copy, run in _copies(results):
        marks[copy.cell][run] = True
    return marks


def _copies(results: Sequence[CellResult]) -> list[tuple[Copy, int]]:
    """Every copy, with its row in its cell."""
    first: dict[bytes, tuple[CellResult, int]] = {}
    telling: dict[bytes, bool] = {}
    found = []
    for result in sorted(results, key=lambda result: result.cell.role is not Role.CALIBRATION):
        curves = result.trajectory
        for run, key in enumerate(_keys(curves)):
            home, original = first.setdefault(key, (result, run))
            if (home, original) == (result, run):
                continue
            if key not in telling:
                telling[key] = _digits(curves, run) >= TELLING_DIGITS
            if telling[key]:
                copy = Copy(
                    result.cell.name, str(curves.seeds[run]), result.cell.role,
                    home.cell.name, str(home.trajectory.seeds[original]),
                )  # fmt: skip
                found.append((copy, run))
    return found


def _keys(curves: Curves) -> Iterable[bytes]:
    """A checksum of each run's numbers and their steps."""
    steps = steps_by_run(curves).astype(float, copy=False)
    for run in range(len(curves.seeds)):
        checksum = hashlib.blake2b(digest_size=16)
        for name in sorted(curves.quantities):
            values = curves[name][run]
            known = ~np.isnan(values)
            checksum.update(f"{name}\n{known.sum()}\n".encode())
            checksum.update(steps[run, known].tobytes())
            checksum.update((values[known] + 0.0).tobytes())  # -0 is 0
        yield checksum.digest()


def _digits(curves: Curves, run: int) -> int:
    """Significant digits of a run's different values, up to where they tell enough."""
    total = 0
    for values in curves.quantities.values():
        numbers = values[run]
        for value in np.unique(np.abs(numbers[np.isfinite(numbers)])).tolist():
            mantissa = f"{value:.{_COUNTED_DIGITS - 1}e}".partition("e")[0].replace(".", "")
            total += len(mantissa.rstrip("0"))
            if total >= TELLING_DIGITS:
                return total
    return total


def copy_notes(results: Iterable[CellResult]) -> list[str]:
    """Which runs are copies of which, one line for each cell that has copies.

    Example:
        >>> from bofcheck.compare.userdata import CellNumbers, curves_plan
        >>> from bofcheck.theory import get_theorem
        >>> loss = np.array([[0.51237, 0.26194], [0.53815, 0.20457], [0.51237, 0.26194]])
        >>> both = {"train_loss": loss, "test_error": loss / 2}
        >>> curves = Measured(np.array([0.0, 9.0]), np.arange(3), both, np.zeros(3, dtype=bool))
        >>> numbers = CellNumbers(dict(N=20, mu=1.0, sigma_p=0.1, d=100, epsilon=0.1, p=0.1,
        ...                            m=10, eta=0.1, q=1, sigma_0=0.01))
        >>> plan = curves_plan(get_theorem("kou2023"), {"x": curves}, numbers)
        >>> copy_notes(plan.parts[0].results)[0].partition(";")[0]
        'x-calibration: 1 of 2 runs are copies of other runs, to the last digit (2 is 0)'
    """
    results = list(results)
    by_cell: dict[str, list[Copy]] = {}
    for copy, _ in _copies(results):
        by_cell.setdefault(copy.cell, []).append(copy)
    notes = []
    for result in results:
        copies = by_cell.get(result.cell.name, [])
        if copies:
            shown = ", ".join(_named(copy) for copy in copies[:_SHOWN])
            more = f" and {len(copies) - _SHOWN} more" if len(copies) > _SHOWN else ""
            runs = len(result.trajectory.seeds)
            notes.append(
                f"{result.cell.name}: {len(copies)} of {runs} runs are copies of other runs, to "
                f"the last digit ({shown}{more}); a copy is not evidence that a bound holds"
            )
    return notes


def _named(copy: Copy) -> str:
    home = "" if copy.of_cell == copy.cell else f" of {copy.of_cell}"
    return f"{copy.run} is {copy.of_run}{home}"


def without_copies(results: Sequence[CellResult]) -> tuple[CellResult, ...]:
    """The cells with every copy left out, and without cells that are copies altogether.

    >>> without_copies([])
    ()
    """
    kept = []
    marks = find_copies(results)
    for result in results:
        copies = marks[result.cell.name]
        if copies.all() and copies.size:
            continue
        kept.append(_rows(result, ~copies) if copies.any() else result)
    return tuple(kept)


def _rows(result: CellResult, which: NDArray[np.bool_]) -> CellResult:
    curves = result.trajectory
    return replace(
        result,
        trajectory=Measured(
            curves.steps if curves.steps.ndim == 1 else curves.steps[which], curves.seeds[which],
            {name: curves[name][which] for name in curves.quantities},
            curves.diverged[which], curves.provenance,
        ),
        events={name: steps[which] for name, steps in result.events.items()},
        ends={name: steps[which] for name, steps in result.ends.items()},
        logged={name: (last[which], by[which]) for name, (last, by) in result.logged.items()},
    )  # fmt: skip
