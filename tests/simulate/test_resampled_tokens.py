"""Fresh tokens drawn jointly or resampled: the same law one by one, another one together.

A single token meets its own weights only, so with ``test_tokens = 1`` both draws have the same
joint law of everything, training included. About 300 two-sample Kolmogorov-Smirnov tests at
p > 1e-6 each: over the choice of seeds a false alarm once in 3,000.
"""

import numpy as np
import pytest
from scipy.stats import ks_2samp
from test_start_distribution import BASE, REGIMES, SPARED, scalars

from bofcheck.simulate import Problem, ProblemError, train
from bofcheck.simulate.initialization import draw_reduced

LEVEL = 1e-6


@pytest.mark.parametrize("regime", SPARED)
def test_one_token_alone_has_the_joint_law(regime):
    problem = BASE.replace(**REGIMES[regime], test_tokens=2)
    joint = scalars(problem)
    resampled = scalars(problem.replace(test_draw="resampled", seed=2))
    # numbers of both tokens together may differ: that is the documented difference
    together = [name for name in joint if "joint" in name or "size of" in name]
    for name in joint.keys() - set(together):
        assert ks_2samp(joint[name], resampled[name]).pvalue > LEVEL, name


def test_training_is_the_same_whichever_way_test_tokens_are_drawn():
    joint = draw_reduced(BASE, 0)
    resampled = draw_reduced(BASE.replace(test_draw="resampled"), 0)
    for name in ("gram", "queries", "keys", "values", "output", "line_gram"):
        assert getattr(joint, name).tobytes() == getattr(resampled, name).tobytes(), name


def cross_mean_spread(test_draw, dim):
    """Variance over W(0) of the run mean of ξ'W_Q·ξ'W_K outside the span, over one token's."""
    problem = BASE.replace(
        dim=dim, key_dim=60, n_samples=1, test_tokens=80, test_draw=test_draw, init_std_qk=1.0
    )
    crosses = np.stack([draw_reduced(problem, run).test_cross for run in range(1500)])
    return crosses.mean(axis=1).var() / (crosses.var() / problem.test_tokens)


def test_tokens_share_one_w0_only_when_drawn_jointly():
    # Independent tokens give 1; sharing W(0) adds about m/d, here 80/80 and 80/2000. Resampled
    # tokens share 16 axes only, those of training: (16/80)²·80/16 is added.
    # The ratio of variances of 1,500 draws errs by 4%, five times that is allowed.
    assert cross_mean_spread("joint", 80) == pytest.approx(2.0, rel=0.2, abs=0.0)
    assert cross_mean_spread("resampled", 80) == pytest.approx(1.2, rel=0.2, abs=0.0)
    assert cross_mean_spread("joint", 2000) == pytest.approx(1.0, abs=0.25)
    assert cross_mean_spread("resampled", 2000) == pytest.approx(1.0, abs=0.25)


def test_many_tokens_are_affordable():
    problem = Problem(dim=10**9, test_tokens=20_000, test_draw="resampled")
    trajectory = train(problem, seeds=1, steps=2, log_at=[2])  # jointly: 3 GB for the tokens alone
    assert np.isfinite(trajectory["test_loss"]).all()


def test_real_arrays_cannot_be_resampled():
    with pytest.raises(ProblemError, match='needs start = "sampled"'):
        Problem(test_draw="resampled", start="materialised")
