"""The logged quantities of a prediction, from states of its systems."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..models.attention import logistic
from ..observables import softplus
from ..problem import Problem
from .failure import log_failure_integral, point_numbers
from .fresh import margin, mean_loss
from .kernel import DEVIATION, KK, LEFT, MEMORY, OUTPUT, QK, QQ
from .start import Start, noise_square

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Change of log τ by which the slope of log P is taken.
_MOVED = 0.01


def observe(
    problem: Problem,
    count: Array,
    states: Array,
    place: IntArray,
    start: Start,
    *,
    failures: bool = True,
) -> dict[str, Array]:
    """Quantities of R runs at T steps; names and meanings as in `QUANTITIES`.

    Args:
        problem: their problem, with a Gaussian start.
        count: (S, 2) samples of each type of each system.
        states: (T, S, 39) states of the systems, from step 0.
        place: (R, 2) the systems of each run.
        start: where their V started.
        failures: whether test_error, log P and its error are among them.

    Returns:
        Name -> (R, T). What is a mean over no sample is NaN, and what is only counted among drawn
        tokens is left out.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        by_system = samples(states)
        counts = count[place][:, None]  # (R, 1, class, type)
        parts = {name: values[place].transpose(0, 2, 1, 3) for name, values in by_system.items()}
        output = states[..., OUTPUT][:, place[:, 0]].T
        trained = _train(problem, counts, parts, start)
        trained["output_norm"] = np.sqrt(output)
        tested, spread = _test(problem, counts, parts, states, place, start)
        if failures:
            tested |= _failures(problem, states, place, spread)
        return trained | tested


def samples(states: Array) -> dict[str, Array]:
    """(S, T, 2) numbers of the samples of either type, where class -1 is mirrored.

    Args:
        states: (T, S, 39) states.

    Returns:
        Gap of the signal query, attention mass on the signal, V of the noise token, y f, y V and
        the share left of where V started.
    """
    x = states.transpose(1, 0, 2)
    own = np.arange(1, 3)
    gap = x[..., [QK]] - x[..., QK + own]
    turned = x[..., [DEVIATION + 2, DEVIATION + 5]]
    noise_gap = x[..., QK + 3 * own] - (x[..., QK + 4 * own] + turned)
    mass = logistic(gap) + logistic(noise_gap)
    rest = logistic(-gap) + logistic(-noise_gap)
    noise = x[..., MEMORY + own]
    f = (mass * x[..., [MEMORY]] + rest * noise) / 2
    fit = f * np.array([1.0, -1.0])
    aligned = noise * np.array([1.0, -1.0])
    left = x[..., LEFT:OUTPUT]
    return {
        "gap": gap, "mass": mass, "noise": noise, "margin": fit, "aligned": aligned, "left": left
    }  # fmt: skip


def _train(
    problem: Problem, counts: Array, parts: dict[str, Array], start: Start
) -> dict[str, Array]:
    residual = logistic(-parts["margin"])
    low = start.lowest[:, None, None, None] * parts["left"]
    spread = problem.init_std_v * problem.output_norm * np.sqrt(noise_square(problem))
    size = _mean_size(parts["noise"], spread * parts["left"])
    fitted = (parts["margin"] > 0).astype(float)
    there = np.broadcast_to(counts > 0, size.shape)
    clean, flipped = counts * np.array([1.0, 0.0]), counts * np.array([0.0, 1.0])
    return {
        "train_loss": _mean(softplus(-parts["margin"]), counts),
        "attention_clean": _mean(parts["mass"] / 2, clean),
        "attention_flipped": _mean(parts["mass"] / 2, flipped),
        "gap_clean": _mean(parts["gap"], clean),
        "v_noise_clean": _mean(size, clean),
        "v_noise_flipped": _mean(size, flipped),
        "v_noise_max": np.where(there, np.abs(parts["noise"]) + np.abs(low), -np.inf).max(
            axis=(2, 3)
        ),
        "v_noise_aligned": np.where(there, parts["aligned"] + low, np.inf).min(axis=(2, 3)),
        "fitted": _mean(fitted, counts),
        "fitted_flipped": _mean(fitted, flipped),
        "residual_clean": _mean(residual, clean),
        "residual_all": _mean(residual, counts),
    }


def _test(
    problem: Problem,
    counts: Array,
    parts: dict[str, Array],
    states: Array,
    place: IntArray,
    start: Start,
) -> tuple[dict[str, Array], Array]:
    """Quantities of fresh samples but for failures, and (R, T) τ."""
    p = problem.flip_prob
    memory, logit = (states[..., at][:, place].transpose(1, 0, 2) for at in (MEMORY, QK))
    signal = (memory**2).sum(axis=2) / problem.signal_norm**2
    stored = (counts * parts["noise"] ** 2).sum(axis=(2, 3)) / noise_square(problem)
    grown = (states[..., OUTPUT] / states[0, :, OUTPUT])[:, place[:, 0]].T
    untrained = np.maximum(start.square[:, None] - signal[:, :1], 0.0) * grown
    off_signals = untrained + stored
    square = off_signals + signal
    met = off_signals if problem.noise == "orthogonal" else square  # by a fresh token
    spread = problem.noise_std * np.sqrt(met)
    mean, std = margin(logit, memory, spread[..., None])
    quantities = {
        "test_loss": mean_loss(mean, std).mean(axis=2) + p * mean.mean(axis=2),
        "attention_test": (logistic(logit) + 0.5).mean(axis=2) / 2,
        "v_plus": memory[..., 0],
        "v_minus": -memory[..., 1],
        "value_norm": np.sqrt(square),
    }
    return quantities, spread


def _failures(problem: Problem, states: Array, place: IntArray, spread: Array) -> dict[str, Array]:
    p = problem.flip_prob
    failure, error = class_failures(problem, states, place, spread)
    failed = np.exp(failure)
    top = failed.sum(axis=2)
    return {
        "test_error": p + (1 - 2 * p) * failed.mean(axis=2),
        "log_failure_prob": np.logaddexp(failure[..., 0], failure[..., 1]) - np.log(2),
        "failure_prob_error": np.where(
            top > 0, (failed * error).sum(axis=2) / top, error.max(axis=2)
        ),
    }


def class_failures(
    problem: Problem, states: Array, place: IntArray, spread: Array
) -> tuple[Array, Array]:
    """Log P_z of both classes and the relative error of P_z by two rules, (R, T, 2) each.

    Runs that share a system differ in τ only, and little: they share an integral at their mean τ
    and its slope.

    Args:
        problem: their problem.
        states: (T, S, 39) states of the systems.
        place: (R, 2) the systems of each run.
        spread: (R, T) τ.
    """
    x = states.transpose(1, 0, 2)
    kappa = problem.init_std_qk * np.sqrt(noise_square(problem))
    numbers = point_numbers(x[..., QK], x[..., QQ], x[..., KK], kappa, problem.key_dim)
    tau = np.log(np.maximum(spread, 1e-300))
    total, number = np.zeros(numbers.shape[:2]), np.zeros(len(x))
    for z in range(2):
        np.add.at(total, place[:, z], tau)
        np.add.at(number, place[:, z], 1.0)
    middle = total / number[:, None]
    numbers[..., -1] = x[..., MEMORY] * np.exp(-middle)
    logs, error = (part.reshape(middle.shape) for part in log_failure_integral(_rows(numbers)))
    slope = np.zeros_like(logs)
    shared = number > 1
    if shared.any():
        moved = numbers[shared]
        moved[..., -1] *= np.exp(-_MOVED)
        slope[shared] = (
            log_failure_integral(_rows(moved))[0].reshape(moved.shape[:2]) - logs[shared]
        ) / _MOVED
    failure = logs[place] + slope[place] * (tau[:, None] - middle[place])
    return np.minimum(failure, 0.0).transpose(0, 2, 1), error[place].transpose(0, 2, 1)


def _rows(numbers: Array) -> Array:
    return np.ascontiguousarray(numbers.reshape(-1, numbers.shape[-1]))


def _mean_size(mean: Array, std: Array) -> Array:
    """E |mean + std g|, g standard normal."""
    share = np.where(std > 0, mean / np.where(std > 0, std, 1.0), np.inf)
    folded = std * np.sqrt(2 / np.pi) * np.exp(-0.5 * share**2) + mean * (2 * ndtr(share) - 1)
    return np.asarray(np.where(std > 0, folded, np.abs(mean)))


def _mean(values: Array, counts: Array) -> Array:
    """(R, T) mean over samples by their counts, NaN of none."""
    there = np.where(counts > 0, values, 0.0)
    return np.asarray((there * counts).sum(axis=(2, 3)) / counts.sum(axis=(2, 3)))
