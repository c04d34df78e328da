"""What ``bofcheck predict`` prints and writes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from ..compare.events import find_events
from ..simulate.store.atomic import write_atomically
from ..theory import benign, harmful, label_draw_failure
from .console import OutputConsole
from .output import json_number
from .summary import SHOWN

if TYPE_CHECKING:
    from ..simulate import ErrorCrossover, LossBoundary, Prediction


def stage_ends(prediction: Prediction) -> dict[str, dict[str, dict[str, float]]]:
    """The events of both theorems: median step over the draws that reach them, and their share.

    Args:
        prediction: its log tells when; between two logged steps the event is interpolated.
    """
    problem = prediction.problem
    values = {"sigma_p": problem.noise_std, "epsilon": problem.target_loss}
    ends: dict[str, dict[str, dict[str, float]]] = {}
    for theorem in (benign, harmful):
        events = find_events(theorem, prediction, values)
        ends[theorem.name] = {
            name: _median(times, prediction.weights) for name, times in events.items()
        }
    return ends


def _median(times: NDArray[np.float64], weights: NDArray[np.float64]) -> dict[str, float]:
    reached = np.isfinite(times)
    share = float(weights[reached].sum())
    if not reached.any():
        return {"median": float("nan"), "share": 0.0}
    order = np.argsort(times[reached])
    passed = np.cumsum(weights[reached][order])
    at = int(np.searchsorted(passed, passed[-1] / 2))
    return {"median": float(times[reached][order][at]), "share": min(share, 1.0)}


def summary(prediction: Prediction, out: Path | None) -> dict[str, Any]:
    """The content of `print_prediction` at every logged step, ready for JSON.

    Args:
        prediction: of one problem.
        out: the file it was written to.
    """
    problem = prediction.problem
    return {
        "draws": len(prediction.seeds),
        "file": None if out is None else str(out),
        "n_snr_squared": problem.n_samples * problem.snr**2,
        "label_draw_failure": label_draw_failure(problem.n_samples, problem.flip_prob),
        "diverged": float(prediction.weights[prediction.diverged].sum()),
        "steps": prediction.steps.tolist(),
        "means": {
            name: [json_number(float(value)) for value in prediction.mean(name)]
            for name in prediction.quantities
        },
        "events": {
            theorem: {
                name: {key: json_number(value) for key, value in event.items()}
                for name, event in events.items()
            }
            for theorem, events in stage_ends(prediction).items()
        },
    }


def print_prediction(prediction: Prediction, name: str, out: Path | None) -> None:
    """Print means over the draws at the first and the last step, and when stages end.

    Args:
        prediction: of one problem.
        name: the problem's file.
        out: the file it was written to.
    """
    console = OutputConsole()
    console.soft_wrap = not console.is_terminal
    problem, runs = prediction.problem, len(prediction.seeds)
    title = f"mean over {runs} draws of the labels" if runs > 1 else "one draw of the labels"
    table = Table(title=f"{Path(name).name}: {title}")
    table.add_column("quantity")
    columns = [0, len(prediction.steps) // 2, -1]
    for column in columns:
        table.add_column(f"step {prediction.steps[column]}", justify="right")
    for quantity in SHOWN:
        means = prediction.mean(quantity)[columns]
        table.add_row(quantity, *("-" if np.isnan(x) else f"{x:.4g}" for x in means))
    console.print(table)
    for theorem, events in stage_ends(prediction).items():
        parts = [
            f"{event} {end['median']:.4g}" + (f" ({end['share']:.1%})" if end["share"] < 1 else "")
            for event, end in events.items()
            if end["share"] > 0
        ]
        console.print(f"{theorem}: {', '.join(parts) or 'no event'}", highlight=False)
    console.print(
        f"N SNR^2 = {problem.n_samples * problem.snr**2:.4g}; a class with no lead of kept labels: "
        f"{label_draw_failure(problem.n_samples, problem.flip_prob):.3g} of all draws",
        highlight=False,
    )
    if out is not None:
        console.print(f"written to {out}", highlight=False, markup=False)


def save_prediction(prediction: Prediction, path: Path) -> None:
    """Write a row for each draw and step as CSV (RFC 4180); numbers read back exactly.

    Args:
        prediction: of one problem.
        path: the file, in a folder that exists.
    """
    draws = {
        "positive": prediction.positive,
        "flipped_positive": prediction.flipped_positive,
        "flipped_negative": prediction.flipped_negative,
        "weight": prediction.weights,
    }
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(["draw", *draws, "step", *prediction.quantities])
    for run, seed in enumerate(prediction.seeds.tolist()):
        head = [seed, *(array[run].item() for array in draws.values())]
        numbers = np.stack([values[run] for values in prediction.quantities.values()], axis=1)
        for step, line in zip(prediction.steps.tolist(), numbers.tolist(), strict=True):
            rows.writerow([*head, step, *line])
    write_atomically(path, [text.getvalue().encode()])


def boundary_document(boundary: LossBoundary) -> dict[str, Any]:
    """A boundary, ready for JSON."""
    return {
        "p": boundary.flip_prob,
        "target_loss": boundary.target_loss,
        "start": boundary.start,
        "constant": boundary.constant,
        "fitted_power": json_number(boundary.fitted_power),
        "points": [
            {"N": n, "n_snr_squared": level, "snr": (level / n) ** 0.5, "power": power}
            for n, level, power in zip(
                boundary.n_samples, boundary.levels, boundary.powers, strict=True
            )
        ],
    }


def print_boundary(boundary: LossBoundary) -> None:
    """Print where test_loss turns good, N by N, with the power of SNR there."""
    console = OutputConsole()
    console.soft_wrap = not console.is_terminal
    table = Table(
        title=f"test_loss turns good: p = {boundary.flip_prob:g}, train_loss to "
        f"{boundary.target_loss:g}, start {boundary.start:g}"
    )
    for name in ("N", "SNR", "N SNR^2", "power of SNR"):
        table.add_column(name, justify="right")
    for n, level, power in zip(boundary.n_samples, boundary.levels, boundary.powers, strict=True):
        table.add_row(f"{n:g}", f"{(level / n) ** 0.5:.4g}", f"{level:.4g}", f"{power:.3f}")
    console.print(table)
    line = f"C0 = {boundary.constant:.3f} at N = {boundary.n_samples[-1]:g}"
    if len(boundary.n_samples) > 1:
        line += f"; fitted power of SNR up to N = 40: {boundary.fitted_power:.2f}"
    console.print(line, highlight=False)


def crossover_document(found: ErrorCrossover) -> dict[str, Any]:
    """A crossover, ready for JSON; null for a d that is infinite."""
    problem = found.problem
    return {
        "p": problem.flip_prob,
        "N": problem.n_samples,
        "snr": problem.snr,
        "d": problem.dim,
        "d_at_half_less_0.01": found.leaves,
        "d_at_p_plus_0.01": json_number(found.reaches),
        "test_error": found.test_error,
        "test_error_at_large_d": found.large_d_error,
        "test_loss_share_of_the_way_to_log_2": found.harm,
        "steps": found.steps,
        "labels": list(found.labels),
    }


def print_crossover(found: ErrorCrossover, name: str) -> None:
    """Print where test_error leaves 1/2 and reaches p, and test_loss there."""
    problem, p = found.problem, found.problem.flip_prob
    lines = [
        f"{Path(name).name}: N = {problem.n_samples}, SNR = {problem.snr:.4g}, p = {p:g}, "
        f"train_loss {problem.target_loss:g} after {found.steps} steps",
        f"labels: {', '.join(str(count) for count in found.labels)} (positive samples, flipped "
        "among them, flipped among the negative)",
        "test_error is below 1/2 - 0.01 at every d"
        if found.leaves == 0
        else f"test_error leaves 1/2 (by 0.01) at d = {found.leaves:.4g}",
        f"test_error stays above p + 0.01 at every d: {found.large_d_error:.4g} as d grows"
        if np.isinf(found.reaches)
        else f"test_error reaches p + 0.01 = {p + 0.01:g} at d = {found.reaches:.4g}",
        f"test_loss is {found.harm:.1%} of the way from H(p) to log 2 there",
        f"at d = {problem.dim:.4g}: test_error {found.test_error:.4g}",
    ]
    console = OutputConsole()
    console.soft_wrap = not console.is_terminal
    for line in lines:
        console.print(line, highlight=False, markup=False)
