"""A run's numbers depend on its own key and on nothing that is computed beside it."""

import os
import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from bofcheck.simulate import QUANTITIES, Problem, draw_arrays, train
from bofcheck.simulate.initialization import draw_reduced
from bofcheck.simulate.randomness import Stream, generator

SMALL = Problem(n_samples=6, dim=40, key_dim=5, value_dim=4, noise_std=0.2, flip_prob=0.2)
TEST_QUANTITIES = {
    "test_loss", "test_error", "test_error_low", "test_error_high", "test_error_drawn",
    "log_failure_prob", "failure_prob_error",
    "failure_tilt_gap", "attention_test",
}  # fmt: skip


@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize(
    ("engine", "start"),
    [("span", "sampled"), ("span", "materialised"), ("direct", "materialised")],
)
def test_a_run_is_bitwise_independent_of_its_batch(engine, start, trained):
    problem = SMALL.replace(start=start, train_output=trained)
    batch = train(problem, seeds=[0, 1, 2], steps=40, engine=engine)
    alone = train(problem, seeds=[1], steps=40, engine=engine)
    for name in QUANTITIES:
        assert batch[name][1].tobytes() == alone[name][0].tobytes(), name
    assert not np.array_equal(batch["train_loss"][0], batch["train_loss"][1])


def test_numbers_do_not_depend_on_the_number_of_threads():
    script = (
        "import hashlib, numba\n"
        "from bofcheck.simulate import Problem, train\n"
        "problem = Problem(n_samples=6, dim=1000, noise_std=0.1, train_output=True)\n"
        "trajectory = train(problem, seeds=5, steps=60)\n"
        "data = b''.join(values.tobytes() for values in trajectory.quantities.values())\n"
        "print(numba.get_num_threads(), hashlib.sha256(data).hexdigest())\n"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "NUMBA_NUM_THREADS": threads},
            capture_output=True, text=True, check=True,
        ).stdout.split()
        for threads in ("1", "3")
    ]  # fmt: skip
    assert [threads for threads, _ in printed] == ["1", "3"]
    assert printed[0][1] == printed[1][1]


@pytest.mark.parametrize("start", ["sampled", "materialised"])
@pytest.mark.parametrize("dim", [5, 40])
def test_training_does_not_depend_on_the_number_of_test_tokens(start, dim):
    few, many = (
        train(SMALL.replace(start=start, dim=dim, test_tokens=count), seeds=2, steps=40)
        for count in (3, 70)
    )
    for name in QUANTITIES:
        same = few[name].tobytes() == many[name].tobytes()
        # value_norm is a training quantity too, whatever directions the test tokens open
        assert same == (name not in TEST_QUANTITIES), name


def test_logging_more_often_changes_no_number():
    often = train(SMALL, seeds=2, steps=40, log_at="every:1")
    rarely = train(SMALL, seeds=2, steps=40, log_at=[])
    for name in QUANTITIES:
        assert often[name][:, [0, -1]].tobytes() == rarely[name].tobytes(), name


def test_every_stream_of_every_run_is_its_own():
    keys = list(product((0, 1, 2), Stream))
    first = {generator(SMALL, run, stream).random() for run, stream in keys}
    assert len(first) == len(keys)
    assert generator(SMALL.replace(seed=2**40), 0, Stream.LABELS).random() not in first
    assert generator(SMALL.replace(dim=41), 0, Stream.LABELS).random() not in first


def test_train_and_test_draws_are_uncorrelated():
    problem = Problem(n_samples=300, dim=8, key_dim=1, value_dim=1, test_tokens=300)
    pairs = []
    for run in range(20):
        arrays = draw_arrays(problem, run)
        pairs.append((arrays.noise / 0.05, arrays.test_noise / 0.05))
        labels = arrays.labels
        assert not np.array_equal(labels.true, labels.test_true)
    train_noise, test_noise = (np.concatenate(part) for part in zip(*pairs, strict=True))
    count = train_noise.size
    # the sum of products of independent N(0,1) draws is normal: 5 sigma, false alarm 6e-7
    assert abs(np.sum(train_noise * test_noise)) < 5 * np.sqrt(count)
    assert not np.isin(train_noise.round(12), test_noise.round(12)).any()


def test_labels_follow_their_flip_probability():
    problem = SMALL.replace(n_samples=1000, flip_prob=0.2, test_tokens=1000)
    labels = [draw_reduced(problem.replace(dim=4), run).labels for run in range(20)]
    for true, observed in (("true", "observed"), ("test_true", "test_observed")):
        signs = np.concatenate([getattr(one, true) for one in labels])
        flips = signs != np.concatenate([getattr(one, observed) for one in labels])
        # 20,000 Bernoulli draws: 5 sigma each, false alarm 6e-7
        assert abs(np.mean(signs > 0) - 0.5) < 5 * 0.5 / np.sqrt(signs.size)
        assert abs(np.mean(flips) - 0.2) < 5 * 0.4 / np.sqrt(signs.size)
