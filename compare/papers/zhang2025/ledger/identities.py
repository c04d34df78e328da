"""I1, I2 and I4: eqs. (2) and (3), and Lemma 5.2's error event."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .....simulate import LearningRates, Problem, draw_arrays
from .....simulate.engines import EngineRun, get_engine
from .....simulate.observables import observe_quantities, softplus
from .....theory import Provenance
from .....theory.lemmas.error_event import contradicts_truth
from .....theory.lemmas.flip_loss import flip_loss_identity
from .....theory.lemmas.identities import label_flip_identity
from ....cells import Role, Study, scope_of
from ....checks.model_forms import fresh_attentions, fresh_outputs, fresh_tokens, matrix_outputs
from ....claim import Claim
from ....thresholds import (
    ERROR_EVENT_TOKENS,
    ERROR_EVENT_TRIALS,
    FLIP_LOSS_RUNS,
    FLIP_LOSS_TOKENS,
    IDENTITY_Z_LIMIT,
)
from ....verdict import Status, Verdict

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LabelFlips:
    """The algebra by SymPy, and drawn errors against the identity at the first and last step.

    Given the tokens, drawn errors are independent, with the identity's mean and a variance of at
    most e(1-e), so z is conservative: at most 4 in absolute value at both steps.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        algebra = label_flip_identity().holds()
        results = [each for each in study.select(Role.HELD_OUT, "stage") if each.ok.any()]
        scores: dict[str, float] = {}
        for name, at in (("first", 0), ("last", -1)):
            surplus, variance = 0.0, 0.0
            for result in results:
                expected = result.trajectory["test_error"][result.ok, at]
                drawn = result.trajectory["test_error_drawn"][result.ok, at]
                tokens = result.cell.problem.test_tokens
                surplus += float((tokens * (drawn - expected)).sum())
                variance += float((tokens * expected * (1 - expected)).sum())
            if variance > 0:
                scores[name] = surplus / np.sqrt(variance)
            else:
                scores[name] = np.copysign(np.inf, surplus) if surplus else 0.0
        worst = max(abs(score) for score in scores.values())
        evidence = {"algebra_holds": algebra, "z": scores, "cells": len(results)}
        if not results:
            return claim.verdict(study, Status.INCONCLUSIVE, "no held-out run was finished")
        holds = algebra and worst <= IDENTITY_Z_LIMIT
        return claim.verdict(
            study,
            Status.HOLDS if holds else Status.VIOLATED,
            f"the algebra {'closes' if algebra else 'does not close'}; drawn errors are "
            f"{worst:.2f} standard errors from it",
            scope=scope_of(results),
            statistic=worst,
            statistic_name="largest |z| of drawn errors against eq. (2)",
            threshold=IDENTITY_Z_LIMIT,
            tightness=IDENTITY_Z_LIMIT - worst,
            evidence=evidence,
        )


#: Flip probabilities tried, runs of each, and fresh tokens of a run.
FLIP_PROBS = (0.05, 0.15, 0.35)
#: Steps after which most of these runs fit their labels, so that losses differ widely.
LOSS_STEPS = 60


def _surplus(problem: Problem, run: EngineRun) -> tuple[float, float]:
    """Σ (loss of the drawn labels - eq. (3)) over all fresh tokens, and its variance.

    Given the tokens, drawn losses are independent: ŷ is ±1 and y = ŷ with probability 1 - p.
    """
    snapshot = run.snapshot()
    f = fresh_outputs(snapshot)  # (R, m, 2), by true label +1 and -1
    p = problem.flip_prob
    logged = observe_quantities(snapshot, problem, run.labels)["test_loss"]
    losses = np.stack([softplus(-f), softplus(f)])  # for y = +1 and y = -1
    chances = 0.5 * np.array([[1 - p, p], [p, 1 - p]])[:, None, None, :]  # of (y, ŷ)
    mean = (chances * losses).sum(axis=(0, 3))
    variance = (chances * losses**2).sum(axis=(0, 3)) - mean**2
    true = np.stack([labels.test_true for labels in run.labels])
    observed = np.stack([labels.test_observed for labels in run.labels])
    own = np.where(true > 0, f[:, :, 0], f[:, :, 1])
    drawn = softplus(np.asarray(-observed * own))
    return float((drawn - logged[:, None]).sum()), float(variance.sum())


@dataclass(frozen=True)
class FlipLoss:
    """The algebra by SymPy, and the loss of drawn labels against the logged test_loss.

    On small problems, at the start and after training; z must be at most 4 in absolute value.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on small problems trained for it."""
        algebra = flip_loss_identity().holds()
        surplus, variance = np.zeros(2), np.zeros(2)
        for p in FLIP_PROBS:
            problem = Problem(
                n_samples=10, dim=400, key_dim=20, value_dim=20, noise_std=0.05, flip_prob=p,
                learning_rate=1.0, init_std_qk=0.2, init_std_v=0.2, test_tokens=FLIP_LOSS_TOKENS,
                seed=31,
            )  # fmt: skip
            rates = LearningRates.uniform(problem.learning_rate)
            run = get_engine("span").start(problem, range(FLIP_LOSS_RUNS), None, rates, "cpu")
            for at in (0, 1):
                more, spread = _surplus(problem, run)
                surplus[at] += more
                variance[at] += spread
                run.advance(LOSS_STEPS)
        scores = surplus / np.sqrt(variance)
        worst = float(np.abs(scores).max())
        return claim.verdict(
            study,
            Status.HOLDS if algebra and worst <= IDENTITY_Z_LIMIT else Status.VIOLATED,
            f"the algebra {'closes' if algebra else 'does not close'}; the loss of drawn labels is "
            f"{worst:.2f} standard errors from it",
            statistic=worst,
            statistic_name="largest |z| of drawn losses against eq. (3)",
            threshold=IDENTITY_Z_LIMIT,
            tightness=IDENTITY_Z_LIMIT - worst,
            evidence={
                "algebra_holds": algebra,
                "z": {"first": scores[0], "last": scores[1]},
                "draws": len(FLIP_PROBS) * FLIP_LOSS_RUNS * FLIP_LOSS_TOKENS,
            },
        )


EVENT_STEPS = 40


@cache  # both theorems ask
def _disagreements(trial: int, contradicts: Callable[..., Any]) -> tuple[int, int, int]:
    """Fresh samples on which event and sign differ, those with the event, and all."""
    # imported here because listing the claims does not need torch
    from .....simulate.engines.direct import DirectRun

    problem = Problem(
        n_samples=4 + 2 * trial, dim=30 + 10 * trial, key_dim=5, value_dim=4, flip_prob=0.2,
        noise_std=0.2, learning_rate=0.5, init_std_qk=0.5, init_std_v=0.2,
        test_tokens=ERROR_EVENT_TOKENS, train_output=trial % 2 == 1, start="materialised",
        seed=200 + trial,
    )  # fmt: skip
    arrays = draw_arrays(problem, run=0)
    rates = LearningRates.uniform(problem.learning_rate)
    run = DirectRun(problem, [arrays], rates, "cpu")
    true = arrays.labels.test_true
    row = np.where(true > 0, 0, 1)
    each = np.arange(true.size)
    tokens = fresh_tokens(arrays)
    apart = failed = 0
    for steps in (0, EVENT_STEPS):
        run.advance(steps)
        W = {name: w.detach().numpy() for name, w in run.models[0].weights.items()}
        now = dataclasses.replace(arrays, W_Q=W["W_Q"], W_K=W["W_K"], W_V=W["W_V"], w_O=W["w_O"])
        outputs = matrix_outputs(tokens, now)
        own = true * outputs <= 0
        snapshot = run.snapshot()
        attention = (column[0][each, row] for column in fresh_attentions(snapshot))
        memory = snapshot.signal_values[0][row], snapshot.test_values[0]
        event = np.asarray(contradicts(true, *memory, *attention))
        apart += int((event != own).sum())
        failed += int(own.sum())
    return apart, failed, 2 * true.size


@dataclass(frozen=True)
class ErrorEvent:
    """Lemma 5.2's event ŷf ≤ 0 against the sign of the matrix form, sample by sample.

    On small problems, at the start and after training; a single disagreement is a failure.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on small problems trained for it."""
        apart, failed, samples = np.sum(
            [_disagreements(trial, contradicts_truth) for trial in range(ERROR_EVENT_TRIALS)],
            axis=0,
        )
        seen = 0 < failed < samples
        status = Status.VIOLATED if apart else Status.HOLDS if seen else Status.INCONCLUSIVE
        return claim.verdict(
            study,
            status,
            f"the event and the model's sign differ on {apart} of {samples} fresh samples, "
            f"{failed} of which fail",
            statistic=float(apart),
            statistic_name="fresh samples on which the event and the model's own sign differ",
            threshold=0.0,
            evidence={"samples": samples, "failures": failed, "problems": ERROR_EVENT_TRIALS},
        )


CLAIMS = (
    Claim(
        id="I1",
        statement="test_error = p + (1 - 2p)·P(yhat f <= 0)",
        provenance=Provenance.STATED,
        source="eq. (2)",
        regimes=("benign", "harmful"),
        check=LabelFlips(),
        kinds=("stage",),
        formulas=("eq. (2)",),
    ),
    Claim(
        id="I2",
        statement="test_loss = (1 - p)·E loss(yhat f) + p·E loss(-yhat f)",
        provenance=Provenance.STATED,
        source="eq. (3)",
        regimes=("benign", "harmful"),
        check=FlipLoss(),
        kinds=(),
        formulas=("eq. (3)",),
    ),
    Claim(
        id="I4",
        statement="Lemma 5.2's event, in V and attention, is that the model contradicts the true "
        "label",
        provenance=Provenance.DERIVED,
        source="Lemma 5.2",
        regimes=("benign", "harmful"),
        check=ErrorEvent(),
        kinds=(),
        formulas=("output",),
    ),
)
