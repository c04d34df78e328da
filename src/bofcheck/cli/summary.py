"""The short table that ``bofcheck simulate`` prints at the end."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from ..simulate import Problem, Trajectory
from .console import OutputConsole
from .output import json_number

#: The attention model's quantities that are shown; the store holds all of them.
SHOWN = (
    "train_loss",
    "test_loss",
    "test_error",
    "log_failure_prob",
    "fitted",
    "attention_clean",
    "attention_flipped",
    "attention_test",
    "v_plus",
    "v_minus",
    "v_noise_clean",
    "value_norm",
)


def summary(trajectory: Trajectory, path: Path) -> dict[str, Any]:
    """The content of `print_summary`, ready for JSON.

    Args:
        trajectory: the trained runs.
        path: where they are kept.
    """
    kept = ~trajectory.diverged
    return {
        "folder": str(path),
        "seeds": len(trajectory.seeds),
        "diverged": int(trajectory.diverged.sum()),
        "stopped": int((trajectory.stopped_at >= 0).sum()),
        "steps": [int(trajectory.steps[0]), int(trajectory.steps[-1])],
        "medians": {
            name: [json_number(_middle(column)) for column in trajectory[name][kept][:, [0, -1]].T]
            for name in _shown(trajectory)
        },
    }


def print_summary(trajectory: Trajectory, path: Path) -> None:
    """Print the median over runs at the first and the last logged step.

    Args:
        trajectory: the trained runs.
        path: where they are kept.
    """
    console = OutputConsole()
    console.soft_wrap = not console.is_terminal  # a path in a pipe is not wrapped
    runs, diverged = len(trajectory.seeds), int(trajectory.diverged.sum())
    table = Table(title=f"{path.name}: median over {runs - diverged} runs that did not diverge")
    table.add_column("quantity")
    for step in (trajectory.steps[0], trajectory.steps[-1]):
        table.add_column(f"step {step}", justify="right")
    kept = ~trajectory.diverged
    for name in _shown(trajectory):
        ends = trajectory[name][kept][:, [0, -1]]
        table.add_row(name, *(_median(column) for column in ends.T))
    console.print(table)
    console.print(f"diverged: {diverged} of {runs} runs", highlight=False)
    stopped = int((trajectory.stopped_at >= 0).sum())
    if trajectory.problem.stop_at_target:
        console.print(
            f"ended at their target loss: {stopped} of {runs} runs; later steps log their state at "
            "that step (stopped_at)",
            highlight=False,
        )
    console.print(f"kept in {path}", highlight=False, markup=False)


def _shown(trajectory: Trajectory) -> tuple[str, ...]:
    """The quantities to show: a choice for attention, all of another model."""
    if isinstance(trajectory.problem, Problem):
        return SHOWN
    return tuple(trajectory.quantities)


def _middle(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Median of the finite values, NaN if there are none (e.g. no flipped sample)."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else math.nan


def _median(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    """The median as text; a dash if there is no finite value."""
    middle = _middle(values)
    return "-" if math.isnan(middle) else f"{middle:.4g}"
