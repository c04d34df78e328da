"""``bofcheck verify --theorem``: check a user-supplied theorem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from .._version import __version__
from .._visible import visible
from .added_runs import AddedRuns
from .codes import ExitCode
from .executor import chosen_executor
from .judge import exit_code
from .output import Output
from .outputs import check_outputs
from .resume import resumable
from .theory_input import find_source, is_file, theory_input

if TYPE_CHECKING:
    from ..compare.verify import Plan, Verification
    from ..theory import TheoremSource


#: Bytes from which reading a file takes seconds, and points from which deciding does.
_LARGE, _MANY = 20_000_000, 10_000_000


@dataclass(frozen=True)
class Asked:
    """The options of ``verify`` that apply to a user-supplied theorem; None if not given."""

    theorem: str
    data: Path | None
    problem: Path | None
    regime: str
    preset: str
    seeds: int | None
    added: AddedRuns
    engine: str
    device: str
    workers: int | None
    scheduler: str | None
    out: Path | None
    fail_on: str
    columns: Mapping[str, str] = field(default_factory=dict)


def verify_user(asked: Asked, output: Output) -> ExitCode:
    """Check a user-supplied theorem, write the report and print it.

    Raises:
        click.ClickException: the theorem's file has a fault, or options do not fit together.
    """
    if asked.theorem == "all":
        return _on_every_model(asked, output)
    with theory_input():
        source = find_source(asked.theorem)
    if asked.data is not None:
        context = click.get_current_context()
        for name in (
            "workers", "scheduler", "seeds", "until_decided", "engine", "device", "preset",
            "regime",
        ):  # fmt: skip
            if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
                option = name.replace("_", "-")
                raise click.UsageError(
                    f"--{option} is about training, and with --data nothing is trained; leave it "
                    "out"
                )
        return _on_curves(source, asked, asked.data, output)
    if asked.problem is not None:
        raise click.UsageError(
            "--problem gives the numbers for --data; give --data too, or leave --problem out"
        )
    return _on_trajectories(source, asked, output)


def _on_curves(source: TheoremSource, asked: Asked, data: Path, output: Output) -> ExitCode:
    from ..compare import verify
    from ..compare.userdata import curves_plan, read_data, read_numbers
    from ..compare.userdata.numbers import parse_numbers

    theorem = source.theorem
    if asked.problem is not None:
        numbers = read_numbers(asked.problem, theorem)
    else:
        numbers = parse_numbers(dict(source.problem), theorem)
    if data.is_file() and data.stat().st_size > _LARGE:
        output.note(f"reading {data}, {data.stat().st_size / 1e6:,.0f} MB")
    read = read_data(data, theorem, numbers, asked.columns)
    curves, numbers = read.curves, read.numbers
    for name, cell in curves.items():
        if len(cell.seeds) * cell.steps.shape[-1] > _MANY:
            size = f"{len(cell.seeds):,} runs by {cell.steps.shape[-1]:,} steps"
            output.note(f"{data}: cell {visible(name)}: {size}; this may take minutes")
    folder = asked.out or Path("results") / f"verify-{theorem.name}-{data.stem}"
    check_outputs(folder)
    if (folder / "settings.json").exists():
        raise click.UsageError(f"{folder}: holds trajectories of another run; choose another --out")
    with theory_input():
        plan = curves_plan(theorem, curves, numbers, data=visible(data.name))
    plan = _with_files(plan, asked, folder)
    for note in plan.settings.get("notes", ()):
        output.note(f"{data}: {visible(note)}")
    with theory_input():
        verification = verify(plan)
    folder.mkdir(parents=True, exist_ok=True)
    return _finish(verification, folder, asked, output, trained=False)


def _with_files(plan: Plan, asked: Asked, folder: Path) -> Plan:
    """The plan whose settings name the files it was made from.

    Raises:
        CompareError: the folder's report is about another theorem, or was made from other files.
    """
    from ..compare.report.sources import FILES, check_replaceable, file_record

    named = {"theorem": is_file(asked.theorem), "data": asked.data, "problem": asked.problem}
    settings = {**plan.settings, FILES: file_record(named)}
    check_replaceable(folder, settings)
    return replace(plan, settings=settings)


def _on_trajectories(source: TheoremSource, asked: Asked, output: Output) -> ExitCode:
    from ..compare.papers.zhang2025.plans import stage_cells
    from ..compare.userdata import theorem_plan

    theorem = source.theorem
    folder = asked.out or Path("results") / f"verify-{theorem.name}"
    with theory_input():
        design = None if source.training else stage_cells(theorem, asked.regime, asked.preset)
        plan = theorem_plan(
            source, design=design, seeds=asked.seeds, engine=asked.engine, device=asked.device
        )
    return _trained(plan, folder, asked, output)


def _on_every_model(asked: Asked, output: Output) -> ExitCode:
    """Every theorem whose model is trained here, in one report.

    Raises:
        click.UsageError: data are given for it.
    """
    from ..compare.userdata.own_models import all_plan

    for option, value in (("data", asked.data), ("problem", asked.problem)):
        if value is not None:
            raise click.UsageError(f"--{option} is for one theorem; name it instead of all")
    with theory_input():
        plan = all_plan(seeds=asked.seeds, engine=asked.engine, device=asked.device)
    return _trained(plan, asked.out or Path("results") / "verify-all-theorems", asked, output)


def _trained(plan: Plan, folder: Path, asked: Asked, output: Output) -> ExitCode:
    from ..simulate import TrajectoryStore

    what = {"command": "verify", "bofcheck": __version__, **plan.settings, "regime": asked.regime}
    asked.added.check_limit(plan)
    store = TrajectoryStore(folder, what, grows=asked.added.wanted)
    check_outputs(folder)
    plan = _with_files(plan, asked, folder)
    with resumable(store):
        with (
            theory_input(),
            chosen_executor(asked.workers, asked.scheduler) as executor,
            output.progress() as progress,
        ):
            verification = asked.added.verify(plan, store, output, executor, progress)
        store.prepare()
        return _finish(verification, folder, asked, output, trained=True)


def _finish(
    verification: Verification, folder: Path, asked: Asked, output: Output, *, trained: bool
) -> ExitCode:
    from ..compare import report
    from ..compare.report.terminal import print_verification
    from .console import OutputConsole

    written = report.write(verification, folder)
    files = [written.page, written.json, folder / "figures"]
    if trained:
        files.insert(2, folder / "trajectories")
    output.show(
        written.report.as_dict, lambda: print_verification(verification, OutputConsole(), files)
    )
    return exit_code(written.report.counts, asked.fail_on)
