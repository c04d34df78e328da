"""S5 and S6: the model trained is that of eq. (1), and its step that of Lemma 5.3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .....simulate import InitialArrays, LearningRates, Problem, draw_arrays
from .....simulate.engines import get_engine
from .....theory import Provenance
from ....cells import Study
from ....checks.model_forms import four_softmax_outputs, matrix_outputs, training_tokens
from ....claim import Claim
from ....thresholds import LEMMA_STEP_TRIALS, MODEL_FORM_TOLERANCE, MODEL_FORM_TRIALS
from ....verdict import Scope, Status, Verdict

Array = NDArray[np.float64]


def _form_difference(trial: int) -> float:
    """Largest difference of eq. (1) from the matrix form and from the model that is trained."""
    # imported here because listing the claims does not need torch
    from .....simulate.engines.direct import DirectRun

    problem = Problem(
        n_samples=3 + 2 * trial, dim=4 + 5 * trial, key_dim=2 + 3 * trial, value_dim=1 + trial,
        flip_prob=0.25, signal_norm=2.0, noise_std=0.7, init_std_qk=0.2 + 0.1 * (trial % 5),
        init_std_v=0.4, start="materialised", test_tokens=1, seed=100 + trial,
    )  # fmt: skip
    arrays = draw_arrays(problem, run=0)
    rates = LearningRates.uniform(problem.learning_rate)
    trained = DirectRun(problem, [arrays], rates, "cpu").models[0].outputs().numpy()
    tokens = training_tokens(arrays)
    matrix, expanded = matrix_outputs(tokens, arrays), four_softmax_outputs(tokens, arrays)
    apart = np.maximum(np.abs(expanded - matrix), np.abs(expanded - trained))
    return float(apart.max() / np.abs(matrix).max())


@dataclass(frozen=True)
class FourSoftmaxOutputs:
    """Eq. (1) agrees with the matrix form and the trained model on 12 problems, within 1e-12."""

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on small random problems."""
        differences = [_form_difference(trial) for trial in range(MODEL_FORM_TRIALS)]
        largest = float(np.max(differences))  # np.max keeps a NaN, max may not
        return claim.verdict(
            study,
            Status.HOLDS if largest <= MODEL_FORM_TOLERANCE else Status.VIOLATED,
            f"largest relative difference {largest:.1e} over {MODEL_FORM_TRIALS} random problems",
            statistic=largest,
            statistic_name="largest relative difference of f, four softmax outputs against "
            "matrices",
            threshold=MODEL_FORM_TOLERANCE,
            tightness=MODEL_FORM_TOLERANCE / largest if largest else None,
            evidence={"differences": differences},
        )


def lemma_step(arrays: InitialArrays, rate: float, train_output: bool) -> tuple[Array, Array]:
    """W_V w_O before and after one step by Lemma 5.3 (DERIVED).

    h = (1/NM) Σ g_n (a_n μ_ŷn + b_n ξ_n) with a_n the attention of both queries on the signal
    token and b_n = M - a_n; then W_V w_O changes by -η‖w_O‖² h, and with w_O trained also by
    -η W_V W_Vᵀ h + η² h (w_Oᵀ W_Vᵀ h).

    Returns:
        The (d,) vectors W_V w_O at t and t + 1.
    """
    labels, n = arrays.labels, len(arrays.noise)
    u = arrays.W_V @ arrays.w_O
    h = np.zeros_like(u)
    for sample in range(n):
        signal = arrays.signals[0 if labels.true[sample] > 0 else 1]
        tokens = np.stack([signal, arrays.noise[sample]])
        logits = (tokens @ arrays.W_Q) @ (tokens @ arrays.W_K).T
        attention = np.exp(logits - logits.max(axis=1, keepdims=True))
        attention /= attention.sum(axis=1, keepdims=True)
        a, b = attention.sum(axis=0)
        f = (a * tokens[0] @ u + b * tokens[1] @ u) / 2
        y = labels.observed[sample]
        g = -y / (1 + np.exp(y * f))
        h += g * (a * tokens[0] + b * tokens[1]) / (2 * n)
    after = u - rate * (arrays.w_O @ arrays.w_O) * h
    if train_output:
        pulled = arrays.W_V.T @ h
        after = after - rate * arrays.W_V @ pulled + rate**2 * h * (arrays.w_O @ pulled)
    return u, after


def _step_difference(trial: int, train_output: bool) -> float:
    """Largest |V_z(lemma) - V_z(autograd)| over training and fresh tokens, relative."""
    problem = Problem(
        n_samples=3 + trial, dim=5 + 4 * trial, key_dim=4 + trial, value_dim=6, flip_prob=0.25,
        signal_norm=2.0, noise_std=0.7, init_std_qk=0.5, init_std_v=0.4, learning_rate=0.3,
        train_output=train_output, test_tokens=7, start="materialised", seed=trial,
    )  # fmt: skip
    arrays = draw_arrays(problem, run=0)
    rates = LearningRates.uniform(problem.learning_rate)
    run = get_engine("direct").start(problem, [0], [arrays], rates, "cpu")
    run.advance(1)
    seen = run.snapshot()
    after = lemma_step(arrays, problem.learning_rate, train_output)[1]
    tokens = np.vstack([arrays.signals, arrays.noise, arrays.test_noise])
    by_autograd = np.concatenate([seen.signal_values[0], seen.noise_values[0], seen.test_values[0]])
    by_lemma = tokens @ after
    return float(np.abs(by_lemma - by_autograd).max() / np.abs(by_autograd).max())


@dataclass(frozen=True)
class LemmaStep:
    """Lemma 5.3's step agrees with autograd's on random problems, w_O frozen or not, to 1e-12."""

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on small random problems."""
        worst = {
            name: float(
                np.max([_step_difference(trial, trained) for trial in range(LEMMA_STEP_TRIALS)])
            )
            for name, trained in (("frozen", False), ("trained", True))
        }
        largest = float(np.max(list(worst.values())))  # np.max keeps a NaN, max may not
        return claim.verdict(
            study,
            Status.HOLDS if largest <= MODEL_FORM_TOLERANCE else Status.VIOLATED,
            f"largest relative difference {largest:.1e} over {2 * LEMMA_STEP_TRIALS} random "
            "problems",
            scope=Scope.NONE,
            statistic=largest,
            statistic_name="largest relative difference of V after one step",
            threshold=MODEL_FORM_TOLERANCE,
            tightness=MODEL_FORM_TOLERANCE / largest if largest else None,
            evidence=worst,
        )


CLAIMS = (
    Claim(
        id="S5",
        statement="The output in terms of four softmax outputs equals the matrix form of the model",
        provenance=Provenance.SOURCE,
        seen=True,
        source="eq. (1)",
        regimes=("benign", "harmful"),
        check=FourSoftmaxOutputs(),
        kinds=(),
    ),
    Claim(
        id="S6",
        statement="Lemma 5.3's update of V is one step of gradient descent, w_O frozen or trained",
        provenance=Provenance.DERIVED,
        source="Lemma 5.3",
        regimes=("benign", "harmful"),
        check=LemmaStep(),
        kinds=(),
    ),
)
