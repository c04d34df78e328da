"""E2 and E9 to E14: sentences on the final test_loss along one number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .....theory import Provenance
from ....cells import Study, scope_of
from ....checks.chains import Chain, chain_lines, chains, end_values, pooled_trend
from ....checks.chosen_settings import stands_at
from ....checks.monotone_trend import MonotoneTrend
from ....checks.rate_ranges import RangesOfRate
from ....claim import Claim
from ....statistics.resampling import Array, limits, resampled
from ....statistics.trend import score_limit
from ....thresholds import (
    FINAL_LOSS_MISS,
    MARKED_FALL_FACTOR,
    MARKED_FALL_FALSE_ALARM,
    RUN_RESAMPLES,
    SATURATED_SHARE,
    SATURATION_MIN_SIGMAS,
    TREND_MIN_RUNS,
)
from ....verdict import Status, Verdict

#: The step at which the paper compares learning rates (E9).
STEPS = 2_000
#: Ranges of learning rates, in units of 1/max(mu², sigma_p² d): the text names none.
RATES = ((1 / 64, 1 / 4), (1 / 4, 4.0))


@dataclass(frozen=True)
class Saturation:
    """The share of the change of test_loss that happens in the lower half of the range of sigma_V.

    Halves are taken in log sigma_V, the middle by interpolation. HOLDS where the upper limit of the
    share over resampled runs is at most a quarter, a failure where the lower limit is above it;
    INCONCLUSIVE also where the whole change cannot be told from none.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge the first chain along sigma_V that is long enough."""
        parts = [
            part
            for part in chains(study.select(kind="fig6"), "init_std_v")
            if part.levels.size >= SATURATION_MIN_SIGMAS
        ]
        evidence: dict[str, object] = {"chains": chain_lines(parts)}
        if not parts or parts[0].fewest_runs < TREND_MIN_RUNS:
            reason = f"{SATURATION_MIN_SIGMAS} values of sigma_V with {TREND_MIN_RUNS} runs each "
            reason += "are needed"
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        part = parts[0]
        logs = np.log(part.levels)
        middle = (logs[0] + logs[-1]) / 2
        at = int(np.searchsorted(logs, middle))
        weight = (middle - logs[at - 1]) / (logs[at] - logs[at - 1])

        def share(means: Array) -> Array:
            half = (1 - weight) * means[:, at - 1] + weight * means[:, at]
            return np.asarray(np.abs(half - means[:, 0]) / np.abs(means[:, -1] - means[:, 0]))

        whole = limits(
            resampled(part.values, lambda means: means[:, -1] - means[:, 0], draws=RUN_RESAMPLES),
            FINAL_LOSS_MISS / 2,
        )
        low, high = limits(resampled(part.values, share, draws=RUN_RESAMPLES), FINAL_LOSS_MISS)
        point = float(share(part.means[None, :])[0])
        evidence |= {"whole_change": list(whole), "share": point, "share_limits": [low, high]}
        status = Status.INCONCLUSIVE
        if whole[0] <= 0 <= whole[1]:
            reason = "the whole change of test_loss cannot be told from none"
        else:
            reason = f"{point:.0%} of the change lies in the lower half of the range of log sigma_V"
            if high <= SATURATED_SHARE:
                status = Status.HOLDS
            elif low > SATURATED_SHARE:
                status = Status.VIOLATED
        return claim.verdict(
            study,
            status,
            reason,
            scope=scope_of(part.results),
            statistic=low if low > SATURATED_SHARE else high,
            statistic_name="95% limit of the share of the change in the lower half of log sigma_V",
            threshold=SATURATED_SHARE,
            evidence=evidence,
        )


@dataclass(frozen=True)
class MarkedFall:
    """The fall of test_loss from the least to the largest N, by SNR, at each flip probability.

    HOLDS where at every flip probability test_loss falls with N over all chains (Jonckheere's
    score, 1%) and the fall at some higher SNR is more than twice the change at the lowest, by a
    lower limit over resampled runs (5%). A failure where at one flip probability the score says
    that it rises, or the upper limits at all higher SNRs are below twice the change. Shared among
    flip probabilities.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge all chains along N, one flip probability at a time."""
        parts = [
            part
            for part in chains(study.select(kind="fig7"), "n_samples")
            if part.fewest_runs >= TREND_MIN_RUNS
        ]
        groups = _by_flip_prob(parts)
        evidence: dict[str, object] = {"chains": chain_lines(parts)}
        if not groups:
            reason = f"chains along N at two SNRs, {TREND_MIN_RUNS} runs a level, are needed"
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        judged = {p: _judge(group, FINAL_LOSS_MISS / len(groups)) for p, group in groups.items()}
        evidence["by_flip_prob"] = {f"{p:g}": lines for p, lines in judged.items()}
        limit = score_limit(MARKED_FALL_FALSE_ALARM / len(groups))
        score, low, high = (
            [float(lines[name]) for lines in judged.values()] for name in ("score", "low", "high")
        )
        used = [result for group in groups.values() for part in group for result in part.results]
        status = Status.INCONCLUSIVE
        if max(score) >= limit or min(high) < 0:
            status = Status.VIOLATED
        elif max(score) <= -limit and min(low) > 0:
            status = Status.HOLDS
        return claim.verdict(
            study,
            status,
            "from the least to the largest N test_loss falls by "
            + "; ".join(_shown(p, group) for p, group in groups.items())
            + _errors(groups)
            + "; "
            + stands_at(("rate", "d", "sigma_p", "steps"), used),
            scope=scope_of(used),
            statistic=min(high) if min(high) < 0 else min(low),
            statistic_name="95% limit of the largest fall at a higher SNR less twice the change at "
            "the lowest, at the least favourable flip probability",
            relation=">=",
            threshold=0.0,
            evidence=evidence,
        )


def _by_flip_prob(parts: list[Chain]) -> dict[float, list[Chain]]:
    """Flip probability -> its chains in order of SNR, where there are two or more."""
    groups: dict[float, list[Chain]] = {}
    for part in sorted(parts, key=_snr):
        groups.setdefault(part.results[0].cell.problem.flip_prob, []).append(part)
    return {p: group for p, group in sorted(groups.items()) if len(group) > 1}


def _snr(part: Chain) -> float:
    return part.results[0].cell.problem.snr


def _fall(part: Chain) -> float:
    return float(part.means[0] - part.means[-1])


def _judge(group: list[Chain], miss: float) -> dict[str, Any]:
    """Chains along N of one flip probability, in order of SNR, with the limits that decide."""
    pooled = pooled_trend(group)
    ends = [_surplus(group[0], part, miss / (len(group) - 1)) for part in group[1:]]
    return {
        "score": pooled.score if pooled else 0.0,
        "fall_by_snr": {f"{_snr(part):.3g}": _fall(part) for part in group},
        "low": max(low for low, _ in ends),
        "high": max(high for _, high in ends),
    }


def _surplus(low: Chain, high: Chain, miss: float) -> tuple[float, float]:
    """Limits of the fall from least to largest N at an SNR, less twice the change at the lowest."""
    samples = [high.values[0], high.values[-1], low.values[0], low.values[-1]]

    def statistic(means: Array) -> Array:
        fall, change = means[:, 0] - means[:, 1], np.abs(means[:, 2] - means[:, 3])
        return np.asarray(fall - MARKED_FALL_FACTOR * change)

    return limits(resampled(samples, statistic, draws=RUN_RESAMPLES), miss)


def _errors(groups: dict[float, list[Chain]]) -> str:
    """The fall of test_error from the least to the largest N where p > 0, in words."""
    told = []
    for flip_prob, group in groups.items():
        ends = [(part.results[0], part.results[-1]) for part in group]
        falls = [
            float(np.subtract(*(end_values(end, "test_error").mean() for end in pair)))
            for pair in ends
        ]
        if flip_prob:
            shown = zip(falls, group, strict=True)
            texts = ", ".join(f"{fall:+.3f} at SNR {_snr(part):.2g}" for fall, part in shown)
            told.append(f"{texts} (p = {flip_prob:g})")
    return f"; test_error by {'; '.join(told)}" if told else ""


def _shown(flip_prob: float, group: list[Chain]) -> str:
    falls = ", ".join(f"{_fall(part):+.3f} at SNR {_snr(part):.2g}" for part in group)
    return f"{falls} (p = {flip_prob:g})"


def _trend(
    id: str, statement: str, source: str, number: str, sign: int, *experiments: str, **rest: Any
) -> Claim:
    """A claim that the final test_loss goes one way along a number."""
    given: dict[str, Any] = {"provenance": Provenance.STATED, "regimes": ("benign",)} | rest
    ranges = given.pop("ranges", ())
    trend = MonotoneTrend(
        number, sign=sign, step=given.pop("step", None),
        with_flips="test_error" if given["provenance"] is Provenance.DERIVED else "test_loss",
        open_settings=given.pop("open_settings", ("rate", "d", "steps")),
    )  # fmt: skip
    check = RangesOfRate(trend, ranges) if ranges else trend
    return Claim(
        id=id, statement=statement, source=source, check=check, experiments=experiments, **given
    )


CLAIMS = (
    _trend(
        "E2", "The final test_loss increases with the flip probability",
        "§6.1, Fig. 1ab; App. F, Fig. 7b", "flip_prob", 1, "fig1", "fig7",
    ),
    _trend(
        "E9", "At T = 2000 a smaller learning rate leaves a larger test_loss",
        "§6.4, Fig. 5", "learning_rate", -1, "fig5", step=STEPS, ranges=RATES,
        open_settings=("d", "N", "mu"),
    ),
    _trend(
        "E10", "A smaller sigma_V leaves a smaller test_loss",
        "§6.5, Fig. 6a", "init_std_v", 1, "fig6",
    ),
    Claim(
        id="E11",
        statement="As sigma_V gets small its effect on test_loss saturates",
        provenance=Provenance.STATED,
        source="§6.5, Fig. 6b",
        regimes=("benign",),
        check=Saturation(),
        experiments=("fig6",),
    ),
    Claim(
        id="E12",
        statement="More samples lower test_loss, markedly only where SNR is higher",
        provenance=Provenance.STATED,
        source="App. F, Fig. 7a",
        regimes=("benign",),
        check=MarkedFall(),
        experiments=("fig7",),
    ),
    _trend(
        "E13a", "test_loss increases with the signal strength, as the text says",
        "App. F, text on Fig. 7c", "signal_norm", 1, "fig7",
    ),
    _trend(
        "E13b", "test_loss decreases with the signal strength, as the theory has it",
        "Theorem 4.2 against App. F, Fig. 7c", "signal_norm", -1, "fig7",
        provenance=Provenance.DERIVED,
    ),
    _trend(
        "E14a", "test_loss decreases with the noise variance, as the text says",
        "App. F, text on Fig. 7d", "noise_std", -1, "fig7",
    ),
    _trend(
        "E14b", "test_loss increases with the noise variance, as the theory has it",
        "Theorem 4.2 against App. F, Fig. 7d", "noise_std", 1, "fig7",
        provenance=Provenance.DERIVED,
    ),
)  # fmt: skip
