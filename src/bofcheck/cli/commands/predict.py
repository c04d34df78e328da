"""``bofcheck predict``: the limit of gradient descent for one problem, or where it changes."""

from __future__ import annotations

import math
from pathlib import Path

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output

#: Numbers that --boundary takes, and their values unless given.
_NUMBERS = {"p": 0.0, "target_loss": 0.1, "N": math.nan, "start": math.nan}


@click.command(
    "predict",
    cls=Command,
    examples=[
        "bofcheck predict problem.toml --steps 20000 --log every:100",
        "bofcheck predict problem.toml --steps 20000 --labels 9,1,0 --out mine.csv",
        "bofcheck predict --boundary p=0.1 target_loss=0.1",
        "bofcheck predict --crossover problem.toml",
    ],
)
@click.argument("inputs", nargs=-1, metavar="PROBLEM.toml")
@click.option(
    "--boundary",
    is_flag=True,
    help="Instead of a problem: NAME=VALUE of p, target_loss, N and start.",
)
@click.option(
    "--crossover",
    is_flag=True,
    help="The d at which test_error leaves 1/2 and reaches p, PROBLEM.toml's d alone growing.",
)
@click.option(
    "--steps",
    default=2000,
    show_default=True,
    type=click.IntRange(1, 10**12),
    help="Gradient steps.",
)
@options.log
@click.option(
    "--labels",
    metavar="N+,F+,F-",
    help="One draw of the labels: positive samples, flipped among them, flipped among the "
    "negative.  [default: every draw, by its probability]",
)
@click.option(
    "--draws", type=click.IntRange(1, 100_000), metavar="K", help="K random draws of the labels."
)
@click.option("--flow", is_flag=True, help="Follow the limit of small learning rates.")
@click.option(
    "--out", metavar="FILE.csv", type=options.PATH, help="Write a row for each draw and step."
)
@options.output
def command(
    inputs: tuple[str, ...],
    boundary: bool,
    crossover: bool,
    steps: int,
    log_at: str,
    labels: str | None,
    draws: int | None,
    flow: bool,
    out: Path | None,
    output: Output,
) -> int:
    """Predict the training of one problem without constants.

    In the limit of large d and d_h at fixed N, SNR and start, gradient descent depends on the
    counts of labels alone. Prints means over the draws of the labels and when stages end.

    With --boundary: N·SNR² at which test_loss is half-way from its best value to log 2 when
    train_loss reaches target_loss (default 0.1), at balanced classes, for N = 6 to 40 and 4000 or
    for the N given. start is sigma_h² d_h sigma_p² d (default 2).

    With --crossover: the problem is trained to its target_loss at the draw of --labels (default:
    classes of one size, flips at their average number), and its d grows at fixed N, SNR and start.
    """
    if boundary:
        if labels is not None or draws is not None or flow or out is not None or crossover:
            raise click.UsageError("--boundary takes NAME=VALUE and no option but --json and -q")
        return _boundary(inputs, output)
    if len(inputs) != 1:
        raise click.UsageError(f"give one PROBLEM.toml, not {len(inputs)} arguments")
    if crossover:
        if draws is not None or flow or out is not None:
            raise click.UsageError("--crossover takes no option but --labels, --json and -q")
        return _crossover(inputs[0], labels, output)
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise click.BadParameter(f"{out}: give a file in a folder that exists.", param_hint="--out")
    from ...simulate import Problem, log_steps, predict
    from ..prediction import print_prediction, save_prediction, summary

    problem = Problem.from_file(Path(inputs[0]))
    log_steps(log_at, steps)
    prediction = predict(
        problem, steps=steps, log=log_at, labels=_counts(labels), draws=draws, flow=flow
    )
    if out is not None:
        save_prediction(prediction, out)
    output.show(
        lambda: summary(prediction, out), lambda: print_prediction(prediction, inputs[0], out)
    )
    return ExitCode.OK


def _counts(labels: str | None) -> list[int] | None:
    """The three counts of --labels."""
    if labels is None:
        return None
    try:
        counts = [int(part) for part in labels.split(",")]
    except ValueError:
        counts = []
    if len(counts) != 3:
        raise click.BadParameter(
            f"{labels[:40]!r}: give three whole numbers such as 9,1,0: positive samples, flipped "
            "among them, flipped among the negative.",
            param_hint="--labels",
        )
    return counts


def _crossover(path: str, labels: str | None, output: Output) -> int:
    from ...simulate import Problem, find_crossover
    from ..prediction import crossover_document, print_crossover

    found = find_crossover(Problem.from_file(Path(path)), labels=_counts(labels))
    output.show(lambda: crossover_document(found), lambda: print_crossover(found, path))
    return ExitCode.OK


def _boundary(pairs: tuple[str, ...], output: Output) -> int:
    from ...simulate import find_boundary
    from ...simulate.limit.boundary import FITTED_SAMPLES, LARGE, START
    from ..prediction import boundary_document, print_boundary

    numbers = dict(_NUMBERS)
    for pair in pairs:
        name, _, text = pair.partition("=")
        if name not in numbers:
            raise click.BadParameter(
                f"{pair[:40]!r}: give NAME=VALUE of {', '.join(numbers)}.", param_hint="--boundary"
            )
        try:
            numbers[name] = float(text)
        except ValueError:
            numbers[name] = math.nan
        if not math.isfinite(numbers[name]):
            raise click.BadParameter(
                f"{pair[:40]!r}: the value is not a number.", param_hint="--boundary"
            )
    points: list[float] = [*FITTED_SAMPLES, LARGE] if math.isnan(numbers["N"]) else [numbers["N"]]
    start = START if math.isnan(numbers["start"]) else numbers["start"]
    found = find_boundary(numbers["p"], numbers["target_loss"], n_samples=points, start=start)
    output.show(lambda: boundary_document(found), lambda: print_boundary(found))
    return ExitCode.OK
