"""I2 to I5, A8 and H7, which no trained run decides, and the same with a fault."""

import dataclasses

import numpy as np
import pytest
from sympy import Integer, Rational, log
from synthetic import decide, study

from bofcheck.compare import Cell, Design, Role, Scope, Status
from bofcheck.compare.checks.model_forms import fresh_outputs, fresh_tokens, matrix_outputs
from bofcheck.compare.papers.zhang2025.designs._problems import inside_problem
from bofcheck.compare.papers.zhang2025.ledger import (
    assumptions,
    concentration,
    harmful_loss,
    identities,
)
from bofcheck.simulate import LearningRates, Problem, draw_arrays
from bofcheck.simulate.engines import get_engine
from bofcheck.theory import get_theorem
from bofcheck.theory.lemmas.error_event import contradicts_truth


@pytest.mark.parametrize("claim", ["I2", "I3", "I4", "I5"])
def test_identities_hold(claim):
    assert decide(study(), claim).status is Status.HOLDS


@pytest.mark.parametrize("wrong", [1.1, 0.9])
def test_a_wrong_flip_rate_in_the_loss_is_caught(wrong, monkeypatch):
    real = identities.observe_quantities

    def biased(snapshot, problem, labels):
        return real(snapshot, problem.replace(flip_prob=wrong * problem.flip_prob), labels)

    monkeypatch.setattr(identities, "observe_quantities", biased)
    assert decide(study(), "I2").status is Status.VIOLATED


def test_algebra_that_does_not_close_is_caught(monkeypatch):
    right = identities.flip_loss_identity()
    monkeypatch.setattr(
        identities, "flip_loss_identity", lambda: dataclasses.replace(right, right=2 * right.right)
    )
    verdict = decide(study(), "I2")
    assert verdict.status is Status.VIOLATED
    assert not verdict.evidence["algebra_holds"]


def test_outputs_on_fresh_tokens_are_the_model_s():
    problem = Problem(n_samples=5, dim=30, key_dim=4, value_dim=3, noise_std=0.2, test_tokens=9,
                      init_std_qk=0.4, init_std_v=0.4, start="materialised")  # fmt: skip
    arrays = draw_arrays(problem, 0)
    run = get_engine("span").start(problem, [0], None, LearningRates.uniform(0.1), "cpu")
    outputs = fresh_outputs(run.snapshot())[0]
    row = np.where(arrays.labels.test_true > 0, 0, 1)
    assert outputs[np.arange(9), row] == pytest.approx(
        matrix_outputs(fresh_tokens(arrays), arrays), rel=1e-10, abs=0.0
    )


def heavier(level):
    """Excesses of level standard deviations too often; the bound at 4 is 3.4e-4."""
    real = concentration.excesses

    def spoiled(arrays, problem):
        for name, excess in real(arrays, problem):
            excess = excess.copy()
            excess[:: int(1 / level)] = 4.5
            yield name, excess

    return spoiled


def test_a_tail_beyond_the_bound_is_caught(monkeypatch):
    monkeypatch.setattr(concentration, "TAIL_BOUND_BATCHES", 2)
    monkeypatch.setattr(concentration, "excesses", heavier(1e-3))
    verdict = decide(study(), "I3")
    assert verdict.status is Status.VIOLATED
    assert verdict.statistic > 2


def test_a_bound_with_too_large_an_exponent_is_caught(monkeypatch):
    # for linear g no exponent is true that is larger: 1.5 times is refuted
    real = concentration.log_concentration
    monkeypatch.setattr(
        concentration, "log_concentration", lambda *args: 1.5 * np.asarray(real(*args))
    )
    assert decide(study(), "I3").status is Status.VIOLATED


def test_few_draws_cannot_decide_a_tail(monkeypatch):
    monkeypatch.setattr(concentration, "TAIL_BOUND_BATCHES", 1)
    monkeypatch.setattr(concentration, "TAIL_BOUND_BATCH", 2000)
    assert decide(study(), "I3").status is Status.INCONCLUSIVE


def noise_query_ignored(true, v_signal, v_noise, attention_signal, attention_noise):
    return contradicts_truth(true, v_signal, v_noise, attention_signal, attention_signal)


def signs_swapped(true, *rest):
    return contradicts_truth(-true, *rest)


@pytest.mark.parametrize("wrong", [noise_query_ignored, signs_swapped])
def test_a_wrong_event_is_caught(wrong, monkeypatch):
    monkeypatch.setattr(identities, "contradicts_truth", wrong)
    monkeypatch.setattr(identities, "ERROR_EVENT_TRIALS", 3)
    verdict = decide(study(), "I4")
    assert verdict.status is Status.VIOLATED
    assert verdict.statistic > 0


def test_no_failures_decide_no_event(monkeypatch):
    monkeypatch.setattr(identities, "_disagreements", lambda trial, event: (0, 0, 100))
    assert decide(study(), "I4").status is Status.INCONCLUSIVE


def test_relations_that_leave_a_jump_are_caught():
    benign = get_theorem("benign")
    for constant, expr in benign.continuity.items():
        off = {**benign.continuity, constant: 2 * expr}
        made = dataclasses.replace(study(), theorem=dataclasses.replace(benign, continuity=off))
        verdict = decide(made, "I5")
        assert (verdict.status, verdict.statistic) == (Status.VIOLATED, 1.0)
    loose = dataclasses.replace(study(), theorem=dataclasses.replace(benign, continuity={}))
    assert decide(loose, "I5").status is Status.INCONCLUSIVE


@pytest.mark.parametrize("regime", ["benign", "harmful"])
def test_distance_of_the_paper_s_experiments(regime):
    verdict = decide(study(regime=regime), "A8")
    assert (verdict.status, verdict.scope) == (Status.OUT_OF_SCOPE, Scope.OUTSIDE)
    # d = 512 where N = 100, d_h = 512, ε = 0.01 ask for 100²·512/0.01² = 5e10: eight orders
    room = verdict.evidence["log10_of_room"]["1: input dimension"]
    largest = {"benign": 100, "harmful": 20}[regime]
    assert room["least"] == pytest.approx(-np.log10(largest**2 / 0.01**2), rel=1e-6, abs=0.0)
    assert verdict.statistic == min(
        row["least"] for row in verdict.evidence["log10_of_room"].values()
    )


def test_experiments_inside_would_hold(monkeypatch):
    cells = (Cell("a", Role.HELD_OUT, "stage", inside_problem(24, 1.0, 0.1), 10),)
    design = Design("paper", "", {"benign": cells}, 1, "geometric:4")
    monkeypatch.setattr(assumptions, "get_design", lambda name: design)
    verdict = decide(study(), "A8")
    assert (verdict.status, verdict.scope) == (Status.HOLDS, Scope.INSIDE)
    assert verdict.statistic > 0


def test_the_proof_s_loss_is_too_small():
    verdict = decide(study(regime="harmful"), "H7")
    assert verdict.status is Status.VIOLATED
    assert verdict.statistic == pytest.approx(0.474077 - 0.483943, rel=0.0, abs=2e-6)
    assert "0.48394 is exactly the logistic loss of a margin of 0.47408" in verdict.reason
    assert "at least 0.47408 gives a loss of at most 0.48394" in verdict.reason


def test_another_loss_is_not_called_a_misread_margin(monkeypatch):
    monkeypatch.setattr(harmful_loss, "claimed_loss", lambda: log(Integer(2)))
    verdict = decide(study(regime="harmful"), "H7")
    assert verdict.status is Status.VIOLATED
    assert "margin" not in verdict.reason
    assert verdict.evidence["claimed_is_the_loss_of_proved_as_a_margin"] is False


def test_a_proof_that_reached_enough_would_hold(monkeypatch):
    monkeypatch.setattr(harmful_loss, "proved_loss", lambda: log(Integer(2)))
    monkeypatch.setattr(harmful_loss, "proof_gap_sign", lambda: -Rational(1, 2))
    assert decide(study(regime="harmful"), "H7").status is Status.HOLDS
    # a sign that contradicts the numbers is a fault of the check, not a verdict
    monkeypatch.setattr(harmful_loss, "proof_gap_sign", lambda: Rational(1, 2))
    with pytest.raises(ArithmeticError, match="disagree"):
        decide(study(regime="harmful"), "H7")
