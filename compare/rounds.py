"""Runs added in rounds, until every claim about runs is decided.

Who looks at data, adds some and looks again finds a chance result more easily than who looks once
(Armitage, McPherson and Rowe 1969). So the looks are planned before the first, and the chance that
an exact bound of a fraction misses is shared among all of them (Bonferroni), also among those that
turn out not to be needed. Only claims about runs ask for runs. What else is decided on the data of
the last look has the chances of error of a single look.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..simulate.store import Executor, Progress, Store
from .cells import Role, Study
from .errors import CompareError
from .thresholds import EXACT_BOUND_MISS, FIT_MIN_RUNS
from .verdict import Status, Verdict
from .verify import Part, Plan, Verification, verify

#: How many times the runs of the first look a cell may get, unless another limit is given.
MOST_TIMES = 8
#: The kind of cells whose runs decide claims about runs, and on which constants are fitted.
KIND = "stage"


def planned_looks(first: int, most: int | None = None) -> tuple[int, ...]:
    """Runs of a cell at each look: twice as many as before, up to a limit.

    Args:
        first: runs at the first look.
        most: the limit; None for eight times as many.

    Raises:
        CompareError: the limit is below the first number.

    Example:
        >>> planned_looks(8), planned_looks(8, 20), planned_looks(8, 8)
        ((8, 16, 32, 64), (8, 16, 20), (8,))
    """
    limit = MOST_TIMES * first if most is None else most
    if limit < first:
        raise CompareError(
            f"max_seeds = {limit}: below the {first} runs that a cell begins with; give more"
        )
    looks = [first]
    while looks[-1] < limit:
        looks.append(min(2 * looks[-1], limit))
    return tuple(looks)


def verify_until_decided(
    plan: Plan,
    store: Store,
    *,
    most: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Verify a plan, adding runs until no claim about runs lacks them.

    Each round doubles the runs of the stage cells of the theorems with such a claim; stored runs
    are not trained again. The settings of the outcome say how often the data were looked at.

    Args:
        plan: with a number of runs for every cell.
        store: a store that grows, where trained cells are kept.
        most: runs of a cell that are not exceeded; None for eight times the plan's.
        executor: as for `verify`.
        progress: as for `verify`.

    Raises:
        CompareError: the plan gives no number of runs or trains nothing, the limit is below it, or
            the store does not grow.
        SimulationError: as for `verify`.

    Example:
        >>> import tempfile
        >>> from dataclasses import replace
        >>> from bofcheck.compare import all_claims, Cell
        >>> from bofcheck.simulate import Problem, TrajectoryStore
        >>> from bofcheck.theory import benign
        >>> cell = Cell("a", Role.HELD_OUT, "stage", Problem(n_samples=8, dim=400), steps=2)
        >>> claim = all_claims()["M1"]  # attention starts near 1/2: a claim about runs
        >>> part = Part(benign, (claim,), (cell,), log_at="every:1", fit=False)
        >>> plan = Plan({}, (part,), (claim,), seeds=30)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {"seeds": 30}, grows=True)
        ...     outcome = verify_until_decided(plan, store)
        >>> outcome.settings["looks"], outcome.settings["until_decided"]
        ([30, 60, 120], '3 of 4 planned looks, each with a 1.25% chance of a miss')
    """
    if plan.seeds is None or not any(part.cells for part in plan.parts):
        raise CompareError("until decided: give a plan that trains cells, and a number of runs")
    if not store.grows:
        raise CompareError("until decided: give a store that grows, TrajectoryStore(grows=True)")
    looks = planned_looks(plan.seeds, most)
    plan = replace(plan, looks=len(looks))
    done = 1
    while True:
        whole = verify(plan, store=store, executor=executor, progress=progress)
        lacking = short_of_runs(whole)
        if not lacking or done == len(looks):
            said = _said(looks, done)
            return replace(whole, settings={**whole.settings, **said})
        while lacking and done < len(looks):  # the other claims wait for the last look
            plan = replace(plan, grown={**plan.grown, **_more(plan, lacking, looks[done])})
            done += 1
            asked = _only(plan, lacking)
            lacking = short_of_runs(
                verify(asked, store=store, executor=executor, progress=progress)
            )


def short_of_runs(verification: Verification) -> set[tuple[str, str]]:
    """Theorem and claim of every verdict that is INCONCLUSIVE for lack of runs.

    Too few held-out runs for the bound of a fraction, or too few calibration runs for a constant.
    """
    studies = {study.theorem.name: study for study in verification.studies}
    regimes = {study.theorem.regime: name for name, study in studies.items()}
    return {
        (regimes[verdict.regime], verdict.claim)
        for verdict in verification.verdicts
        if verdict.status is Status.INCONCLUSIVE
        and (
            verdict.evidence.get("more_runs")
            or _unfitted(studies[regimes[verdict.regime]], verdict)
        )
    }


def _unfitted(study: Study, verdict: Verdict) -> bool:
    """Whether a bound has no constants because there are too few calibration runs."""
    if verdict.claim not in study.constants.failures:
        return False
    return sum(int(r.ok.sum()) for r in study.select(Role.CALIBRATION, KIND)) < FIT_MIN_RUNS


def _more(plan: Plan, lacking: set[tuple[str, str]], runs: int) -> dict[str, int]:
    """So many runs for each stage cell of the theorems with a claim that lacks them."""
    names = {theorem for theorem, _ in lacking}
    return {
        cell.name: runs
        for part in plan.parts
        if part.theorem.name in names
        for cell in part.cells
        if cell.kind == KIND
    }


def _only(plan: Plan, wanted: set[tuple[str, str]]) -> Plan:
    """The plan with some claims alone, and the cells that these need."""
    parts = tuple(_parts(plan, wanted))
    chosen = {claim.id for part in parts for claim in part.claims}
    return replace(plan, parts=parts, claims=tuple(c for c in plan.claims if c.id in chosen))


def _parts(plan: Plan, wanted: set[tuple[str, str]]) -> Iterator[Part]:
    for part in plan.parts:
        claims = tuple(c for c in part.claims if (part.theorem.name, c.id) in wanted)
        kinds = {kind for claim in claims for kind in claim.kinds or ()} | {KIND}
        whole = any(claim.kinds is None for claim in claims)
        cells = tuple(cell for cell in part.cells if whole or cell.kind in kinds)
        if claims:
            yield replace(part, claims=claims, cells=cells, leave_out=False)


def _said(looks: tuple[int, ...], done: int) -> dict[str, object]:
    """What a report's settings say of the looks."""
    miss = EXACT_BOUND_MISS / len(looks)
    each = f"each with a {100 * miss:.3g}% chance of a miss"
    return {
        "looks": list(looks[:done]),
        "looks_planned": len(looks),
        "until_decided": f"{done} of {len(looks)} planned looks, {each}",
    }
