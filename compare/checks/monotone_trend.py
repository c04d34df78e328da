"""Does the final test_loss rise or fall along a number, as a sentence on an experiment says?

Sentences on the paper's experiments are about those experiments: their settings are the scope, and
Assumption 4.1, which none of them meets, is none of their hypotheses. A STATED sentence that fails
is VIOLATED with scope ``outside``; a direction that follows from the theory alone (DERIVED) has
the theory's hypothesis, and failing outside it is OUT_OF_SCOPE.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...theory import Provenance
from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..verdict import Scope, Status, Verdict
from .chains import Chain, chain_lines, chains, score_limit, trend

#: One-sided false alarm of HOLDS, of a failure over all chains, and of one in single chains.
FALSE_ALARM = 0.01
#: Runs a level needs, and levels with as many, for anything to be said.
MIN_RUNS = 4


def failure_status(claim: Claim, results: Iterable[CellResult]) -> Status:
    """What a failed sentence on an experiment is called.

    VIOLATED if it is STATED of the experiment, or where a cell meets Assumption 4.1.
    """
    if claim.provenance is Provenance.STATED or scope_of(results) is not Scope.OUTSIDE:
        return Status.VIOLATED
    return Status.OUT_OF_SCOPE


def decide_trend(
    claim: Claim,
    study: Study,
    along: str,
    sign: int,
    *,
    kinds: Sequence[str],
    step: int | None = None,
) -> Verdict:
    """Jonckheere's score of the final test_loss along chains of cells, pooled over the chains.

    A chain's cells, three or more, differ in one number alone; a level needs four runs. HOLDS
    where the score is beyond 2.33 standard errors in the direction claimed (false alarm 1%) and no
    single chain stands against it; a failure where it is as far against it, or one chain is (1%
    shared among the chains), since the sentence is made of every setting. Else INCONCLUSIVE.

    Args:
        claim: under check.
        study: the experiments' cells.
        along: the field of `Problem` that varies.
        sign: 1 if test_loss is said to rise with it, -1 if to fall.
        kinds: the kinds of cells that count.
        step: the last logged step up to this one, instead of the last of all.
    """
    cells = [one for one in study.results if one.cell.kind in kinds]
    every = chains(cells, along, step=step)
    parts = [one for one in every if min(values.size for values in one.values) >= MIN_RUNS]
    evidence = {"chains": chain_lines(every), "false_alarm": FALSE_ALARM, "along": along}
    pooled = trend(parts)
    if pooled is None:
        reason = _lack(cells, every, along)
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    used = [result for part in parts for result in part.results]
    limit, single = score_limit(FALSE_ALARM), score_limit(FALSE_ALARM / len(parts))
    score = sign * pooled.score
    worst = min(parts, key=lambda one: _score(one, sign))
    against = sorted(
        (one for one in parts if _score(one, sign) <= -single), key=lambda one: _score(one, sign)
    )
    status = Status.INCONCLUSIVE
    if score <= -limit or against:
        status = failure_status(claim, used)
    elif score >= limit:
        status = Status.HOLDS
    word = "larger" if sign > 0 else "smaller"
    share = pooled.share if sign > 0 else 1 - pooled.share
    where, statistic, threshold = "all chains", score, limit
    if against and score > -limit:  # the failure rests on a chain, not on all of them
        where, statistic, threshold = f"the chain at {worst.name}", _score(worst, sign), -single
    return claim.verdict(
        study,
        status,
        f"test_loss is {word} at the larger {along} in {share:.0%} of {pooled.comparisons} "
        f"comparisons of runs, along {_count(parts)}" + _exceptions([one.name for one in against]),
        scope=scope_of(used),
        statistic=statistic,
        statistic_name=f"Jonckheere score of test_loss being {word} at larger {along}, {where}",
        relation=">=",
        threshold=threshold,
        tightness=statistic - threshold,
        evidence=evidence,
    )


def _score(part: Chain, sign: int) -> float:
    own = trend([part])
    return sign * own.score if own else 0.0


def _count(parts: Sequence[Chain]) -> str:
    return f"{len(parts)} chain{'s' if len(parts) > 1 else ''} of cells"


def _exceptions(against: Sequence[str]) -> str:
    if not against:
        return ""
    more = f" and {len(against) - 1} more" if len(against) > 1 else ""
    return f"; the reverse holds at {against[0]}{more}"


def _lack(cells: Sequence[CellResult], every: Sequence[Chain], along: str) -> str:
    if not cells:
        return "this preset has no cells of the experiment"
    if not every:
        return f"no three cells differ in {along} alone"
    return f"fewer than {MIN_RUNS} runs a level along {along}; more seeds would decide it"
