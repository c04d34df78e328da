"""S5: eq. (1), the output as four softmax outputs times values, is the matrix form."""

import numpy as np

from .....simulate import LearningRates, Problem, draw_arrays
from .....theory import Provenance
from ....cells import Study
from ....checks.model_forms import four_softmax_outputs, matrix_outputs, training_tokens
from ....claim import ByFunction, Claim
from ....verdict import Status, Verdict

#: Largest difference relative to the largest |f| (the ledger's number).
TOLERANCE = 1e-12
#: Problems tried.
TRIALS = 12


def _difference(trial: int) -> float:
    """Largest difference of eq. (1) from the matrix form and from the model that is trained."""
    # loaded here, for torch is not needed to list the claims
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


def _decide(claim: Claim, study: Study) -> Verdict:
    """Eq. (1) against the matrix form and the trained model on 12 random problems: within 1e-12."""
    differences = [_difference(trial) for trial in range(TRIALS)]
    largest = float(np.max(differences))  # np.max keeps a NaN, max may not
    return claim.verdict(
        study,
        Status.HOLDS if largest <= TOLERANCE else Status.VIOLATED,
        f"largest relative difference {largest:.1e} over {TRIALS} random problems",
        statistic=largest,
        statistic_name="largest relative difference of f, four softmax outputs against matrices",
        threshold=TOLERANCE,
        tightness=TOLERANCE / largest if largest else None,
        evidence={"differences": differences},
    )


CLAIM = Claim(
    id="S5",
    statement="The output in terms of four softmax outputs equals the matrix form of the model",
    provenance=Provenance.SOURCE,
    source="eq. (1)",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=(),
)
