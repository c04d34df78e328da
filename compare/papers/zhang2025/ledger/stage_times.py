"""B4 to B6: the laws of the stage times, those of Jiang 2024 and derived ones (d)."""

from .....theory import Provenance
from ....checks.beside_limit import BesideLimit
from ....checks.time_scaling import Scaling
from ....claim import Claim

_EVENTS = (("B4", "T1"), ("B5", "T2"), ("B6", "T3"))


def _of_source(name: str, event: str) -> Claim:
    return Claim(
        id=name,
        statement=f"{event}, as detected here, scales as the law of Jiang 2024",
        provenance=Provenance.SOURCE,
        seen=True,
        source=f"Theorem 4.2, phase {event[1]}",
        regimes=("benign",),
        check=Scaling(event, "paper"),
        formulas=(f"{event} (paper)",),
        kinds=("stage", "powers"),
    )


def _derived(name: str, event: str) -> Claim:
    return Claim(
        id=f"{name}d",
        statement=f"{event}, as detected here, scales as this project's derived law",
        provenance=Provenance.DERIVED,
        source=f"Theorem 4.2, phase {event[1]}",
        regimes=("benign",),
        check=Scaling(event, "derived"),
        formulas=(f"{event} (derived)",),
        kinds=("stage", "powers"),
        beside=BesideLimit(),
    )


CLAIMS = tuple(claim(*event) for event in _EVENTS for claim in (_of_source, _derived))
