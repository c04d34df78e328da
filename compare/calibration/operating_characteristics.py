"""`calibrate`: error rates, power and coverage of the verdicts, as one JSON-ready document."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..verdict import Status
from . import all_scenarios
from .coverage import Coverage, measure_coverage
from .noise import BENIGN, HARMFUL, SeedNoise
from .recovery import recover_constants
from .resolution import Resolution, measure_resolution
from .scenario import EXPECTED, Kind, Scenario, Tally, replicate
from .wrong_powers import measure

#: Replicates drawn by one worker before it takes the next part.
PART = 20
#: Factors on the measured scatter at which departures twice the slack are looked for.
SCATTERS = (1.0, 0.25)
#: Replicates at which laws with wrong powers get all of their studies.
FULL = 1000


#: What a calibration consists of.
PARTS = ("scenarios", "wrong_powers", "coverage", "resolution", "constants")


def calibrate(
    replicates: int,
    *,
    seed: int = 0,
    workers: int = 1,
    parts: Sequence[str] = PARTS,
    named: Sequence[str] = (),
) -> dict[str, Any]:
    """Draw every scenario, measure every interval, recover every constant.

    Args:
        replicates: studies drawn of each truth; a departure gets a fifth of them, what comes
            in several sizes a tenth. Of 1,000, laws with wrong powers get what their module says.
        seed: of all draws; the same seed and replicates give the same document.
        workers: processes that share the work.
        parts: of `PARTS`, that are measured.
        named: the scenarios that are drawn; all of them if empty.

    Returns:
        What was asked of `PARTS`, lists of plain mappings, and how it was measured.
    """
    fewer = max(replicates // 10, 1)
    lines: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "scenarios": lambda: [
            _scenario_line(tally, scatter)
            for tally, scatter in tally_scenarios(
                _jobs(replicates, named), seed=seed, workers=workers
            )
        ],
        "wrong_powers": lambda: [
            counted.line()
            for counted in measure(seed=seed, workers=workers, share=replicates / FULL)
        ],
        "coverage": lambda: [_coverage_line(one) for one in measure_coverage(replicates, seed)],
        "resolution": lambda: [_resolution_line(one) for one in measure_resolution(fewer, seed)],
        "constants": lambda: [
            {
                "regime": constant.regime,
                "name": constant.name,
                "true": constant.true,
                "fitted": constant.fitted,
                "relative_error": constant.error,
            }
            for constant in recover_constants()
        ],
    }
    return {
        "format": "bofcheck calibration",
        "replicates": replicates,
        "seed": seed,
        "noise": {"benign": _levels(BENIGN), "harmful": _levels(HARMFUL)},
    } | {part: lines[part]() for part in PARTS if part in parts}


def _jobs(replicates: int, named: Sequence[str]) -> list[tuple[str, int, float]]:
    """Name, number of studies and factor on the measured scatter of each job."""
    few, fewer = max(replicates // 5, 1), max(replicates // 10, 1)
    return [
        (
            scenario.name,
            fewer if scenario.sized else few if scenario.kind in EXPECTED else replicates,
            scatter,
        )
        for scenario in all_scenarios().values()
        for scatter in (SCATTERS if scenario.name.endswith("-shifted-2") else (1.0,))
        if not named or scenario.name in named
    ]


def _coverage_line(coverage: Coverage) -> dict[str, Any]:
    return {
        "interval": coverage.interval,
        "setting": coverage.setting,
        "sides": coverage.sides,
        "rate": coverage.rate,
        "replicates": coverage.replicates,
        "low": coverage.limits()[0],
        "high": coverage.limits()[1],
    }


def _resolution_line(resolution: Resolution) -> dict[str, Any]:
    return {
        "law": resolution.law,
        "number": resolution.number,
        "off": resolution.off,
        "half_width": resolution.width,
        "rate": resolution.excluded,
        "replicates": resolution.replicates,
        "low": resolution.limits()[0],
        "high": resolution.limits()[1],
    }


def tally_scenarios(
    jobs: Iterable[tuple[str, int, float]], *, seed: int = 0, workers: int = 1
) -> list[tuple[Tally, float]]:
    """Replicate scenarios, by name, number of studies and factor on the measured scatter.

    Returns:
        One tally for each claim of each job, with the job's scatter, whatever ``workers`` is.
    """
    wanted = list(jobs)
    parts = [
        (name, min(PART, count - first), scatter, seed, first)
        for name, count, scatter in wanted
        for first in range(0, count, PART)
    ]
    if workers > 1:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            counted = pool.map(_part, parts, chunksize=1)
    else:
        counted = [_part(part) for part in parts]
    counts: dict[tuple[str, float, str], Counter[Status]] = {}
    for (name, _, scatter, _, _), statuses in zip(parts, counted, strict=True):
        for claim, seen in statuses.items():
            counts.setdefault((name, scatter, claim), Counter()).update(seen)
    scenarios = all_scenarios()
    return [
        (Tally(scenarios[name], claim, dict(counts[name, scatter, claim])), scatter)
        for name, _, scatter in wanted
        for claim in scenarios[name].claims
    ]


def _part(part: tuple[str, int, float, int, int]) -> dict[str, Mapping[Status, int]]:
    name, count, scatter, seed, first = part
    scenario: Scenario = all_scenarios()[name]
    tallies = replicate(scenario, count, seed=seed, noise=scatter, first=first)
    return {tally.claim: tally.statuses for tally in tallies}


def _scenario_line(tally: Tally, scatter: float) -> dict[str, Any]:
    low, high = tally.interval()
    scenario = tally.scenario
    truth = scenario.kind in (Kind.TRUE, Kind.EDGE)
    return {
        "scenario": scenario.name,
        "kind": scenario.kind.value,
        "claim": tally.claim,
        "statement": scenario.statement,
        "scatter": scatter,
        "replicates": tally.replicates,
        "counted": "rejections" if truth else "verdicts as expected",
        "nominal": scenario.nominal if truth else None,
        "rate": tally.hits / tally.replicates,
        "low": low,
        "high": high,
        "statuses": {status.value: n for status, n in sorted(tally.statuses.items())},
    }


def _levels(noise: SeedNoise) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in vars(noise).items()}
