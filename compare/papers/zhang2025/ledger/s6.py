"""S6: Lemma 5.3's update of V equals one autograd step, w_O frozen and trained."""

import numpy as np
from numpy.typing import NDArray

from .....simulate import InitialArrays, LearningRates, Problem, draw_arrays
from .....simulate.engines import get_engine
from .....theory import Provenance
from ....cells import Study
from ....claim import ByFunction, Claim
from ....verdict import Scope, Status, Verdict

Array = NDArray[np.float64]

#: Largest difference relative to the largest |V| (the ledger's number).
TOLERANCE = 1e-12
#: Problems tried, each with w_O frozen and trained.
TRIALS = 8


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


def _difference(trial: int, train_output: bool) -> float:
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


def _decide(claim: Claim, study: Study) -> Verdict:
    """Lemma 5.3's step against autograd's on random problems, frozen and trained: within 1e-12."""
    worst = {
        name: float(np.max([_difference(trial, trained) for trial in range(TRIALS)]))
        for name, trained in (("frozen", False), ("trained", True))
    }
    largest = float(np.max(list(worst.values())))  # np.max keeps a NaN, max may not
    return claim.verdict(
        study,
        Status.HOLDS if largest <= TOLERANCE else Status.VIOLATED,
        f"largest relative difference {largest:.1e} over {2 * TRIALS} random problems",
        scope=Scope.NONE,
        statistic=largest,
        statistic_name="largest relative difference of V after one step",
        threshold=TOLERANCE,
        tightness=TOLERANCE / largest if largest else None,
        evidence=worst,
    )


CLAIM = Claim(
    id="S6",
    statement="Lemma 5.3's update of V is one step of gradient descent, w_O frozen or trained",
    provenance=Provenance.DERIVED,
    source="Lemma 5.3",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=(),
)
