"""S1: labels are flipped at rate p, and true labels are balanced."""

from collections import defaultdict

from .....simulate.initialization import draw_labels
from .....theory import Provenance
from ....cells import Role, Study
from ....checks.exact_tests import binomial_p, decide_null
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    """Exact binomial tests on the training and test labels of every held-out run.

    True labels pooled over all cells are Bin(n, 1/2); flips pooled over the cells of one p are
    Bin(n, p) among positive and among negative samples, so that they depend on neither. False
    alarm of all tests together: 1e-4. Where p = 0 a single flip rejects.
    """
    samples = positive = 0
    flips: defaultdict[tuple[float, int], list[int]] = defaultdict(lambda: [0, 0])
    for result in study.select(Role.HELD_OUT, "stage"):
        problem = result.cell.problem
        for run in result.trajectory.seeds.tolist():
            labels = draw_labels(problem, run)
            for true, observed in (
                (labels.true, labels.observed),
                (labels.test_true, labels.test_observed),
            ):
                samples += true.size
                positive += int((true > 0).sum())
                for sign in (1, -1):
                    tally = flips[problem.flip_prob, sign]
                    tally[0] += int((observed[true == sign] != sign).sum())
                    tally[1] += int((true == sign).sum())
    if not samples:
        return decide_null(claim, study, {})
    p_values = {"balance of true labels": binomial_p(positive, samples, 0.5)}
    counts = {}
    for (p, sign), (flipped, total) in sorted(flips.items()):
        name = f"flips of {sign:+d} at p = {p:g}"
        p_values[name] = binomial_p(flipped, total, p)
        counts[name] = {"flipped": flipped, "of": total}
    return decide_null(claim, study, p_values, labels=samples, positive=positive, flips=counts)


CLAIM = Claim(
    id="S1",
    statement="True labels are balanced, and each is flipped with probability p",
    provenance=Provenance.STATED,
    source="Definition 3.1",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=("stage",),
)
