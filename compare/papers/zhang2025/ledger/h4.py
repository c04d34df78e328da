"""H4: in the harmful regime the test_loss curve itself rises through stage 2."""

import dataclasses

import numpy as np

from .....theory import Provenance
from ....cells import CellResult, Role, Study
from ....checks.event_values import at_event
from ....checks.violation_rate import Outcome, decide_fraction
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    """A run violates where test_loss(T2) is not above test_loss(T1), at its own T1 and T2.

    Runs that do not reach T2 after T1 are undecided. A rise is expected only where mu²/sigma_p²
    is small against V_n, for V± grows with it and helps; both stand in the evidence by cell.
    """
    outcomes, lines = [], {}
    for result in study.select(Role.HELD_OUT, "stage"):
        loss = result.trajectory["test_loss"]
        rise = at_event(result, loss, "T2") - at_event(result, loss, "T1")
        in_order = result.events["T2"] > result.events["T1"]
        usable = result.ok & in_order & np.isfinite(rise)
        # a curve that stays level does not rise
        margin = np.where(rise > 0, -rise, np.maximum(-rise, np.finfo(float).tiny))
        outcomes.append(Outcome(result, np.where(usable, margin, np.nan)))
        lines[result.cell.name] = _line(result, rise[usable])
    verdict = decide_fraction(claim, study, outcomes, "have a test_loss that does not rise")
    evidence = {**verdict.evidence, "expected_where_mu2_over_sigma_p2_is_small_against_V_n": lines}
    return dataclasses.replace(verdict, evidence=evidence)


def _line(result: CellResult, rise: np.ndarray) -> dict[str, object]:
    problem = result.cell.problem
    memory = at_event(result, result.trajectory["v_noise_clean"], "T2")
    memory = memory[np.isfinite(memory)]
    return {
        "mu2_over_sigma_p2": (problem.signal_norm / problem.noise_std) ** 2,
        "median_V_n_at_T2": float(np.median(memory)) if memory.size else None,
        "median_rise": float(np.median(rise)) if rise.size else None,
        "runs_that_rise": int((rise > 0).sum()),
        "runs": rise.size,
    }


CLAIM = Claim(
    id="H4",
    statement="From T1 to T2 the test_loss itself increases, not only its bound",
    provenance=Provenance.STATED,
    source="§4, after Theorem 4.3, noise learning stage",
    regimes=("harmful",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
