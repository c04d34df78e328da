"""Runs added to a results folder: with more ``--seeds``, or with ``--until-decided``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .output import Output

if TYPE_CHECKING:
    from ..compare.verify import Plan, Verification
    from ..simulate import TrajectoryStore
    from ..simulate.store import Executor, Progress, Store


def growing_store(folder: Path, settings: Mapping[str, Any]) -> TrajectoryStore:
    """A results folder that gets more runs if more are asked for and all else is the same.

    Args:
        folder: the folder.
        settings: of the command, with ``seeds``.

    Raises:
        StoreError: as for `TrajectoryStore`, also where fewer runs are asked for than it was begun
            with.
    """
    from ..simulate import TrajectoryStore
    from ..simulate.store.settings import read_settings

    stored = read_settings(folder)
    grows = (
        stored is not None
        and {**stored, "seeds": settings["seeds"]} == {**settings}
        and settings["seeds"] >= stored.get("seeds", math.inf)
    )
    return TrajectoryStore(folder, settings, grows=grows)


@dataclass(frozen=True)
class AddedRuns:
    """Whether runs are added, and up to how many a cell.

    Attributes:
        wanted: whether they are.
        most: runs of a cell that are not exceeded; None for the default.
    """

    wanted: bool = False
    most: int | None = None

    def check(self) -> None:
        """Refuse a limit without runs that are added.

        Raises:
            click.UsageError: saying which option is missing.
        """
        if self.most is not None and not self.wanted:
            raise click.UsageError("--max-seeds limits --until-decided; give that too")

    def check_limit(self, plan: Plan) -> None:
        """Refuse a limit below the runs a cell begins with, before anything is trained.

        Raises:
            CompareError: the limit is below them.
        """
        from ..compare.rounds import planned_looks

        if self.wanted and plan.seeds is not None:
            planned_looks(plan.seeds, self.most)

    def verify(
        self,
        plan: Plan,
        store: Store,
        output: Output,
        executor: Executor | None,
        progress: Progress | None,
    ) -> Verification:
        """Decide a plan, once or until no claim about runs lacks them."""
        from ..compare import verify
        from ..compare.rounds import verify_until_decided

        if not self.wanted:
            return verify(plan, store=store, executor=executor, progress=progress)
        verification = verify_until_decided(
            plan, store, most=self.most, executor=executor, progress=progress
        )
        runs = verification.settings["looks"][-1]
        said = verification.settings["until_decided"]
        output.note(f"up to {runs} runs a cell; {said}")
        return verification


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add both options; the command receives ``until_decided`` and ``max_seeds``."""
    function = click.option(
        "--max-seeds",
        type=click.IntRange(1, 100_000),
        metavar="N",
        help="Most runs per cell with --until-decided.  [default: 8 times the first round's]",
    )(function)
    return click.option(
        "--until-decided",
        is_flag=True,
        help="Double the runs of stage cells until no claim about runs lacks them; stored runs "
        "are kept.",
    )(function)
