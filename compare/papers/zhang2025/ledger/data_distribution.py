"""S1 to S4: the labels, signals and noise that are drawn are those of Definition 3.1."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from .....simulate.initialization import draw_labels
from .....theory import Provenance
from ....cells import Role, Study
from ....checks.exact_tests import ExactTests
from ....checks.token_draws import Tokens, draw_tokens
from ....claim import Claim
from ....statistics.exact_tests import (
    binomial_p,
    chi_square_p,
    chi_square_scores,
    largest_p,
    normal_p,
    shape_p,
    uncorrelated_p,
)
from ....thresholds import ORTHOGONAL_SIGNALS_TOLERANCE
from ....verdict import Status, Verdict


@dataclass(frozen=True)
class LabelDraws:
    """Exact binomial tests on the training and test labels of every held-out run.

    True labels pooled over all cells are Bin(n, 1/2). Flips pooled over the cells of one p are
    Bin(n, p) among positive and among negative samples, so they do not depend on the true label.
    The false alarm of all tests together is 1e-4. Where p = 0 a single flip rejects.
    """

    RULES = (ExactTests,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the labels of the held-out stage cells."""
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
            return ExactTests({}).decide(claim, study)
        p_values = {"balance of true labels": binomial_p(positive, samples, 0.5)}
        counts = {}
        for (p, sign), (flipped, total) in sorted(flips.items()):
            name = f"flips of {sign:+d} at p = {p:g}"
            p_values[name] = binomial_p(flipped, total, p)
            counts[name] = {"flipped": flipped, "of": total}
        evidence = {"labels": samples, "positive": positive, "flips": counts}
        return ExactTests(p_values, evidence).decide(claim, study)


@dataclass(frozen=True)
class OrthogonalSignals:
    """The Gram matrix of μ₊ and μ₋ over mu² is the identity in every draw, stored and sampled."""

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the signals of the held-out stage cells."""
        departures: dict[str, float] = {}
        draws = 0
        for tokens in draw_tokens(study):
            off = float(np.abs(tokens.signal_gram - np.eye(2)).max())
            departures[f"{tokens.cell}, {tokens.kind}"] = off
            draws += len(tokens.signal_gram)
        if not departures:
            return claim.verdict(study, Status.INCONCLUSIVE, "there is nothing drawn to look at")
        worst = max(departures, key=lambda name: np.nan_to_num(departures[name], nan=np.inf))
        largest = departures[worst]
        return claim.verdict(
            study,
            Status.HOLDS if largest <= ORTHOGONAL_SIGNALS_TOLERANCE else Status.VIOLATED,
            f"⟨μ₊,μ₋⟩/mu² and ‖μ±‖²/mu² - 1 are at most {largest:.1e} in {draws} draws",
            statistic=largest,
            statistic_name="largest entry of |Gram matrix of the signals / mu² - identity|",
            threshold=ORTHOGONAL_SIGNALS_TOLERANCE,
            tightness=ORTHOGONAL_SIGNALS_TOLERANCE / largest if largest else None,
            worst_cell=worst.split(",")[0],
            evidence={"draws": draws},
        )


def _tests(group: list[Tokens]) -> dict[str, float]:
    along = np.concatenate([tokens.along.reshape(-1, 2) for tokens in group])
    off = np.concatenate(
        [
            chi_square_scores(tokens.squares - (tokens.along**2).sum(axis=2), tokens.dim - 2.0)
            for tokens in group
        ],
        axis=None,
    )
    p_values = {
        "variance along the signals": chi_square_p(float((along**2).sum()), along.size),
        "mean along the signals": normal_p(float(along.sum() / np.sqrt(along.size))),
        "correlation along both": uncorrelated_p(along[:, 0], along[:, 1]),
        "variance off the signals": normal_p(float(off.sum() / np.sqrt(off.size))),
    }
    pairs = [tokens.pairs for tokens in group if tokens.pairs is not None]
    if pairs:
        p_values["correlation off the signals"] = uncorrelated_p(*np.concatenate(pairs, axis=1))
    return p_values


@dataclass(frozen=True)
class IsotropicNoise:
    """Exact tests that a noise token over sigma_p is standard normal in every direction.

    Pooled over all held-out cells, separately for real arrays and reduced starts: variance along
    the signals (chi-square; projected noise has none), variance off them (chi-square), mean along
    them, correlation between both, correlation between coordinates off them. The false alarm of
    all tests together is 1e-4.
    """

    RULES = (ExactTests,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the noise tokens of the held-out stage cells."""
        drawn = list(draw_tokens(study))
        p_values: dict[str, float] = {}
        variance = {}
        for kind in ("stored", "sampled"):
            group = [tokens for tokens in drawn if tokens.kind == kind]
            if group:
                p_values |= {f"{kind}: {name}": p for name, p in _tests(group).items()}
                along = np.concatenate([tokens.along.ravel() for tokens in group])
                variance[kind] = float((along**2).mean())
        aside = [
            result.cell.name
            for result in study.select(Role.HELD_OUT, "stage")
            if result.cell.problem.noise != "isotropic"
        ]
        evidence = {"variance_along_over_sigma_p2": variance, "projected_by_design": aside}
        return ExactTests(p_values, evidence).decide(claim, study)


@dataclass(frozen=True)
class NoiseNorms:
    """‖ξ‖²/sigma_p² against chi-square with d degrees, whose relative spread is √(2/d).

    Every token's level becomes a normal score. Their largest departure, their mean and, by
    Kolmogorov–Smirnov, their shape are tested, separately for real arrays and reduced starts. The
    false alarm of all tests together is 1e-4.
    """

    RULES = (ExactTests,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the norms of the held-out stage cells' noise tokens."""
        drawn = list(draw_tokens(study))
        p_values: dict[str, float] = {}
        spread: dict[str, dict[str, float]] = {}
        for kind in ("stored", "sampled"):
            group = [tokens for tokens in drawn if tokens.kind == kind]
            if not group:
                continue
            scores = np.concatenate(
                [chi_square_scores(tokens.squares, tokens.dim).ravel() for tokens in group]
            )
            p_values[f"{kind}: largest departure"] = largest_p(scores)
            p_values[f"{kind}: mean"] = normal_p(float(scores.sum() / np.sqrt(scores.size)))
            p_values[f"{kind}: shape"] = shape_p(scores)
            spread[kind] = {
                tokens.cell: float(np.abs(tokens.squares / tokens.dim - 1).max() * tokens.dim**0.5)
                for tokens in group
            }
        evidence = {"largest_departure_times_sqrt_d": spread}
        return ExactTests(p_values, evidence).decide(claim, study)


CLAIMS = (
    Claim(
        id="S1",
        statement="True labels are balanced, and each is flipped with probability p",
        provenance=Provenance.STATED,
        source="Definition 3.1",
        regimes=("benign", "harmful"),
        check=LabelDraws(),
        kinds=("stage",),
    ),
    Claim(
        id="S2",
        statement="The signals μ₊ and μ₋ are orthogonal and of equal norm",
        provenance=Provenance.STATED,
        source="Definition 3.1",
        regimes=("benign", "harmful"),
        check=OrthogonalSignals(),
        kinds=("stage",),
    ),
    Claim(
        id="S3",
        statement="The noise token is N(0, sigma_p² I), also along the signals",
        provenance=Provenance.STATED,
        source="Definition 3.1",
        regimes=("benign", "harmful"),
        check=IsotropicNoise(),
        kinds=("stage",),
    ),
    Claim(
        id="S4",
        statement="‖ξ‖² is sigma_p² d up to a relative O(1/√d)",
        provenance=Provenance.DERIVED,
        source="Definition 3.1, used throughout Appendix C",
        regimes=("benign", "harmful"),
        check=NoiseNorms(),
        kinds=("stage",),
    ),
)
