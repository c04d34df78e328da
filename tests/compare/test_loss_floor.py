"""H3 and H6: a constant far below the data is said to be far below; near it the words change."""

import numpy as np
import pytest
from synthetic import decide, outside, result, study, trajectory

from bofcheck.compare import Status


def ended(loss, claim):
    """72 harmful runs without flips whose test_loss ends at ``loss``, their labels fitted."""
    steps = [0, 10, 20, 30]
    losses = np.array([[0.7, 0.7, loss, loss]])
    made = trajectory(
        outside(flip_prob=0.0, target_loss=0.2), steps, 72,
        train_loss=np.array([[0.7, 0.5, 0.3, 0.1]]), test_loss=losses,
    )  # fmt: skip
    cell = result(made, "end", T1=5.0, T2=15.0, T3=30.0)
    return decide(study(cell, regime="harmful"), claim)


@pytest.mark.parametrize("claim", ["H3", "H6"])
def test_how_far_below_the_constant_lies_is_said(claim):
    far, near = ended(0.68, claim), ended(0.25, claim)
    assert (far.status, near.status) == (Status.HOLDS, Status.HOLDS)
    assert "at least 2.9× below the data" in far.reason
    assert "2.9×" not in near.reason
    assert near.discrimination.tightest == pytest.approx(np.log(0.25 / 0.23704), rel=1e-3, abs=0.0)
    assert ended(0.23, claim).status is Status.VIOLATED
