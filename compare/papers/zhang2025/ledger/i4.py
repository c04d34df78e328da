"""I4: Lemma 5.2's error event, in V and attention, is the model's own."""

import dataclasses

import numpy as np

from .....simulate import LearningRates, Problem, draw_arrays
from .....theory import Provenance
from .....theory.lemmas.error_event import contradicts_truth
from ....cells import Study
from ....checks.model_forms import fresh_attentions, fresh_tokens, matrix_outputs
from ....claim import ByFunction, Claim
from ....verdict import Status, Verdict

#: Problems tried, each at its start and after training.
TRIALS = 6
STEPS = 40
TOKENS = 256


def _disagreements(trial: int) -> tuple[int, int, int]:
    """Fresh samples on which event and sign differ, those with the event, and all."""
    # loaded here, for torch is not needed to list the claims
    from .....simulate.engines.direct import DirectRun

    problem = Problem(
        n_samples=4 + 2 * trial, dim=30 + 10 * trial, key_dim=5, value_dim=4, flip_prob=0.2,
        noise_std=0.2, learning_rate=0.5, init_std_qk=0.5, init_std_v=0.2, test_tokens=TOKENS,
        train_output=trial % 2 == 1, start="materialised", seed=200 + trial,
    )  # fmt: skip
    arrays = draw_arrays(problem, run=0)
    rates = LearningRates.uniform(problem.learning_rate)
    run = DirectRun(problem, [arrays], rates, "cpu")
    true = arrays.labels.test_true
    row = np.where(true > 0, 0, 1)
    each = np.arange(true.size)
    tokens = fresh_tokens(arrays)
    apart = failed = 0
    for steps in (0, STEPS):
        run.advance(steps)
        W = {name: one.detach().numpy() for name, one in run.models[0].weights.items()}
        now = dataclasses.replace(arrays, W_Q=W["W_Q"], W_K=W["W_K"], W_V=W["W_V"], w_O=W["w_O"])
        outputs = matrix_outputs(tokens, now)
        own = true * outputs <= 0
        snapshot = run.snapshot()
        attention = (one[0][each, row] for one in fresh_attentions(snapshot))
        memory = snapshot.signal_values[0][row], snapshot.test_values[0]
        event = np.asarray(contradicts_truth(true, *memory, *attention))
        apart += int((event != own).sum())
        failed += int(own.sum())
    return apart, failed, 2 * true.size


def _decide(claim: Claim, study: Study) -> Verdict:
    """ŷf ≤ 0 by Lemma 5.2 against the sign of the matrix form, sample by sample."""
    apart, failed, samples = np.sum([_disagreements(trial) for trial in range(TRIALS)], axis=0)
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
        evidence={"samples": samples, "failures": failed, "problems": TRIALS},
    )


CLAIM = Claim(
    id="I4",
    statement="Lemma 5.2's event, in V and attention, is that the model contradicts the true label",
    provenance=Provenance.DERIVED,
    source="Lemma 5.2",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=(),
    formulas=("output",),
)
