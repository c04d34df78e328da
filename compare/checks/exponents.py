"""`Exponents`: do the fitted powers of the excess test error agree with those of a law?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..cells import Study
from ..claim import Claim
from ..errors import CompareError
from ..statistics.powers import PowerFit
from ..thresholds import POWER_TOLERANCE, POWERS_MISS
from ..verdict import Status, Verdict
from .agreement import Word
from .powers import DRAWS, bound_powers, derived_powers, fit_stage, judge, judged_cells, table

#: Powers that differ named in the reason; the evidence has all.
SHOWN = 5
#: Stage -> its bound, the rate constant in it, and the step it starts at.
_BOUNDS = {2: ("B2", "k2", "T1"), 3: ("B3", "k3", "T2")}
#: What each law speaks of: the bounds of the decay since the stage began, the DERIVED tail of P.
_READING: Mapping[str, Literal["gained", "depth"]] = {"reconstructed": "gained", "derived": "depth"}
#: What is fitted, in words.
_WORDS = {
    "gained": "-log P gained since the stage began, against the time since then",
    "depth": "-log P against t",
}


@dataclass(frozen=True)
class Exponents:
    """The powers of a law of -log P are judged in stages 2 and 3 together.

    HOLDS where all powers of both stages agree with the law's, a failure where one of them
    differs.

    Attributes:
        law: ``"reconstructed"``, the exponents of the bounds, or ``"derived"``, a Gaussian tail.
    """

    law: Literal["reconstructed", "derived"]

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the cells for powers."""
        rows, scope = judged_cells(study, tuple(_BOUNDS))
        evidence: dict[str, object] = {
            "tolerance": POWER_TOLERANCE,
            "false_alarm_of_a_fit": POWERS_MISS,
        }
        judgements: dict[int, dict[str, Word]] = {}
        differing: list[tuple[float, str]] = []
        for stage, named in _BOUNDS.items():
            try:
                fits = {reading: fit_stage(rows[stage], reading) for reading in _WORDS}
            except CompareError as error:
                reason = f"stage {stage}: {error}"
                return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
            columns = {
                "reconstructed": bound_powers(study, *named),
                "derived": derived_powers(rows[stage], slowed=stage == 3),
            }
            if stage == 2:
                columns["derived_slowed"] = derived_powers(rows[stage], slowed=True)
            for reading, fit in fits.items():
                lines = table(fit, columns, (DRAWS,)) | {"cells_used": [
                    result.cell.name for result in rows[stage].results
                ]}  # fmt: skip
                if reading == _READING[self.law]:
                    names = tuple(name for name in fit.names if name != DRAWS)
                    judgements[stage] = judge(fit, columns[self.law], names)
                    lines["judged"] = judgements[stage]
                    differing += _differences(stage, fit, columns[self.law], judgements[stage])
                evidence[f"stage {stage}, {_WORDS[reading]}"] = lines
        status = _status(judgements)
        counts = [word for words in judgements.values() for word in words.values()]
        reason = _furthest(differing) or (
            f"{counts.count('agrees')} of {len(counts)} powers agree within {POWER_TOLERANCE:g}, "
            "the rest have too wide intervals"
        )
        if counts.count("agrees") == len(counts):
            reason = f"all {len(counts)} powers agree within {POWER_TOLERANCE:g}"
        worst = max((size for size, _ in differing), default=None)
        return claim.verdict(
            study,
            status,
            reason,
            scope=scope,
            statistic=float(counts.count("differs")),
            statistic_name="fitted powers that differ from the law's, of both stages",
            relation="<=",
            threshold=0.0,
            tightness=None if worst is None else POWER_TOLERANCE - worst,
            evidence=evidence,
        )


def _furthest(differing: list[tuple[float, str]]) -> str:
    """The powers that are furthest off, in words; empty if none differs."""
    texts = [text for _, text in sorted(differing, reverse=True)]
    more = f"; and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return "; ".join(texts[:SHOWN]) + more


def _differences(
    stage: int, fit: PowerFit, law: Mapping[str, float], judged: Mapping[str, str]
) -> list[tuple[float, str]]:
    """Powers that differ: by how much, and in words."""
    out = []
    for name, word in judged.items():
        if word == "differs":
            low, high = fit.interval(name)
            text = (
                f"stage {stage}: {name}^{fit[name]:.2f} [{low:.2f}, {high:.2f}] "
                f"for {law.get(name, 0.0):.3g}"
            )
            out.append((abs(fit[name] - law.get(name, 0.0)), text))
    return out


def _status(judgements: Mapping[int, Mapping[str, Word]]) -> Status:
    seen = {word for words in judgements.values() for word in words.values()}
    if "differs" in seen:
        return Status.VIOLATED
    return Status.HOLDS if seen == {"agrees"} else Status.INCONCLUSIVE
