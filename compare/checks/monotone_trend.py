"""`MonotoneTrend`: does the final test_loss rise or fall along a number, as a sentence says?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..cells import Study, scope_of
from ..claim import Claim
from ..fitting.boundary_sides import Quantity
from ..statistics.trend import score_limit
from ..thresholds import TREND_FALSE_ALARM, TREND_MIN_RUNS
from ..verdict import Status, Verdict
from .chains import Chain, chain_lines, chains, pooled_trend
from .chosen_settings import stands_at


@dataclass(frozen=True)
class MonotoneTrend:
    """Jonckheere's score of the final test_loss along chains of cells, at each flip probability.

    A chain's cells, three or more, differ in one number alone; a level needs four runs. HOLDS
    where at every flip probability the score over its chains is beyond 2.33 standard errors in the
    direction claimed (false alarm 1%, shared) and no single chain contradicts it; a failure where a
    score is as far in the other direction, or one chain is (1% shared among the chains), since the
    sentence is about every setting. Else INCONCLUSIVE. A direction that is derived from the theory,
    not stated of test_loss, is judged by test_error where p > 0: there test_loss rises once the
    margin is beyond log((1-p)/p), however well fresh samples are classified.

    Attributes:
        along: the field of `Problem` that varies.
        sign: 1 if test_loss is said to rise with it, -1 if to fall.
        step: the last logged step up to this one, instead of the last of all.
        with_flips: what is judged where p > 0, unless p is what varies.
        open_settings: what decides and is not in the text, as `stands_at` names it.

    Example:
        >>> from bofcheck.compare import all_claims
        >>> check = all_claims()["E10"].check
        >>> check.along, check.sign, check.with_flips
        ('init_std_v', 1, 'test_loss')
    """

    along: str
    sign: int
    step: int | None = None
    with_flips: Quantity = "test_loss"
    open_settings: tuple[str, ...] = ()

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge all chains among the cells of the claim's experiments."""
        cells = [result for result in study.results if result.cell.kind in claim.experiments]
        every = chains(cells, self.along, step=self.step, with_flips=self.with_flips)
        parts = [part for part in every if part.fewest_runs >= TREND_MIN_RUNS]
        groups = by_flip_prob(parts)
        pooled = {p: trend for p, part in groups.items() if (trend := pooled_trend(part))}
        evidence = {
            "chains": chain_lines(every),
            "false_alarm": TREND_FALSE_ALARM,
            "along": self.along,
            "score_by_flip_prob": {_named(p): trend.score for p, trend in pooled.items()},
        }
        if not pooled:
            reason = _lack(bool(cells), bool(every), self.along)
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        used = [result for part in parts for result in part.results]
        limit = score_limit(TREND_FALSE_ALARM / len(pooled))
        single = score_limit(TREND_FALSE_ALARM / len(parts))
        scores = {p: self.sign * trend.score for p, trend in pooled.items()}
        worst = min(scores, key=scores.__getitem__)
        against = [part for part in sorted(parts, key=self._score) if self._score(part) <= -single]
        status = Status.INCONCLUSIVE
        if scores[worst] <= -limit or against:
            status = Status.VIOLATED
        elif scores[worst] >= limit:
            status = Status.HOLDS
        word = "larger" if self.sign > 0 else "smaller"
        where, statistic, threshold = f"chains{_at(worst)}", scores[worst], limit
        if against and scores[worst] > -limit:  # it rests on a chain, not on all of them
            where = f"the chain at {against[0].name}"
            statistic, threshold = self._score(against[0]), -single
        shares = ", ".join(
            f"{trend.share if self.sign > 0 else 1 - trend.share:.0%} of {trend.comparisons} "
            f"comparisons of runs{_at(p)}{self._by(p)}"
            for p, trend in pooled.items()
        )
        settings = stands_at(self.open_settings, used)
        return claim.verdict(
            study,
            status,
            f"test_loss is {word} at the larger {self.along} in {shares}, along {len(parts)} "
            f"chain{'s' if len(parts) > 1 else ''} of cells"
            + _exceptions(against)
            + (f"; {settings}" if settings else ""),
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

    def _by(self, p: float | None) -> str:
        return f" (by {self.with_flips})" if p and self.with_flips != "test_loss" else ""


def by_flip_prob(parts: Iterable[Chain]) -> dict[float | None, list[Chain]]:
    """Flip probability -> its chains, None for chains along it."""
    groups: dict[float | None, list[Chain]] = {}
    for part in parts:
        groups.setdefault(part.flip_prob, []).append(part)
    return {p: groups[p] for p in sorted(groups, key=lambda p: -1.0 if p is None else p)}


def _named(p: float | None) -> str:
    return "along p" if p is None else f"{p:g}"


def _at(p: float | None) -> str:
    return "" if p is None else f" at p = {p:g}"


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
