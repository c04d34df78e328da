"""What a verification is about to do, and how long it will take, on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .output import Output

if TYPE_CHECKING:
    from ..compare.verify import Plan
    from ..simulate import TrajectoryStore
    from ..simulate.store import Progress

#: Seconds in which the claims are decided and the report is written, a problem of the plan; from
#: the quick preset on two cores.
SECONDS_A_PROBLEM = 0.5


def announced(plan: Plan, store: TrajectoryStore, output: Output, progress: Progress) -> Progress:
    """Say what is trained and decided; the progress that also says when deciding begins.

    Args:
        plan: what is about to be verified.
        store: where trained cells are kept.
        output: where notes go.
        progress: called with what is running, the work done and the total work.
    """
    orders = plan.orders()
    there = store.index()
    found = sum(order.name in there and all(there[order.name]) for order in orders)
    claims = sum(len(part.claims) for part in plan.parts)
    deciding = f"deciding {claims} claim{'s' * (claims != 1)}{_about(len(orders))}"
    lacking = len(orders) - found
    if not lacking:
        output.note(f"{found} problems found, nothing to train; {deciding}")
        return progress
    kept = f", {found} found" if found else ""
    said = begun = False

    def report(what: str, done: int, total: int) -> None:
        nonlocal said, begun
        if not said:  # an engine or device that cannot train has been refused by now
            said = True
            output.note(f"training {lacking} of {len(orders)} problems{kept}; then {deciding}")
        progress(what, done, total)
        if done >= total and not begun:
            begun = True
            output.note(deciding)

    return report


def _about(problems: int) -> str:
    """How long deciding takes, in words; nothing where it takes no time.

    >>> _about(434), _about(5)
    (', about 220 s', '')
    """
    seconds = problems * SECONDS_A_PROBLEM
    return f", about {round(seconds, -1):.0f} s" if seconds >= 5 else ""
