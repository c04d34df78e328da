"""Every contender takes the same gradient steps as the reference engine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from bofcheck.simulate import InitialArrays, Problem, draw_arrays, train
from contenders.dgemm import SIZE
from harness.cell import Cell
from harness.contender import NotOfferedError, find_contenders
from harness.torch_start import draw_start
from plan import ACCELERATOR_ONLY, NOT_TRAINING, YARDSTICKS, plan_groups

ROOT = Path(__file__).parents[2]
CONTENDERS = {name: one for name, (_, one) in find_contenders().items()}
TORCH = ["loop-float32", "loop-float64", "seeds-float32", "seeds-float64", "vmap-float32"]


def reference_losses(cell, steps):
    """Losses the direct engine sees before its last step, from the torch contenders' start."""
    start = draw_start(cell, cell.runs, torch.float64, "cpu")
    problem = Problem(
        n_samples=cell.n_samples, dim=cell.dim, key_dim=cell.dim, value_dim=cell.dim,
        learning_rate=cell.learning_rate, train_output=cell.train_output, test_tokens=1,
        start="materialised",
    )  # fmt: skip
    arrays = []
    for run in range(cell.runs):
        blank = draw_arrays(problem, run)
        labels = start.labels[run].numpy().astype(np.int64)
        weights = {name: weight[run].numpy().copy() for name, weight in start.weights.items()}
        arrays.append(
            InitialArrays(
                signals=np.eye(2, cell.dim),
                noise=start.tokens[run, :, 1].numpy().copy(),
                test_noise=blank.test_noise,
                labels=type(blank.labels)(
                    labels, labels, blank.labels.test_true, blank.labels.test_observed
                ),
                **weights,
            )
        )
    trajectory = train(
        problem,
        seeds=cell.runs,
        steps=steps - 1,
        engine="direct",
        start=arrays,
        log_at=[steps - 1],
    )
    return trajectory["train_loss"][:, -1]


@pytest.mark.parametrize("train_output", [False, True])
@pytest.mark.parametrize("name", [name for name in TORCH if name.endswith("64")])
def test_double_contenders_train_as_the_reference_does(name, train_output):
    cell = Cell(n_samples=5, dim=16, runs=3, train_output=train_output)
    prepared = CONTENDERS[name].prepare(cell, "cpu")
    prepared.step(80)
    expected = reference_losses(cell, 80)[: prepared.runs]
    if prepared.runs == 1:  # a single run is drawn alone
        expected = reference_losses(Cell(5, 16, 1, train_output), 80)
    np.testing.assert_allclose(prepared.losses.numpy(), expected, rtol=1e-10)
    assert expected.max() < 0.6  # it has learnt: 80 steps mattered


IN_JAX = ("jax-float32", "jax-float64")
#: In a process of its own: its threads make every later fork of the tests' process a warning.
JAX = """
import json, sys
from contenders.jax_loop import CONTENDERS
from harness.cell import Cell
single, double = CONTENDERS
cell = Cell(n_samples=5, dim=16, runs=3, train_output=sys.argv[1] == "True")
found = []
for contender in (single, double):
    prepared = contender.prepare(cell, "cpu")
    prepared.step(30)
    prepared.step(50)
    found.append({"losses": prepared.losses.tolist(), "finite": prepared.finite()})
print(json.dumps(found))
"""


@pytest.mark.parametrize("train_output", [False, True])
def test_jax_trains_as_the_reference_does(train_output):
    done = subprocess.run(
        [sys.executable, "-c", JAX, str(train_output)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "benchmarks")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    single, double = json.loads(done.stdout)
    cell = Cell(5, 16, 3, train_output)
    np.testing.assert_allclose(double["losses"], reference_losses(cell, 80), rtol=1e-10)
    mapped = CONTENDERS["vmap-float32"].prepare(cell, "cpu")  # from the same start in float32
    mapped.step(80)
    np.testing.assert_allclose(single["losses"], mapped.losses.numpy(), rtol=1e-4)
    assert single["finite"]
    assert double["finite"]


@pytest.mark.parametrize("train_output", [False, True])
def test_vmap_trains_as_the_batch_does(train_output):
    cell = Cell(n_samples=5, dim=16, runs=3, train_output=train_output)
    mapped, seeds = (
        CONTENDERS[name].prepare(cell, "cpu") for name in ("vmap-float32", "seeds-float32")
    )
    mapped.step(50)
    seeds.step(50)
    np.testing.assert_allclose(mapped.losses.numpy(), seeds.losses.numpy(), rtol=1e-4)


@pytest.mark.parametrize(
    "name", sorted(set(CONTENDERS) - {*ACCELERATOR_ONLY, "jax-float32", "jax-float64"})
)
def test_every_contender_steps_and_stays_finite(name):
    prepared = CONTENDERS[name].prepare(Cell(n_samples=3, dim=8, runs=2, test_tokens=4), "cpu")
    prepared.step(2)
    assert prepared.finite()
    assert prepared.device_bytes() == 0
    assert prepared.runs == (1 if "loop" in name or "dgemm" in name else 2)


def test_a_diverged_run_is_no_measurement():
    prepared = CONTENDERS["seeds-float64"].prepare(Cell(n_samples=3, dim=8, runs=2), "cpu")
    with torch.no_grad():
        prepared.weights["W_Q"][0, 0, 0] = float("nan")
    prepared.step(2)
    assert not prepared.finite()


@pytest.mark.parametrize("name", ["loop-float64", "span"])
def test_a_device_that_is_not_there_is_not_offered(name):
    with pytest.raises(NotOfferedError):
        CONTENDERS[name].prepare(Cell(n_samples=3, dim=8, runs=2), "nowhere")


def test_bytes_needed_cover_what_a_batch_holds():
    cell = Cell(n_samples=10, dim=64, runs=4)
    prepared = CONTENDERS["seeds-float64"].prepare(cell, "cpu")
    prepared.step(1)
    held = sum(w.nbytes + (0 if w.grad is None else w.grad.nbytes) for w in
               prepared.weights.values())  # fmt: skip
    needed = CONTENDERS["seeds-float64"].bytes_needed(cell)
    assert held < needed < 2 * held
    assert CONTENDERS["loop-float32"].bytes_needed(cell) * 8 == needed


def test_the_yardstick_counts_its_own_flops():
    prepared = CONTENDERS["dgemm-numpy"].prepare(Cell(4, 128), "cpu")
    assert prepared._left.shape == prepared._right.shape == (SIZE, SIZE)
    assert prepared._left.dtype == np.float64


def test_the_plan_has_every_size_and_every_contender():
    groups = plan_groups(list(CONTENDERS), devices=["cpu", "cuda"])
    assert len(groups) == 17
    assert {entry.cell.dim for group in groups for entry in group.entries} == {
        128, 512, 2048, 10**6,
    }  # fmt: skip
    for group in groups[:-1]:
        on = {device: [e.contender for e in group.entries if e.device == device]
              for device in ("cpu", "cuda")}  # fmt: skip
        assert set(on["cpu"]) == {*CONTENDERS} - {*NOT_TRAINING, *ACCELERATOR_ONLY}
        assert set(on["cuda"]) == {*CONTENDERS} - {*NOT_TRAINING, *YARDSTICKS}
    keys = [entry.key for entry in groups[-1].entries]
    assert len(keys) == len(set(keys))


def test_only_keeps_the_yardsticks():
    (group,) = plan_groups(list(CONTENDERS), samples=[4], dims=[128], only=["loop-float32"])
    assert [entry.contender for entry in group.entries] == ["loop-float32", *YARDSTICKS]
