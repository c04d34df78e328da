"""The same data written in another way decide the same, to the last digit of every statistic.

Under other names the runs come in another order, in which sums round otherwise.
"""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from random_studies import (
    QUANTITIES,
    has_run_without_number,
    long_file,
    netcdf_file,
    numbers_file,
    ordered,
    random_study,
    renamed,
    shuffled,
    spelt,
    wide_file,
)

from bofcheck.compare import CompareError, Status, verify
from bofcheck.compare.userdata import curves_plan, needed_quantities, read_curves, read_numbers
from bofcheck.theory import TheoryError
from bofcheck.theory.theorem_file.load import theorem_from_toml

#: Why runs count as diverged names a line or a variable of the file.
_WHY = re.compile(r" runs count as diverged .*")
_NUMBER = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?")


def decided(study, curves, numbers):
    """What is decided on files of curves and of numbers, without names of lines; or the error."""
    theorem = theorem_from_toml(study.theorem).theorem
    try:
        read = read_curves(curves, needed_quantities(theorem))
        plan = curves_plan(theorem, read, read_numbers(numbers, theorem))
        verdicts = verify(plan).verdicts
    except (CompareError, TheoryError) as error:
        assert "\n" not in str(error)  # noqa: PT017 (an error by name is an outcome)
        return str(error).rpartition(": ")[2]
    assert all(verdict.status is not Status.ERROR for verdict in verdicts), verdicts
    return [repr(replace(verdict, reason=_WHY.sub("", verdict.reason))) for verdict in verdicts]


REWRITTEN = {
    "backwards": lambda path, study, _: wide_file(path, replace(study, points=study.points[::-1])),
    "by step": lambda path, study, _: wide_file(path, ordered(study, lambda point: point.step)),
    "shuffled": lambda path, study, rng: wide_file(path, shuffled(study, rng)),
    "long": lambda path, study, _: long_file(path, study),
    "long, spelt otherwise": lambda path, study, rng: long_file(path, study, number=spelt(rng)),
    "spelt otherwise": lambda path, study, rng: wide_file(path, study, number=spelt(rng)),
    "columns": lambda path, study, rng: wide_file(
        path, study, columns=rng.permutation(["cell", "run", "step", *QUANTITIES]).tolist()
    ),
    "unused columns": lambda path, study, _: wide_file(path, study, extra=("lr", "remark")),
    "runs renamed": lambda path, study, _: wide_file(path, renamed(study)),
    "netcdf": lambda path, study, _: netcdf_file(path.with_suffix(".nc"), study),
}


def to_rounding(one, other):
    """Whether two outcomes differ in the last digits of their numbers alone."""
    texts = ["\n".join(each) if isinstance(each, list) else each for each in (one, other)]
    if len({_NUMBER.sub("", text) for text in texts}) > 1:
        return False
    numbers = [np.array(_NUMBER.findall(text), dtype=float) for text in texts]
    return np.allclose(*numbers, rtol=1e-9, atol=1e-12)


def test_rounding_is_all_that_is_let_through():
    assert to_rounding(["a=0.19362262712191974, b 2"], ["a=0.19362262712191908, b 2"])
    assert not to_rounding(["a=0.19362262712191974"], ["a=0.19362272712191974"])
    assert not to_rounding(["HOLDS 1"], ["VIOLATED 1"])


def check(folder, seed, ways):
    """Decide a random study as written first and as written in other ways."""
    study, rng = random_study(seed), np.random.default_rng(seed)
    numbers = numbers_file(folder / "numbers.toml", study)
    first = decided(study, wide_file(folder / "first.csv", study), numbers)
    assert decided(study, folder / "first.csv",
                   numbers_file(folder / "back.toml", study, backwards=True)) == first  # fmt: skip
    for way in ways:
        if way == "netcdf" and has_run_without_number(study):
            continue
        again = decided(study, REWRITTEN[way](folder / "again.csv", study, rng), numbers)
        if way == "shuffled" and isinstance(again, str) and "sort them by step" in again:
            continue  # a few rows out of order may be a counter that began again
        same = again == first or (way == "runs renamed" and to_rounding(again, first))
        assert same, (seed, way)
    return first


#: A study is a seed, of which there is nothing to shrink.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=6, deadline=None, phases=PHASES)
@given(st.integers(0, 2**32), st.lists(st.sampled_from(sorted(REWRITTEN)), min_size=2, max_size=2))
@example(700046, ["runs renamed"])  # more than ten runs, whose names are numbers
def test_the_same_data_decide_the_same(tmp_path_factory, seed, ways):
    check(tmp_path_factory.mktemp("study"), seed, ways)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300))
def test_the_same_data_decide_the_same_in_every_way(tmp_path, seed):
    check(tmp_path, seed, REWRITTEN)
