"""`MonotoneTrend`: does the final test_loss rise or fall along a number, as a sentence says?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..cells import Study, scope_of
from ..claim import Claim
from ..statistics.trend import score_limit
from ..thresholds import TREND_FALSE_ALARM, TREND_MIN_RUNS
from ..verdict import Status, Verdict
from .chains import Chain, chain_lines, chains, pooled_trend


@dataclass(frozen=True)
class MonotoneTrend:
    """Jonckheere's score of the final test_loss along chains of cells, pooled over the chains.

    A chain's cells, three or more, differ in one number alone; a level needs four runs. HOLDS
    where the score is beyond 2.33 standard errors in the direction claimed (false alarm 1%) and no
    single chain contradicts it; a failure where it is as far in the other direction, or one chain
    is (1% shared among the chains), since the sentence is about every setting. Else INCONCLUSIVE.

    Attributes:
        along: the field of `Problem` that varies.
        sign: 1 if test_loss is said to rise with it, -1 if to fall.
        step: the last logged step up to this one, instead of the last of all.

    Example:
        >>> from bofcheck.compare import all_claims
        >>> all_claims()["E9"].check
        MonotoneTrend(along='learning_rate', sign=-1, step=2000)
    """

    along: str
    sign: int
    step: int | None = None

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge all chains among the cells of the claim's experiments."""
        cells = [result for result in study.results if result.cell.kind in claim.experiments]
        every = chains(cells, self.along, step=self.step)
        parts = [part for part in every if part.fewest_runs >= TREND_MIN_RUNS]
        evidence = {
            "chains": chain_lines(every),
            "false_alarm": TREND_FALSE_ALARM,
            "along": self.along,
        }
        pooled = pooled_trend(parts)
        if pooled is None:
            reason = _lack(bool(cells), bool(every), self.along)
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        used = [result for part in parts for result in part.results]
        limit, single = score_limit(TREND_FALSE_ALARM), score_limit(TREND_FALSE_ALARM / len(parts))
        score = self.sign * pooled.score
        ordered = sorted(parts, key=self._score)
        against = [part for part in ordered if self._score(part) <= -single]
        status = Status.INCONCLUSIVE
        if score <= -limit or against:
            status = Status.VIOLATED
        elif score >= limit:
            status = Status.HOLDS
        word = "larger" if self.sign > 0 else "smaller"
        share = pooled.share if self.sign > 0 else 1 - pooled.share
        where, statistic, threshold = "all chains", score, limit
        if against and score > -limit:  # the failure rests on a chain, not on all of them
            where = f"the chain at {against[0].name}"
            statistic, threshold = self._score(against[0]), -single
        return claim.verdict(
            study,
            status,
            f"test_loss is {word} at the larger {self.along} in {share:.0%} of "
            f"{pooled.comparisons} comparisons of runs, along {len(parts)} "
            f"chain{'s' if len(parts) > 1 else ''} of cells" + _exceptions(against),
            scope=scope_of(used),
            statistic=statistic,
            statistic_name=f"Jonckheere score of test_loss being {word} at larger {self.along}, "
            f"{where}",
            relation=">=",
            threshold=threshold,
            tightness=statistic - threshold,
            evidence=evidence,
        )

    def _score(self, part: Chain) -> float:
        trend = part.trend
        return self.sign * trend.score if trend else 0.0


def _exceptions(against: Sequence[Chain]) -> str:
    if not against:
        return ""
    more = f" and {len(against) - 1} more" if len(against) > 1 else ""
    return f"; the reverse holds at {against[0].name}{more}"


def _lack(trained: bool, chained: bool, along: str) -> str:
    if not trained:
        return "this preset has no cells of the experiment"
    if not chained:
        return f"no three cells differ in {along} alone"
    return f"fewer than {TREND_MIN_RUNS} runs a level along {along}; more seeds would decide it"
