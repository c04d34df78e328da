"""I2: eq. (3), the test loss split by whether the label was flipped."""

import numpy as np
from numpy.typing import NDArray

from .....simulate import LearningRates, Problem
from .....simulate.engines import EngineRun, get_engine
from .....simulate.observables import observe_quantities, softplus
from .....theory import Provenance
from .....theory.lemmas.flip_loss import flip_loss_identity
from ....cells import Study
from ....checks.model_forms import fresh_outputs
from ....claim import ByFunction, Claim
from ....verdict import Status, Verdict

Array = NDArray[np.float64]

#: |z| allowed at each of two steps; false alarm 1.3e-4 in all.
Z_LIMIT = 4.0
#: Flip probabilities tried, runs of each, and fresh tokens of a run.
FLIP_PROBS = (0.05, 0.15, 0.35)
RUNS = 8
TOKENS = 2048
#: Steps after which most of these runs fit their labels, so that losses differ widely.
STEPS = 60


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
    true = np.stack([one.test_true for one in run.labels])
    observed = np.stack([one.test_observed for one in run.labels])
    own = np.where(true > 0, f[:, :, 0], f[:, :, 1])
    drawn = softplus(np.asarray(-observed * own))
    return float((drawn - logged[:, None]).sum()), float(variance.sum())


def _decide(claim: Claim, study: Study) -> Verdict:
    """The algebra by SymPy; on small problems, drawn labels' loss against the logged test_loss."""
    algebra = flip_loss_identity().holds()
    surplus, variance = np.zeros(2), np.zeros(2)
    for p in FLIP_PROBS:
        problem = Problem(
            n_samples=10, dim=400, key_dim=20, value_dim=20, noise_std=0.05, flip_prob=p,
            learning_rate=1.0, init_std_qk=0.2, init_std_v=0.2, test_tokens=TOKENS, seed=31,
        )  # fmt: skip
        rates = LearningRates.uniform(problem.learning_rate)
        run = get_engine("span").start(problem, range(RUNS), None, rates, "cpu")
        for at in (0, 1):
            more, spread = _surplus(problem, run)
            surplus[at] += more
            variance[at] += spread
            run.advance(STEPS)
    scores = surplus / np.sqrt(variance)
    worst = float(np.abs(scores).max())
    return claim.verdict(
        study,
        Status.HOLDS if algebra and worst <= Z_LIMIT else Status.VIOLATED,
        f"the algebra {'closes' if algebra else 'does not close'}; the loss of drawn labels is "
        f"{worst:.2f} standard errors from it",
        statistic=worst,
        statistic_name="largest |z| of drawn losses against eq. (3)",
        threshold=Z_LIMIT,
        tightness=Z_LIMIT - worst,
        evidence={
            "algebra_holds": algebra,
            "z": {"first": scores[0], "last": scores[1]},
            "draws": len(FLIP_PROBS) * RUNS * TOKENS,
        },
    )


CLAIM = Claim(
    id="I2",
    statement="test_loss = (1 - p)·E loss(yhat f) + p·E loss(-yhat f)",
    provenance=Provenance.STATED,
    source="eq. (3)",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=(),
    formulas=("eq. (3)",),
)
