"""Two cells against numbers seen before this project existed.

Origin of the golden values: an independent prototype of the same model (its own code, draws and
step loop); tolerances cover the spread between seeds. The prototype's clean attention (0.71 and
0.85 in the benign cells) is not pinned: here it is 0.82 and 0.92 over 16 seeds, the engine agrees
with autograd on it to rounding, and the prototype's way of averaging is not known.
"""

import numpy as np
import pytest

from bofcheck.compare.papers.zhang2025.designs.quick import DESIGN
from bofcheck.simulate import train

CELLS = {cell.name: cell for group in DESIGN.cells.values() for cell in group}


def means_at(trajectory, name, steps):
    at = [int(np.argmin(np.abs(trajectory.steps - step))) for step in steps]
    return np.nanmean(trajectory[name], axis=0)[at]


@pytest.fixture(scope="module")
def known():
    return train(CELLS["b-known"].problem, seeds=8, steps=24_000, log_at="geometric:96")


def test_benign_error_falls_to_p_by_the_prototypes_times(known):
    start, middle, late = means_at(known, "test_error", (0, 830, 1_900))
    assert 0.4 < start < 0.55  # prototype 0.46
    assert middle == pytest.approx(0.112, abs=0.02)
    assert late == pytest.approx(0.100, abs=0.002)


def test_benign_attention_and_loss_end_where_the_prototype_ended(known):
    assert means_at(known, "attention_clean", (0,))[0] == pytest.approx(0.50, abs=0.01)
    assert means_at(known, "attention_clean", (24_000,))[0] > 0.7
    assert means_at(known, "attention_flipped", (24_000,))[0] == pytest.approx(0.10, abs=0.05)
    assert means_at(known, "train_loss", (0,))[0] == pytest.approx(0.69, abs=0.01)
    assert means_at(known, "train_loss", (24_000,))[0] == pytest.approx(0.081, abs=0.04)


def test_noisy_labels_are_all_fitted_by_step_15000(known):
    assert means_at(known, "fitted_flipped", (15_500,))[0] == 1.0


def test_harsher_cell_focuses_further():
    harsh = train(CELLS["b-harsh"].problem, seeds=8, steps=20_000, log_at=[20_000])
    assert np.nanmean(harsh["attention_clean"][:, -1]) > 0.84
    assert np.nanmean(harsh["attention_flipped"][:, -1]) == pytest.approx(0.02, abs=0.02)
    assert harsh["train_loss"][:, -1].mean() == pytest.approx(0.010, abs=0.005)


def test_harmful_cell_fits_noise():
    problem = CELLS["h-known"].problem
    known = train(problem, seeds=8, steps=20_000, log_at=[20_000])
    assert known["train_loss"][:, -1].mean() == pytest.approx(0.11, abs=0.02)
    assert known["test_error"][:, -1].mean() == pytest.approx(0.41, abs=0.04)
    assert np.nanmean(known["attention_clean"][:, -1]) == pytest.approx(0.29, abs=0.03)


@pytest.mark.slow
def test_the_quick_preset_decides_every_claim_without_an_error():
    from bofcheck.compare import Status, regime_plan, verify

    verification = verify(regime_plan())
    statuses = {(one.regime, one.claim): one.status for one in verification.verdicts}
    assert Status.ERROR not in statuses.values()
    assert statuses["benign", "B8"] is Status.HOLDS
    assert statuses["benign", "B4"] is Status.VIOLATED
    assert statuses["harmful", "H6"] is Status.HOLDS
