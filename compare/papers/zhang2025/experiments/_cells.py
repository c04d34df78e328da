"""Problems at the paper's experimental scale (§6), and the settings they share.

The text gives widths, initialisation, loss target, repeats and the ranges of N and of the signal
norm; everything else is chosen here once and printed as a choice.
"""

from __future__ import annotations

import math
from typing import Any

from .....simulate import Problem
from ....cells import Cell, Role
from ._experiment import CHOSEN, STATED, Setting

WIDTH, NOISE_STD, TARGET = 512, 2.0, 0.01
#: Learning rate in units of 1/max(μ², σ_p²d), over the squared length of the longer token.
RATE = 4.0
#: Steps after which a run that has not reached its target loss is stopped, by N.
FEW_STEPS, MANY_STEPS = 10_000, 6_000
TEST_TOKENS = 256

#: Standard deviation of the entries of a weight that PyTorch initialises by default, and the
#: norm of such a w_O.
TORCH_STD, TORCH_NORM = 1 / math.sqrt(3 * WIDTH), 1 / math.sqrt(3)

#: Runs of a cell.
SEEDS = {"quick": 8, "paper": 20}

#: Settings shared by all experiments at the paper's scale.
SHARED = (
    Setting("d_h, d_v", f"{WIDTH}", STATED),
    Setting("d", f"{WIDTH}, as the other sides of the weights", CHOSEN),
    Setting("initialisation", "PyTorch's default (uniform on ±1/sqrt(fan_in))", STATED),
    Setting("training", "full-batch gradient descent", STATED),
    Setting("target loss", f"{TARGET:g}", STATED),
    Setting("'noise variance 4'", "read as standard deviation 2", CHOSEN),
    Setting("w_O", "trained", STATED),
    Setting("precision", "float32", CHOSEN),
    Setting("fresh tokens a run", f"{TEST_TOKENS}", CHOSEN),
)


def seeds_setting(preset: str, seeds: dict[str, int] | None = None) -> Setting:
    """How often each cell is repeated."""
    count = (seeds or SEEDS)[preset]
    return Setting("repeats", f"{count}", STATED if count == 20 else CHOSEN)


def rate_setting(times: str = f"{RATE:g}") -> Setting:
    """How the learning rate is chosen."""
    return Setting("learning rate", f"{times}/max(mu², sigma_p² d)", CHOSEN)


def flips_setting(values: tuple[float, ...]) -> Setting:
    """The flip probabilities; the text names 0 and 0.1 and mentions others."""
    named = set(values) <= {0.0, 0.1}
    return Setting(
        "flip probability", ", ".join(f"{p:g}" for p in values), STATED if named else CHOSEN
    )


def paper_problem(
    n_samples: int,
    signal_norm: float,
    flip_prob: float,
    *,
    noise_std: float = NOISE_STD,
    rate: float = RATE,
    **changes: Any,
) -> Problem:
    """A problem at the paper's widths, initialisation and noise.

    Args:
        n_samples: N.
        signal_norm: mu.
        flip_prob: p.
        noise_std: sigma_p.
        rate: learning rate in units of 1/max(μ², σ_p²d).
        **changes: any other field.

    Example:
        >>> problem = paper_problem(20, 40.0, 0.1)
        >>> round(problem.n_samples * problem.snr**2, 2), problem.learning_rate * 2048
        (15.62, 4.0)
    """
    length = max(signal_norm**2, noise_std**2 * WIDTH)
    fields: dict[str, Any] = {
        "n_samples": n_samples,
        "dim": WIDTH,
        "key_dim": WIDTH,
        "value_dim": WIDTH,
        "signal_norm": float(signal_norm),
        "noise_std": float(noise_std),
        "flip_prob": flip_prob,
        "learning_rate": rate / length,
        "init": "torch-default",
        "train_output": True,
        "target_loss": TARGET,
        "test_tokens": TEST_TOKENS,
        "start": "materialised",
        "dtype": "float32",
    }
    return Problem(**{**fields, **changes})


def end_cell(kind: str, name: str, problem: Problem, steps: int) -> Cell:
    """A cell that logs only its start and end, and ends at its target loss."""
    note = (
        f"N = {problem.n_samples}, mu = {problem.signal_norm:g}, sigma_p = {problem.noise_std:g}, "
        f"p = {problem.flip_prob:g}"
    )
    ended = problem.replace(stop_at_target=True)
    return Cell(name, Role.HELD_OUT, kind, ended, steps, note, f"every:{steps}")


def curve_cell(kind: str, name: str, problem: Problem, steps: int, note: str, looks: int) -> Cell:
    """A cell that is logged along the way, at steps evenly spaced on a log scale."""
    return Cell(name, Role.HELD_OUT, kind, problem, steps, note, f"geometric:{looks}")
