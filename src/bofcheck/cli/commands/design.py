"""``bofcheck design``: which wrong powers a design would find, before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output
from ..theory_input import find_source, theorem_names, theory_input

if TYPE_CHECKING:
    from ...compare.userdata.bound_design import DesignPower
    from ...theory import TheoremSource


@click.command(
    "design",
    cls=Command,
    examples=[
        "bofcheck design benign --preset quick",
        "bofcheck design mine.toml --problem numbers.toml --seeds 20 --scatter 0.3",
        "bofcheck design mine.toml --data pilot.csv --problem numbers.toml --json",
    ],
)
@click.argument("theorem", **options.completed(theorem_names, "THEOREM"))
@click.option(
    "--data",
    metavar="PATH",
    type=options.PATH,
    help="Measured curves, as for verify, e.g. of a pilot, whose scatter is taken.",
)
@options.columns
@click.option(
    "--problem",
    metavar="FILE.toml",
    type=options.PATH,
    help="Values of the theorem's symbols in every cell, and roles of the cells.",
)
@click.option(
    "--preset",
    help="Cells of this preset.  [default: the theorem's own cells, or quick]",
    **options.names("bofcheck.compare.papers.zhang2025.designs", first="quick"),
)
@click.option(
    "--seeds", type=click.IntRange(1, 100_000), help="Runs per cell.  [default: the design's]"
)
@click.option(
    "--scatter",
    type=click.FloatRange(0, 100, min_open=True),
    metavar="S",
    help="Scatter between runs in logarithms, where no data show it.  [default: 0.1]",
)
@options.output
def command(
    theorem: str,
    data: Path | None,
    columns: Mapping[str, str],
    problem: Path | None,
    preset: str | None,
    seeds: int | None,
    scatter: float | None,
    output: Output,
) -> int:
    """Say which wrong powers a design would find.

    THEOREM is benign, harmful, a neighbouring paper's or your own file (.toml; .py is executed).
    Nothing is trained. For each bound with open constants: the smallest wrong power of time and of
    every number that the design finds with 80% and with 95%, what varies too little or together,
    which cells or runs would help, who calibrates and who judges, and how many runs a HOLDS needs.
    """
    from ..design_document import as_document
    from ..design_table import print_design

    for option, given in (("--preset", preset), ("--scatter", scatter)):
        if data is not None and given is not None:
            raise click.UsageError(f"{option} and --data exclude each other; give one")
    if preset is not None and problem is not None:
        raise click.UsageError("--preset and --problem exclude each other; give one")
    if columns and data is None:
        raise click.UsageError("--columns is about --data; give --data, or leave --columns out")
    with theory_input():
        source = find_source(theorem)
        if data is not None:
            found = _of_curves(source, data, columns, problem, seeds)
        else:
            found = _planned(source, problem, preset, seeds, scatter)
    output.show(lambda: as_document(found), lambda: print_design(found))
    return ExitCode.OK


def _of_curves(
    source: TheoremSource,
    data: Path,
    columns: Mapping[str, str],
    problem: Path | None,
    seeds: int | None,
) -> DesignPower:
    from ..._visible import visible
    from ...compare.userdata import curves_plan, read_data, read_numbers
    from ...compare.userdata.design_power import power_of_curves
    from ...compare.userdata.numbers import parse_numbers

    theorem = source.theorem
    if problem is not None:
        numbers = read_numbers(problem, theorem)
    else:
        numbers = parse_numbers(dict(source.problem), theorem)
    read = read_data(data, theorem, numbers, columns)
    plan = curves_plan(theorem, read.curves, read.numbers, data=visible(data.name))
    return power_of_curves(plan, seeds=seeds)


def _planned(
    source: TheoremSource,
    problem: Path | None,
    preset: str | None,
    seeds: int | None,
    scatter: float | None,
) -> DesignPower:
    from ...compare.papers.zhang2025.plans import design_of, stage_cells
    from ...compare.userdata import read_numbers, training_design
    from ...compare.userdata.design_power import ASSUMED, power_of_numbers, power_of_problems
    from ...compare.userdata.numbers import parse_numbers

    theorem, between = source.theorem, ASSUMED if scatter is None else scatter
    own = training_design(source)
    if problem is not None:
        numbers = read_numbers(problem, theorem)
        return power_of_numbers(theorem, numbers, seeds=seeds, scatter=between)
    if own is not None and preset is not None:
        raise click.UsageError(f"{theorem.name} names its own cells; leave --preset out")
    if own is not None:
        return power_of_problems(theorem, own, seeds=seeds, scatter=between)
    if source.problem and preset is None:
        numbers = parse_numbers(dict(source.problem), theorem)
        return power_of_numbers(theorem, numbers, seeds=seeds, scatter=between)
    if theorem.model:
        raise click.UsageError(
            f"{theorem.name} is about {theorem.model}, which is not trained here; give --problem "
            "or --data"
        )
    chosen = preset or "quick"
    design = design_of(chosen)
    if not design.cells.get(theorem.name):
        design = stage_cells(theorem, "both", chosen)
    return power_of_problems(theorem, design, seeds=seeds, scatter=between)
