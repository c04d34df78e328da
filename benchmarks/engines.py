"""Time every way to take a gradient step, in one run and in turns: ``make bench``.

Seconds are per run and step, medians over rounds in which every contender takes a turn.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from figures import compare_targets, group_figures, was_busy
from harness.compiling import compile_seconds
from harness.contender import find_contenders
from harness.machine import describe_machine, describe_versions, devices_present, memory_bytes
from harness.measure import Limits, measure_group
from harness.process import WorkerProcess
from harness.rounds import FEWEST, WorkerError
from plan import DIMS, SAMPLES, plan_groups

#: Version of the JSON's layout.
SCHEMA = 1
#: Seconds above which a step (of a whole batch) is probed once and not run.
SLOWEST_STEP = 3.0
#: Part of the machine's memory one contender may need, since several large ones coexist.
MEMORY_PART = 0.25


def main(args: Sequence[str] | None = None) -> int:
    """Measure, print one line per group, write JSON."""
    contenders = find_contenders()
    chosen = _parse(args, sorted(contenders))
    present = devices_present()
    accelerators = present if chosen.device is None else [chosen.device]
    devices = ["cpu", *(device for device in accelerators if device != "cpu")]
    if missing := set(devices) - {"cpu", *present}:
        _say(f"engines: no {', '.join(missing)} here; present: {', '.join(['cpu', *present])}")
        return 2
    limits = Limits(
        rounds=chosen.rounds,
        turn_seconds=0.05 if chosen.quick else 0.1,
        step_seconds=1.0 if chosen.quick else SLOWEST_STEP,
        memory_bytes=int(MEMORY_PART * memory_bytes()),
    )
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": chosen.quick,
        "machine": describe_machine(),
        "versions": describe_versions(),
        "devices": devices,
        "limits": vars(limits),
        "groups": [],
    }
    if was_busy(document):
        _say(
            f"the machine is busy (load {document['machine']['load']:.1f}): targets are not judged"
        )
    modules = {name: module for name, (module, _) in contenders.items()}
    began = time.perf_counter()
    for group in plan_groups(
        list(contenders),
        samples=chosen.samples,
        dims=chosen.dims,
        devices=devices,
        runs=chosen.runs,
        only=chosen.only,
    ):
        rows = measure_group(
            group.entries,
            {name: one for name, (_, one) in contenders.items()},
            limits,
            lambda name: WorkerProcess(modules[name], name),
        )
        document["groups"].append({"name": group.name, "rows": rows})
        document["groups"][-1]["figures"] = group_figures(document, group.name)
        _say(f"{time.perf_counter() - began:5.0f} s  {group.name}: {_brief(rows)}")
    document["compile"] = _compile(modules)
    document["targets"] = compare_targets(document)
    document["wall_seconds"] = time.perf_counter() - began
    for verdict in document["targets"]:
        figure = verdict["figure"]
        sign = "≥" if verdict["at_least"] else "≤"
        value = "not measured" if figure is None else f"{figure['value']:.3g}"
        _say(f"{verdict['target']}: {value} (target {sign} {verdict['goal']:g})")
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if chosen.json is None:
        sys.stdout.write(text)
    else:
        chosen.json.write_text(text, encoding="utf-8")
    return 0


def _parse(args: Sequence[str] | None, names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="engines", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller grid, in about a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write there, not to the screen")
    parser.add_argument(
        "--device", help="cpu, cuda or mps in addition to the cpu; default: all present"
    )
    parser.add_argument("--only", type=_names, default=[], help=f"some of {','.join(names)}")
    parser.add_argument("--samples", type=_numbers, help="values of N, with commas")
    parser.add_argument("--dims", type=_numbers, help="values of d, with commas")
    parser.add_argument("--runs", type=int, default=16, help="seeds of a batch; default: 16")
    parser.add_argument("--rounds", type=int, help=f"at least {FEWEST}; default: 7, quick: 5")
    chosen = parser.parse_args(args)
    if unknown := set(chosen.only) - set(names):
        parser.error(f"--only {','.join(unknown)}: choose from {', '.join(names)}")
    chosen.samples = chosen.samples or ((20,) if chosen.quick else SAMPLES)
    chosen.dims = chosen.dims or ((128, 512, 10**6) if chosen.quick else DIMS)
    chosen.rounds = chosen.rounds or (FEWEST if chosen.quick else 7)
    if chosen.rounds < FEWEST or chosen.runs < 1:
        parser.error(f"--rounds must be at least {FEWEST}, --runs at least 1")
    return chosen


def _names(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[int]:
    return [int(float(part)) for part in text.split(",")]


def _compile(modules: dict[str, str]) -> dict[str, Any]:
    """Compile times of the span engine, or why they were not measured."""
    try:
        return dict(compile_seconds(modules["span"], "span"))
    except WorkerError as error:
        return {"why": str(error)}


def _brief(rows: Sequence[dict[str, Any]]) -> str:
    """Microseconds per run and step of each row, or its outcome."""
    parts = []
    for row in rows:
        measured = row["outcome"] == "measured"
        value = f"{1e6 * row['seconds']:.4g} µs" if measured else row["outcome"]
        parts.append(f"{row['key'].removesuffix('@cpu')} {value}")
    return ", ".join(parts)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
