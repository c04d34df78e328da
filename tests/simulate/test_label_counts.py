import numpy as np
import pytest

from bofcheck.simulate import Problem, draw_arrays, train

SMALL = Problem(
    n_samples=9, dim=30, key_dim=3, value_dim=2, noise_std=0.2, flip_prob=0.3,
    start="materialised", test_tokens=4,
)  # fmt: skip


@pytest.mark.parametrize("engine", ["span", "direct"])
def test_realised_counts_are_those_of_the_labels_trained_on(engine):
    made = train(SMALL, seeds=6, steps=2, engine=engine)
    for run in range(6):
        labels = draw_arrays(SMALL, run).labels
        pairs = list(zip(labels.true.tolist(), labels.observed.tolist(), strict=True))
        assert made.positive[run] == pairs.count((1, 1)) + pairs.count((1, -1))
        assert made.flipped_positive[run] == pairs.count((1, -1))
        assert made.flipped_negative[run] == pairs.count((-1, 1))
    assert not np.array_equal(made.flipped_positive, made.flipped_negative)
    assert made.dataset.flipped_positive.dims == ("seed",)


def test_no_flips_are_counted_where_there_are_none():
    made = train(SMALL.replace(flip_prob=0.0), seeds=3, steps=1)
    assert not made.flipped_positive.any()
    assert not made.flipped_negative.any()
