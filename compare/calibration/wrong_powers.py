"""How often a true bound is kept, a wrong power of it rejected, and its powers covered.

Studies are drawn from the planted laws of `laws` at several ranges of their numbers and several
scatters between runs, and on designs that cannot tell a number's power. A wrong power of a size is
rejected where the shape that it gives the bound erodes: a power of a number moves the power of the
room by as much (`NumberShape.shifted`). Where the true bound holds, powers of 1/2 and 1 and symbols
left out are those that the verdict itself has tried, with constants fitted again.
"""

from __future__ import annotations

import multiprocessing
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cells import Study
from ..checks.bound_shape import judge_again
from ..claim import Claim
from ..discrimination import TIME, Discrimination, Shape
from ..fitting.form import form_of
from ..shape.powers_of_room import shape_of
from ..shape.rooms import summed
from ..shape.wrong_powers import sign_of, wrong_powers
from ..thresholds import SHAPE_MISS
from ..userdata.claims import theorem_claims
from ..verdict import Status, Verdict
from ..verify import verify
from .laws import LAWS, SCATTER, Law

Array = NDArray[np.float64]

#: Largest over smallest value of either number.
FOLDS = (2.0, 4.0, 10.0, 16.0)
#: Factors on the scatter between runs of `laws`.
SCATTERS = (0.25, 1.0, 4.0)
#: What a power is wrong by.
SIZES = (0.25, 0.5, 1.0)
#: The key of a symbol that is left out, among the sizes.
LEFT_OUT = "left out"
#: Runs of a cell.
RUNS = 24
#: Studies of each setting; laws with a logarithm of a sum take eight times as long to judge.
REPLICATES, SLOW = 16, dict.fromkeys(("floor", "lower, growing", "lower, falling", "additive"), 4)
#: The fold and the scatter at which designs that cannot tell are drawn.
USUAL_FOLD = 10.0
#: The name of a law's bound.
_BOUND = "X"
#: Logged steps of a study.
STEPS = np.unique(np.geomspace(1, 3000, 40).round())


@dataclass(frozen=True)
class Setting:
    """Where studies are drawn.

    Attributes:
        law: its name.
        fold: largest over smallest value of either number.
        scatter: factor on the scatter between runs.
        design: ``"grid"``, three values of either number; ``"together"``, nine values of both that
            grow together; ``"two values"``, two of the first number and five of the second.

    Example:
        >>> Setting("algebraic", 4.0, 1.0).cells()[::4]
        [(0.1, 0.25), (0.2, 0.5), (0.4, 1.0)]
        >>> len(Setting("algebraic", 4.0, 1.0, "two values").cells())
        10
    """

    law: str
    fold: float
    scatter: float
    design: str = "grid"

    def cells(self) -> list[tuple[float, float]]:
        """The two numbers of each cell."""
        law = LAWS[self.law]
        counts = {"grid": (3, 3), "together": (9, 9), "two values": (2, 5)}[self.design]
        first, second = (
            [values[1] * self.fold**share for share in np.linspace(-0.5, 0.5, count).tolist()]
            for count, (_, values) in zip(counts, (law.first, law.second), strict=True)
        )
        if self.design == "together":
            return list(zip(first, second, strict=True))
        return list(product(first, second))

    @property
    def untold(self) -> tuple[str, ...]:
        """The numbers whose powers the design cannot tell."""
        numbers = LAWS[self.law].numbers
        return {"grid": (), "together": numbers, "two values": numbers[:1]}[self.design]


@dataclass(frozen=True)
class Drawn:
    """What one study said of the true bound and of its wrong powers.

    Attributes:
        status: of the true bound.
        weak: whether it holds by a weak test.
        words: number -> the word of its power.
        rejected: size, or `LEFT_OUT`, and number -> of the wrong powers, which are rejected.
        covered: number -> whether the 95% interval of its power contains 0.
        together: whether all of the intervals that decide do.
    """

    status: str
    weak: bool
    words: Mapping[str, str]
    rejected: Mapping[tuple[str, str], tuple[bool, ...]]
    covered: Mapping[str, bool]
    together: bool


@dataclass(frozen=True)
class Counted:
    """What many studies of one setting said.

    Attributes:
        setting: where they are drawn.
        statuses: status of the true bound -> how many; `"WEAK"` are the weak among HOLDS.
        words: ``"number: word"`` -> how many.
        rejected: size and number -> rejected, and tried.
        covered: number -> intervals that cover, and intervals; `""` for all of a study together.
    """

    setting: Setting
    statuses: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    covered: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def line(self) -> dict[str, Any]:
        """JSON-ready.

        >>> counted = Counted(Setting("slow", 4.0, 1.0), {"HOLDS": 3}, {}, {("1", "g"): (5, 6)})
        >>> counted.line()["rejected"], counted.line()["statuses"]
        ([{'size': '1', 'number': 'g', 'rejected': 5, 'tried': 6}], {'HOLDS': 3})
        """
        return {
            **vars(self.setting),
            "statuses": dict(sorted(self.statuses.items())),
            "words": dict(sorted(self.words.items())),
            "untold": list(self.setting.untold),
            "rejected": [
                {"size": size, "number": number, "rejected": hits, "tried": tried}
                for (size, number), (hits, tried) in sorted(self.rejected.items())
            ],
            "covered": [
                {"number": number, "covered": hits, "intervals": of}
                for number, (hits, of) in sorted(self.covered.items())
            ],
        }


def settings() -> Iterator[tuple[Setting, int]]:
    """Every setting and how many studies are drawn of it.

    >>> len(list(settings())) == len(LAWS) * (len(FOLDS) * len(SCATTERS) + 2)
    True
    """
    for name in LAWS:
        studies = SLOW.get(name, REPLICATES)
        for fold in FOLDS:
            for scatter in SCATTERS:
                yield Setting(name, fold, scatter), studies
        for design in ("together", "two values"):
            yield Setting(name, USUAL_FOLD, 1.0, design), studies


def count(setting: Setting, studies: int, *, seed: int = 0) -> Counted:
    """Draw studies of one setting; the same numbers give the same studies.

    Args:
        setting: where they are drawn.
        studies: how many.
        seed: of all draws.

    Example:
        >>> made = count(Setting("without time", 10.0, 1.0), 2)
        >>> dict(made.statuses), made.rejected["0.5", "n"]
        ({'HOLDS': 2}, (4, 4))
    """
    statuses: Counter[str] = Counter()
    words: Counter[str] = Counter()
    rejected: dict[tuple[str, str], tuple[int, int]] = {}
    covered: dict[str, tuple[int, int]] = {}
    for number in range(studies):
        drawn = draw(setting, seed, number)
        statuses[drawn.status] += 1
        statuses["WEAK"] += drawn.weak
        words.update(f"{name}: {word}" for name, word in drawn.words.items())
        for key, hits in drawn.rejected.items():
            rejected[key] = _more(rejected.get(key), sum(hits), len(hits))
        for name, hit in drawn.covered.items():
            covered[name] = _more(covered.get(name), hit, 1)
        if drawn.covered:
            covered[""] = _more(covered.get(""), drawn.together, 1)
    return Counted(setting, +statuses, words, rejected, covered)


def _more(before: tuple[int, int] | None, hits: int, tried: int) -> tuple[int, int]:
    return ((before or (0, 0))[0] + hits, (before or (0, 0))[1] + tried)


def draw(setting: Setting, seed: int, number: int) -> Drawn:
    """One study: the verdict on its true bound, and what it says of wrong powers."""
    law = LAWS[setting.law]
    key = f"{setting.law} {setting.fold:g} {setting.scatter:g} {setting.design}"
    rng = np.random.default_rng((seed, zlib.crc32(key.encode()), number))
    plan = law.plan(
        rng, law.formula(), runs=RUNS, scatter=SCATTER * setting.scatter, cells=setting.cells(),
        steps=STEPS,
    )  # fmt: skip
    made = verify(plan)
    verdict, study = made.verdicts[0], made.studies[0]
    found = verdict.discrimination or Discrimination()
    return Drawn(
        status=verdict.status.value,
        weak=verdict.weak,
        words={one.name: one.word for one in found.shape.numbers},
        rejected=dict(_rejected(law, study, found)),
        covered=_covered(single_intervals(study, _BOUND)),
        together=all(_covered(found.shape).values()),
    )


def single_intervals(study: Study, name: str) -> Shape:
    """The shape with an interval of 95% for each power by itself."""
    results = [result for result in study.results if result.cell.kind == "stage"]
    powers = len([one for one in shape_of(study, name, results).numbers if one.power is not None])
    return shape_of(study, name, results, miss=SHAPE_MISS * powers)


def _covered(shape: Shape) -> dict[str, bool]:
    """Number -> whether its interval contains 0, the power of a bound that is the law."""
    return {one.name: one.low <= 0.0 <= one.high for one in shape.numbers if one.power is not None}


def _rejected(
    law: Law, study: Study, found: Discrimination
) -> Iterator[tuple[tuple[str, str], tuple[bool, ...]]]:
    """Size and number -> which wrong powers are rejected; those that only weaken are left out."""
    form = form_of(study.theorem, _BOUND)
    tried = list(found.wrong_powers)
    if tried and summed(form):  # the changed bounds themselves are judged, by their shapes
        judge = judge_again(_claim(study), study, _kept)
        tried += wrong_powers(study, _BOUND, found.shape, judge, (-SIZES[0], SIZES[0]))
    sizes: dict[tuple[str, str], list[bool]] = {}
    for one in tried:
        if not one.weaker and not (one.power is None and (LEFT_OUT, one.number) in sizes):
            key = LEFT_OUT if one.power is None else f"{abs(one.power):g}"
            sizes.setdefault((key, one.number), []).append(one.rejected)
    for name in (*((TIME,) if law.timed else ()), *law.numbers):
        for size in () if summed(form) else SIZES:
            powers = (law.worse * size,) if name == TIME else (-size, size)
            sizes.setdefault(
                (f"{size:g}", name),
                [
                    found.shape[name].shifted(sign_of(form) * power).word == "eroding"
                    for power in powers
                ],
            )
    yield from ((key, tuple(hits)) for key, hits in sizes.items())


def _claim(study: Study) -> Claim:
    return next(
        claim for claim in theorem_claims(study.theorem, trained=False) if claim.id == _BOUND
    )


def _kept(claim: Claim, study: Study) -> Verdict:
    """What runs say where the shape alone is asked."""
    return claim.verdict(study, Status.HOLDS, "")


def measure(*, seed: int = 0, workers: int = 1, share: float = 1.0) -> list[Counted]:
    """Every setting.

    Args:
        seed: of all draws; the same seed gives the same counts, whatever ``workers`` is.
        workers: processes that share the work.
        share: of the studies; at least one of each setting is drawn.
    """
    jobs = [(setting, max(1, round(studies * share)), seed) for setting, studies in settings()]
    if workers > 1:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            return pool.map(_job, jobs, chunksize=1)
    return [_job(job) for job in jobs]


def _job(job: tuple[Setting, int, int]) -> Counted:
    setting, studies, seed = job
    return count(setting, studies, seed=seed)
