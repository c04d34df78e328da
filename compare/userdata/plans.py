"""Plans for your theorem: on curves you measured, or on cells that are trained here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...simulate import QUANTITIES
from ...theory import Theorem, TheoremSource
from ..cells import Cell, analyse, theory_values
from ..design import Design
from ..errors import CompareError
from ..fitting.constants import check_fittable
from ..verify import Part, Plan
from .claims import theorem_claims
from .copies import copy_notes
from .curves import Measured
from .numbers import CellNumbers
from .roles import single_valued
from .split import split_roles
from .training import training_design


def needed_quantities(theorem: Theorem) -> set[str]:
    """The quantities that curves must hold: those the theorem bounds, and those of its events.

    >>> from bofcheck.theory import get_theorem
    >>> sorted(needed_quantities(get_theorem("kou2023")))
    ['test_error', 'train_loss']
    """
    timed = theorem.timed
    events = {name for event in theorem.events if event.name in timed for name in event.quantities}
    read = {boundary.quantity for boundary in theorem.boundaries}
    return events | read | {bound.quantity for bound in theorem.bounds}


def curves_plan(
    theorem: Theorem,
    curves: Mapping[str, Measured],
    numbers: CellNumbers | None = None,
    *,
    data: str = "curves",
) -> Plan:
    """Fit a theorem's constants on some measured curves and decide its bounds on the rest.

    Args:
        theorem: any theorem, e.g. from `read_theorem`.
        curves: curves by cell name, as from `read_curves`.
        numbers: values of the theorem's symbols, and roles.
        data: name of the curves in the report.

    Returns:
        A plan with one part, which trains nothing and decides each bound and time. Its settings
        hold ``notes`` if the report's reader must know something: columns that are not read, or
        runs that are copies of other runs.

    Raises:
        CompareError: a number, a role or a quantity is missing, a cell has no number at all, or a
            bound cannot be fitted.

    Example:
        >>> import numpy as np
        >>> from bofcheck.compare import verify
        >>> from bofcheck.theory import get_theorem
        >>> steps = np.arange(0.0, 1000.0, 100.0)
        >>> scatter = np.linspace(0.9, 1.1, 200)[:, None]
        >>> error = 0.1 + 0.4 * scatter * np.exp(-steps / 100)
        >>> loss = 0.7 * scatter * np.exp(-steps / 200)
        >>> quantities = {"test_error": error, "train_loss": loss}
        >>> curves = Measured(steps, np.arange(200), quantities, np.zeros(200, dtype=bool))
        >>> numbers = CellNumbers(dict(N=20, mu=1.0, sigma_p=0.1, d=100, p=0.1, epsilon=0.1,
        ...                            m=10, eta=0.1, q=1, sigma_0=0.01))
        >>> plan = curves_plan(get_theorem("kou2023"), {"mine": curves}, numbers)
        >>> verdict = verify(plan).verdicts[0]
        >>> verdict.claim, verdict.word, verdict.discrimination.counts
        ('K1', 'HOLDS (weak test)', (0, 20))
    """
    check_fittable(theorem)
    _check_bounded(theorem, curves)
    empty = [name for name, part in curves.items() if not part.steps.size]
    if empty:
        raise CompareError(f"cell {empty[0]}: has no number in any run; leave the cell out")
    numbers = (numbers or CellNumbers()).named_as(curves)
    unknown = sorted(numbers.cells.keys() - curves.keys())
    if unknown:
        raise CompareError(f"cells.{unknown[0]}: no such cell in the data: {', '.join(curves)}")
    tables = {name: numbers.of(name) for name in curves}
    split = split_roles(theorem, curves, numbers.roles, tables)
    home = {id(measured): name for name, measured in curves.items()}
    results = []
    for name, role, part in split.parts:
        values = numbers.of(home.get(id(part)) or next(iter(curves)))
        note = f"{len(part.seeds)} runs of {data}"
        cell = Cell(name, role, "stage", None, int(part.steps.max()), note, fields=values)
        results.append(analyse(cell, part, theorem, values))
    claims = theorem_claims(theorem, trained=False)
    settings: dict[str, Any] = {
        "theorem": theorem.name, "title": theorem.title, "data": data, "split": split.rule,
    }  # fmt: skip
    read = (note for part in curves.values() for note in part.provenance.get("notes", ()))
    if notes := [*dict.fromkeys(read), *copy_notes(results), *single_valued(results)]:
        settings["notes"] = notes
    return Plan(settings, (Part(theorem, claims, results=tuple(results)),), claims)


def theorem_plan(
    source: TheoremSource,
    *,
    design: Design | None = None,
    seeds: int | None = None,
    engine: str = "span",
    device: str = "cpu",
) -> Plan:
    """Train the cells that decide a theorem, fit its constants and decide its bounds.

    Args:
        source: a theorem from `read_source`, or a neighbour.
        design: the cells to train if the theorem's file names none, under the theorem's name.
        seeds: runs per cell; None for the design's number.
        engine: ``"span"`` or ``"direct"``.
        device: where the engine computes.

    Returns:
        A plan with one part, which decides each bound and time.

    Raises:
        CompareError: there are no cells, the file's cells are wrong, a quantity is not logged, a
            symbol has no number in a trained problem, the theorem is about another model and
            names no cells to compare with, a bound cannot be fitted, or the engine
            cannot train the cells.

    Example:
        >>> from bofcheck.compare import verify
        >>> from bofcheck.theory import neighbours
        >>> verification = verify(theorem_plan(neighbours()["magen2024"], seeds=2))
        >>> verdict = verification.verdicts[0]
        >>> verdict.claim, verdict.status.value
        ('MG1', 'OUT_OF_SCOPE')
        >>> verdict.reason
        'it is about a single softmax head with a trained query vector p and value vector ...'
    """
    theorem = source.theorem
    check_fittable(theorem)
    foreign = sorted(needed_quantities(theorem) - QUANTITIES.keys())
    if foreign and not theorem.model:
        raise CompareError(
            f"{theorem.name}: {foreign[0]} is not logged; choose from {', '.join(QUANTITIES)}, or "
            "give curves that have it"
        )
    named = training_design(source)
    if theorem.model and named is None:
        raise CompareError(
            f"{theorem.name}: is about {theorem.model}, which is not trained here; give curves "
            "with --data, or problems to compare with in [training]"
        )
    chosen = named or design
    if chosen is None:
        raise CompareError(f"{theorem.name}: its file has no [training]; give a design of cells")
    if theorem.name not in chosen.cells:
        raise CompareError(
            f"design {chosen.name!r}: has no cells for {theorem.name}; it has cells for "
            f"{', '.join(chosen.cells) or 'nothing'}"
        )
    needed = theorem.numbers
    known = [theory_values(cell.order).keys() for cell in chosen.cells[theorem.name]]
    unknown = sorted(name for name in needed if any(name not in values for values in known))
    if unknown:
        raise CompareError(
            f"{theorem.name}: a problem trained here has no number for {', '.join(unknown)}, which "
            f"{needed[unknown[0]]} needs; fix it in [constants], or give curves with its number"
        )
    runs = chosen.seeds if seeds is None else seeds
    claims = theorem_claims(theorem, trained=True)
    settings: dict[str, Any] = {
        "theorem": theorem.name, "title": theorem.title,
        "preset": chosen.name if named else f"{chosen.name}, stage cells",
        "split": "fixed with the cells", "seeds": runs, "engine": engine, "device": device,
    }  # fmt: skip
    part = Part(theorem, claims, chosen.cells[theorem.name], log_at=chosen.log_at)
    return Plan(settings, (part,), claims, runs, engine, device)


def _check_bounded(theorem: Theorem, curves: Mapping[str, Measured]) -> None:
    """Refuse curves without any bounded quantity; a single bound without data is INCONCLUSIVE."""
    measured = {name for cell in curves.values() for name in cell.quantities}
    bounded = {bound.quantity for bound in theorem.bounds}
    if bounded and not bounded & measured and not theorem.times:
        raise CompareError(
            f"{theorem.name}: bounds {', '.join(sorted(bounded))}, but the curves only have "
            f"{', '.join(sorted(measured)) or 'no quantity'}; give curves of a bounded quantity"
        )
