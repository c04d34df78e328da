"""`ReadBound`: one reading of a bound whose formula is lost, judged by itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..cells import Study
from ..claim import Claim
from ..discrimination import Shape
from ..fitting.constants import fit_reading
from ..verdict import Verdict
from .stage_bound import StageBound


@dataclass(frozen=True)
class ReadBound:
    """The reading that bears the claim's id, in the stage of the bound it is a reading of.

    It is judged as if the theorem stated nothing else: its constants are fitted for it alone, and
    no fit of another bound moves with them. The shape of its room says whether it is the right
    reading: sharp in time and in every number that the cells vary.

    Attributes:
        bound: decides, with these constants.
    """

    bound: StageBound = field(default_factory=StageBound)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        alone = fit_reading(study, claim.id)
        verdict = self.bound.decide(claim, alone)
        constants = {each.name: [each.value, each.widened] for each in alone.constants}
        evidence = {**verdict.evidence, "constants_and_widened": constants}
        found = verdict.discrimination
        said = shape_in_words(found.shape) if found else ""
        reason = f"{verdict.reason}; {said}" if said else verdict.reason
        return replace(verdict, evidence=evidence, reason=reason)


def shape_in_words(shape: Shape) -> str:
    """In which numbers a bound keeps its shape, and in which it does not; empty if none is told.

    Example:
        >>> from bofcheck.compare.discrimination import NumberShape
        >>> shape_in_words(Shape((
        ...     NumberShape("t", "sharp", 0.02, -0.1, 0.14),
        ...     NumberShape("d", "loose", -0.5, -0.6, -0.4),
        ... ), cells=9))
        'sharp in t; not in d^-0.50 ± 0.10'
    """
    sharp = [number.name for number in shape.of("sharp")]
    other = [number.text for number in (*shape.of("loose"), *shape.of("eroding"))]
    said = [f"sharp in {', '.join(sharp)}"] if sharp else []
    said += [f"not in {', '.join(other)}"] if other else []
    return "; ".join(said)
