"""``verify``'s exit code, from the counts of verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from .codes import ExitCode


def exit_code(counts: Mapping[str, int], fail_on: str) -> ExitCode:
    """The exit code of a verification.

    Args:
        counts: number of claims by verdict.
        fail_on: ``"violated"``, which counts bounds that erode too, ``"inconclusive"``, which
            counts all of these, or ``"never"``.

    Returns:
        VIOLATED if a failing verdict occurs, else FAILED if a check itself failed, else OK.

    >>> exit_code({"HOLDS": 3, "VIOLATED": 1}, "violated")
    <ExitCode.VIOLATED: 1>
    >>> exit_code({"HOLDS": 3, "ERODES": 1}, "violated")
    <ExitCode.VIOLATED: 1>
    >>> exit_code({"HOLDS": 3, "INCONCLUSIVE": 1}, "violated")
    <ExitCode.OK: 0>
    """
    if fail_on == "never":
        return ExitCode.OK
    failing = {"VIOLATED", "ERODES"}
    if fail_on == "inconclusive":
        failing |= {"INCONCLUSIVE"}
    if any(counts.get(verdict, 0) for verdict in failing):
        return ExitCode.VIOLATED
    return ExitCode.FAILED if counts.get("ERROR", 0) else ExitCode.OK
