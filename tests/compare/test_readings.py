"""The readings of formulas that are lost: each is recognised where the data follow it."""

import dataclasses

import numpy as np
import pytest
from synthetic import decide, outside, result, study, trajectory, with_quantities

from bofcheck.compare import Role, Status, all_claims, fit_constants
from bofcheck.compare.calibration import BenignTruth, synthetic_study
from bofcheck.compare.fitting.bounds import bound_along
from bofcheck.compare.papers.zhang2025.ledger.robustness import compared_claims
from bofcheck.theory import FormulaError, NoSuchPartError, benign, harmful

#: Rates at which each reading moves log P by some hundreds within stage 2 of the planted cells.
RATES = {"B2A": 30.0, "B2B": 4e-2, "B2C": 50.0, "B2D": 4.0}
STAGE_2 = tuple(RATES)


def _follow(made, name, factor=1.0):
    """The study with the excess of a reading in stage 2, and attention that grows with time."""
    results = []
    for one in made.results:
        steps = one.trajectory.steps.astype(float)
        since = np.maximum(steps - one.events["T1"][:, None], 0.0)
        away = one.values["sigma_p"] * (one.values["eta"] * since) ** 0.75 / 3
        one = with_quantities(one, attention_test=0.5 + away)
        read = study(*made.results, regime="benign")
        read = dataclasses.replace(read, theorem=benign.read(name))
        given = {"C2": 0.01, "k2": RATES[name]}
        along = bound_along(read, one, read.theorem.bound(name), given, log=True)
        deep = np.log(0.01) + factor * (along - np.log(0.01))
        failure = np.where(np.isnan(along), np.log(0.01), deep)
        share = np.log1p(-2 * one.values["p"])
        results.append(with_quantities(one, log_failure_prob=failure - share))
    return dataclasses.replace(made, results=tuple(results))


@pytest.fixture(scope="module")
def plain():
    return synthetic_study(np.random.default_rng(3), 0.0, BenignTruth(), runs=5)


@pytest.mark.parametrize("name", STAGE_2)
def test_the_reading_that_data_follow_is_sharp_and_another_is_not(plain, name):
    made = _follow(plain, name)
    verdict = decide(made, name)
    assert verdict.status is Status.HOLDS, verdict.reason
    shape = verdict.discrimination.shape
    assert shape["t"].word == "sharp"
    assert not shape.of("loose") + shape.of("eroding")
    assert not verdict.weak
    other = STAGE_2[STAGE_2.index(name) - 1]
    verdict = decide(made, other)
    assert not (
        verdict.status is Status.HOLDS and verdict.discrimination.shape["t"].word == "sharp"
    )
    shape = verdict.discrimination.shape
    assert shape.of("loose") + shape.of("eroding"), verdict.reason


def test_decay_that_stops_in_held_out_cells_fails_a_reading(plain):
    for name in ("B2B", "B2C"):
        made = _follow(plain, name)
        frozen = _follow(plain, name, factor=0.01)
        mixed = [
            late if late.cell.role is Role.HELD_OUT else early
            for early, late in zip(made.results, frozen.results, strict=True)
        ]
        stopped = fit_constants(dataclasses.replace(made, results=tuple(mixed)))
        assert decide(stopped, name).status is Status.VIOLATED


def test_a_reading_leaves_the_constants_of_the_theorem_alone(plain):
    made = fit_constants(_follow(plain, "B2B"))
    before = made.constants.values()
    verdict = decide(made, "B2B")
    assert made.constants.values() == before
    own = verdict.evidence["constants_and_widened"]
    assert own["k2"][0] == pytest.approx(RATES["B2B"], rel=1e-6, abs=0.0)
    assert own["k2"][0] != pytest.approx(before["k2"], rel=0.1, abs=0.0)


def test_a_logged_quantity_that_is_missing_or_unknown_never_passes(plain):
    made = _follow(plain, "B2C")
    without = []
    for one in made.results:
        arrays = {n: v for n, v in one.trajectory.quantities.items() if n != "attention_test"}
        made_of = dataclasses.replace(one.trajectory, quantities=arrays)
        without.append(dataclasses.replace(one, trajectory=made_of))
    verdict = decide(dataclasses.replace(made, results=tuple(without)), "B2C")
    assert verdict.status is Status.INCONCLUSIVE
    assert "no test_error and attention_test" in verdict.reason
    holes = []
    for one in made.results:
        attention = one.trajectory["attention_test"].copy()
        if one.cell.role is Role.HELD_OUT:
            attention[:, ::2] = np.nan
        holes.append(with_quantities(one, attention_test=attention))
    verdict = decide(dataclasses.replace(made, results=tuple(holes)), "B2C")
    assert verdict.status is Status.INCONCLUSIVE


def _harmful(loss, p):
    made = trajectory(outside(flip_prob=p), range(0, 101, 4), runs=80, test_loss=loss)
    return study(result(made, T1=10.0, T2=20.0, T3=90.0), regime="harmful")


@pytest.mark.parametrize(
    ("loss", "p", "holds"),
    [
        (0.2371, 0.0, {"H3a"}),
        (0.2369, 0.0, set()),
        (0.2421, 0.0, {"H3a", "H3b", "H3c"}),
        (0.2421, 0.03, {"H3a", "H3b"}),
        (0.2492, 0.03, {"H3a", "H3b", "H3c"}),
    ],
)
def test_the_readings_of_the_loss_part_at_their_floors(loss, p, holds):
    made = _harmful(loss, p)
    for name in ("H3a", "H3b", "H3c"):
        wanted = Status.HOLDS if name in holds else Status.VIOLATED
        assert decide(made, name).status is wanted, name


def test_floors_below_that_of_bayes_say_nothing():
    made = _harmful(0.7, 0.2)
    for name in ("H3a", "H3b", "H3c"):
        assert decide(made, name).status is Status.VACUOUS


def test_readings_are_formulas_and_bounds_of_theorems_of_their_own():
    with pytest.raises(NoSuchPartError, match="no reading 'B9'; its readings are B2A"):
        benign.read("B9")
    with pytest.raises(FormulaError, match="logged quantities attention_test do not occur"):
        dataclasses.replace(benign.bound("B2"), logged=("attention_test",))
    for theorem in (benign, harmful):
        for reading in theorem.readings:
            alone = theorem.read(reading.name)
            (bound,) = alone.bounds
            assert alone.events == theorem.events
            assert bound.during is not None
            assert "READING" in bound.source
            assert "READING" in all_claims()[bound.name].source
            assert bound.provenance is all_claims()[bound.name].provenance


def test_variants_of_the_model_are_not_compared_by_readings():
    assert not {"B2A", "H3a"} & {claim.id for claim in compared_claims()}
