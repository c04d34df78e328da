import dataclasses

import numpy as np
import pytest
from synthetic import decide, inside, outside, planted, result, study, trajectory, with_quantities

from bofcheck._registry import discover
from bofcheck.compare import (
    CompareError,
    Role,
    Scope,
    Status,
    all_claims,
    design_names,
    fit_constants,
    get_design,
)
from bofcheck.compare.papers.zhang2025 import ledger
from bofcheck.compare.papers.zhang2025.experiments import get_experiment
from bofcheck.compare.papers.zhang2025.plans import chosen_claims
from bofcheck.compare.report.formulas import ledger_formulas
from bofcheck.theory import Provenance

CAL, OUT = Role.CALIBRATION, Role.HELD_OUT
STEP_TRIALS = "bofcheck.compare.papers.zhang2025.ledger.model_and_gradient.LEMMA_STEP_TRIALS"
IDS = [
    *("S1", "S2", "S3", "S4", "S5", "S6", "I1", "I2", "I3", "I4", "I5"),
    *("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"),
    *(
        "B0e",
        "B0l",
        "B1",
        "B2",
        "B2A",
        "B2B",
        "B2C",
        "B2D",
        "B3",
        "B4",
        "B4d",
        "B5",
        "B5d",
        "B6",
        "B6d",
    ),
    *("B7", "B8", "B9", "B10", "B11"),
    *("H0e", "H0l", "H1", "H2", "H2d", "H3", "H3a", "H3b", "H3c", "H4", "H5", "H6", "H7", "H8"),
    *("M1", "M1p", *(f"M{number}" for number in range(2, 11))),
    *(f"L{number}" for number in range(1, 8)),
    *(f"R{number}" for number in range(1, 8)),
    *("E1", "E2", "E3a", "E3b", "E4", "E5", "E6", "E7", "E8", "E9", "E10", "E11", "E12"),
    *("E13a", "E13b", "E14a", "E14b"),
    *("X1", "X2", "X3", "X4", "X5", "X6"),
]
#: What the paper asserts, by the ledger's own ids; a letter after the number splits a claim.
LEDGER = [
    *(f"S{n}" for n in range(1, 7)), *(f"I{n}" for n in range(1, 6)),
    *(f"A{n}" for n in range(1, 9)), *(f"B{n}" for n in range(12)), *(f"H{n}" for n in range(9)),
    *(f"M{n}" for n in range(1, 11)), *(f"L{n}" for n in range(1, 8)),
    *(f"X{n}" for n in range(1, 7)),
    *(f"R{n}" for n in range(1, 8)),
    "E1", "E2", "E3a", "E3b", *(f"E{n}" for n in range(4, 13)), "E13a", "E13b", "E14a", "E14b",
]  # fmt: skip


def test_the_ledger():
    assert list(all_claims()) == IDS


def test_every_entry_of_the_ledger_has_a_claim():
    for entry in LEDGER:
        parts = [name for name in IDS if name == entry or (name[:-1] == entry and name[-1] in "el")]
        assert parts, entry
        assert set(parts) <= all_claims().keys()
    extra = [n for n in IDS if n not in LEDGER and n[:-1] not in LEDGER]
    assert extra == []


def test_a_claim_from_the_literature_was_seen_where_its_formulas_were():
    for claim in all_claims().values():
        known = [f for _, f in ledger_formulas(claim) if f.provenance is Provenance.SOURCE]
        if claim.provenance is Provenance.SOURCE and known:
            assert claim.seen is all(formula.seen for formula in known), claim.id
        if claim.provenance is not Provenance.SOURCE:
            assert not claim.seen, claim.id
    seen = {name for name, claim in all_claims().items() if claim.seen}
    assert seen == {
        *("S5", "B0e", "B0l", "B4", "B5", "B6", "B7", "H5", "H7", "R1", "R2", "R3", "R5", "R7")
    }
    assert not all_claims()["I3"].seen


def test_where_claims_are_decided():
    kinds = {cell.kind for name in design_names()
             for group in get_design(name).cells.values() for cell in group}  # fmt: skip
    for claim in all_claims().values():
        assert set(claim.kinds or ()) <= kinds, claim.id
        assert bool(claim.experiments) <= (claim.id[0] == "E")
        for name in claim.experiments:
            assert claim.id in get_experiment(name).claims, (claim.id, name)
        if claim.own_cells is not None:
            assert set(claim.own_cells) == set(claim.regimes)


def test_every_rule_is_written_down():
    for claim in all_claims().values():
        assert len(claim.rule) > 60, claim.id


def test_each_claim_is_in_one_file_and_has_a_check_that_is_data():
    found = discover(ledger.__name__, "CLAIMS", tuple).values()
    assert sorted(claim.id for claims in found for claim in claims) == sorted(IDS)
    for claim in all_claims().values():
        assert dataclasses.is_dataclass(claim.check), claim.id
        assert type(claim.check).__dataclass_params__.frozen, claim.id


def test_checks_that_count_runs_print_the_counting_rule():
    counted = {name for name, claim in all_claims().items() if "Runs are counted" in claim.rule}
    assert {"B1", "B7", "B8", "B9", "H2d", "H3", "H4", "M1", "M2", "M5", "M7", "M9"} <= counted
    assert not {"B4", "B10", "M3", "M8", "M10", "X1", "S1"} & counted


@pytest.mark.parametrize("claim", all_claims().values(), ids=IDS)
def test_entries_are_complete(claim):
    assert isinstance(claim.provenance, Provenance)
    assert claim.statement
    assert claim.source
    assert set(claim.regimes) <= {"benign", "harmful"}
    if claim.id[0] in "BH":
        assert claim.regimes == ({"B": "benign", "H": "harmful"}[claim.id[0]],)


def tiny(regime, runs=4):
    truth = {"C2": 0.4, "k2": 0.7, "k3": 2e-5}
    events = {"T1": 12.5, "T2": 52.5, "T3": 152.5}
    cells = [
        planted(f"{role.value}-{p}", role, outside(flip_prob=p), truth=truth, events=events,
                runs=runs)
        for role, p in ((CAL, 0.0), (CAL, 0.1), (OUT, 0.05), (OUT, 0.15))
    ]  # fmt: skip
    rungs = [
        result(
            trajectory(outside(dim=d), [0, 9], runs), f"{role.value}-{d}", role, "ladder", T3=5.0
        )
        for role in (CAL, OUT)
        for d in (100, 200 + (role is OUT))
    ]
    return fit_constants(study(*cells, *rungs, regime=regime))


def untrained(regime):
    """Runs that reached nothing, and one cell that diverged altogether."""
    made = [
        result(trajectory(outside(flip_prob=p), [0, 9], 2), f"{role.value}", role)
        for role, p in ((CAL, 0.0), (OUT, 0.1))
    ]
    gone = trajectory(outside(dim=100), [0], 2, diverged=range(2))
    return fit_constants(study(*made, result(gone, "gone", OUT), regime=regime))


STUDIES = {
    "tiny": tiny,
    "one run": lambda regime: tiny(regime, runs=1),
    "untrained": untrained,
    "empty": lambda regime: fit_constants(study(regime=regime)),
    "ladder only": lambda regime: fit_constants(
        study(result(trajectory(outside(), [0, 9]), "a", OUT, "ladder"), regime=regime)
    ),
}


def untouched(claim):
    """Whether no trained run decides a claim."""
    return claim[0] in "SIA" or claim in ("H7", "L7", "B10")


def decide_all(made, claims=None):
    """A verdict on every claim that speaks about a study's theorem and a preset's cells."""
    claims = all_claims() if claims is None else claims
    return [
        claim.decide(made)
        for claim in claims.values()
        if made.theorem.regime in claim.regimes and not claim.apart
    ]


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("regime", ["benign", "harmful"])
def test_every_claim_decides(name, regime, monkeypatch):
    monkeypatch.setattr(STEP_TRIALS, 1)  # S6 is tested on its own
    # a claim that needs no trained run says the same of every study and of both theorems
    claims = {
        known: claim for known, claim in all_claims().items()
        if not untouched(known) or (name == "tiny" and regime == claim.regimes[0])
    }  # fmt: skip
    verdicts = decide_all(STUDIES[name](regime), claims)
    expected = [
        claim.id for claim in claims.values() if regime in claim.regimes and not claim.apart
    ]
    assert [one.claim for one in verdicts] == expected
    assert [one.reason for one in verdicts if one.status is Status.ERROR] == []
    for one in verdicts:
        assert one.regime == regime
        assert one.reason
        if untouched(one.claim):
            continue
        if name == "one run":
            assert one.status is not Status.HOLDS, one
        elif name != "tiny":
            # nothing was reached: never a pass, and never a failure
            assert one.status in (Status.INCONCLUSIVE, Status.VACUOUS), one


def test_a_claim_that_breaks_loses_no_other():
    class Broken:
        def decide(self, claim, made):
            raise ZeroDivisionError("no such luck")

    whole = dict(all_claims())
    whole["B8"] = dataclasses.replace(whole["B8"], check=Broken())
    few = {name: claim for name, claim in whole.items() if not untouched(name)}
    verdicts = {one.claim: one for one in decide_all(study(), few)}
    assert verdicts["B8"].status is Status.ERROR
    assert "ZeroDivisionError: no such luck" in verdicts["B8"].reason
    assert verdicts["B9"].status is Status.INCONCLUSIVE


def grown(problem, runs=64, events=(10.0, 20.0, 30.0), **quantities):
    first, second, third = events
    made = trajectory(problem, [0, 50], runs, **quantities)
    return result(made, T1=first, T2=second, T3=third)


def end(first, last):
    return np.array([[first, last]])


MECHANISM = [
    # claim, regime, quantities that hold it, quantities that break it
    ("B8", "benign", {"log_failure_prob": end(-0.7, -10.0)}, {"log_failure_prob": end(-0.7, -4.0)}),
    ("M1", "benign", {"attention_test": end(0.54, 0.9)}, {"attention_flipped": end(0.44, 0.5)}),
    ("M2", "benign", {"attention_clean": end(0.5, 0.56)}, {"attention_clean": end(0.5, 0.54)}),
    ("M4", "harmful", {"attention_clean": end(0.5, 0.44)}, {"attention_clean": end(0.5, 0.56)}),
    ("M5", "benign", {"v_plus": 2.1, "v_minus": -2.1, "v_noise_clean": 1.0},
     {"v_plus": 2.1, "v_minus": -1.9, "v_noise_clean": 1.0}),
    ("M6", "harmful", {"v_plus": 0.4, "v_minus": -0.4, "v_noise_clean": 1.0},
     {"v_plus": 0.4, "v_minus": -0.6, "v_noise_clean": 1.0}),
    ("H3", "harmful", {"train_loss": 0.0, "test_loss": end(0.24, 0.1)},
     {"train_loss": 0.0, "test_loss": end(0.23, 0.9)}),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "regime", "good", "bad"), MECHANISM)
def test_claims_about_runs(claim, regime, good, bad):
    problem = {"flip_prob": 0.05}
    for site, scope, failure in (
        (inside(**problem), Scope.INSIDE, Status.VIOLATED),
        (outside(**problem), Scope.OUTSIDE, Status.VIOLATED),
    ):
        verdict = decide(study(grown(site, **good), regime=regime), claim)
        assert (verdict.status, verdict.scope) == (Status.HOLDS, scope)
        verdict = decide(study(grown(site, **bad), regime=regime), claim)
        assert (verdict.status, verdict.scope) == (failure, scope)
    if claim not in ("M1", "H3"):  # these speak of the start, and of any step
        unfinished = grown(inside(**problem), events=(10.0, np.nan, np.nan), **bad)
        assert decide(study(unfinished, regime=regime), claim).status is Status.INCONCLUSIVE


def test_final_error_is_measured_above_p():
    # (1 - 2p)·P <= 0.01: at p = 0.4, P may be 0.05
    for failure, status in ((0.049, Status.HOLDS), (0.051, Status.VIOLATED)):
        one = grown(outside(flip_prob=0.4), log_failure_prob=np.log(failure))
        assert decide(study(one), "B8").status is status


def falling(fall, problem=None, runs=64, second=20.0):
    """Runs with an excess of e^-2 at T1 = 10 that falls by e^-``fall`` (R,) until T2."""
    first = np.full(runs, -2.0)
    logs = np.stack([np.full(runs, np.log(0.5)), first, first - fall, first - fall], axis=1)
    made = trajectory(problem or inside(), [0, 10, 20, 30], runs, log_failure_prob=logs)
    return study(result(made, T1=10.0, T2=second, T3=np.inf))


def test_the_third_constant_rests_on_measured_excesses():
    for problem, scope in ((inside(), Scope.INSIDE), (outside(), Scope.OUTSIDE)):
        # a tenth is e^-2.303
        for fall, status in ((2.4, Status.HOLDS), (2.2, Status.VIOLATED)):
            verdict = decide(falling(np.full(64, fall), problem), "B9")
            assert (verdict.status, verdict.scope) == (status, scope)
        # frozen, a fifth of the decay, and one that rises
        for altered in (np.zeros(64), np.full(64, 0.2 * 5.0), np.full(64, -1.0)):
            assert decide(falling(altered, problem), "B9").status is Status.VIOLATED
    some = decide(falling(np.where(np.arange(64) < 5, 0.0, 9.0)), "B9")
    assert (some.status, some.evidence["all"]["violations"]) == (Status.INCONCLUSIVE, 5)
    assert "falls by e^-0 at the least" in some.reason


def test_the_third_constant_needs_the_second_event_after_the_first():
    for second in (np.nan, 5.0):
        verdict = decide(falling(np.full(64, 9.0), second=second), "B9")
        assert verdict.status is Status.INCONCLUSIVE
        assert verdict.evidence["median_log_of_excess_T2_over_T1"] == {}


def test_assumptions_claims_follow_the_numbers():
    made = study(grown(inside()), grown(outside()))
    assert decide(made, "A3").status is Status.HOLDS
    assert decide(made, "A3").scope is Scope.BOTH
    verdict = decide(made, "A1")
    assert (verdict.status, verdict.worst_cell) == (Status.OUT_OF_SCOPE, "cell")


def drawn(bias=0.0, p=0.1, seed=0, cells=3):
    """Cells whose drawn errors are binomial around eq. (2), plus a bias."""
    rng = np.random.default_rng(seed)
    made = []
    for rank in range(cells):
        problem = outside(flip_prob=p, dim=400 + rank)
        expected = np.broadcast_to([0.45, p], (8, 2))
        errors = rng.binomial(256, np.clip(expected + bias, 0, 1)) / 256
        made.append(
            result(trajectory(problem, [0, 9], test_error=expected, test_error_drawn=errors))
        )
    return study(*made)


def test_drawn_errors_that_follow_the_identity():
    # |z| > 4 at one of two steps: 1.3e-4 a study
    for seed in range(20):
        verdict = decide(drawn(seed=seed), "I1")
        assert (verdict.status, verdict.scope) == (Status.HOLDS, Scope.OUTSIDE)


@pytest.mark.parametrize("bias", [-0.04, 0.04])
def test_biased_draws_are_caught(bias):
    # 24 runs of 256 tokens: one standard error is about 0.006
    assert decide(drawn(bias=bias), "I1").status is Status.VIOLATED


def test_biased_draws_are_caught_where_nothing_should_vary():
    assert decide(drawn(p=0.0), "I1").status is Status.HOLDS
    assert decide(drawn(bias=0.02, p=0.0), "I1").status is Status.VIOLATED
    one = drawn(p=0.0).results[0]
    errors = np.array([[0.45, 1 / 256]] * 8)
    verdict = decide(study(with_quantities(one, test_error_drawn=errors)), "I1")
    assert (verdict.status, verdict.statistic) == (Status.VIOLATED, np.inf)


def test_claims_are_chosen_by_id():
    assert [one.id for one in chosen_claims()] == IDS
    assert [one.id for one in chosen_claims(["x3", "B4"])] == ["B4", "X3"]
    assert [one.id for one in chosen_claims(["E13", "H0"])] == ["H0e", "H0l", "E13a", "E13b"]
    for wrong in ("B99", "", "B", "4"):
        with pytest.raises(CompareError, match="not in the ledger; choose from"):
            chosen_claims([wrong])
