"""A theorem's phase boundary: planted laws are kept, wrong ones are found, and by which power."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from bofcheck.compare import Cell, Role
from bofcheck.compare.cells import CellResult, Study
from bofcheck.compare.checks.strength_boundary import StrengthBoundary
from bofcheck.compare.claim import Claim
from bofcheck.compare.errors import CompareError
from bofcheck.compare.fitting.strength import good_runs, values_read
from bofcheck.compare.statistics.strength import fit_strength
from bofcheck.compare.verdict import Status
from bofcheck.theory import get_theorem
from bofcheck.theory.theorem_file.load import theorem_from_toml

TEXT = """
name = "planted"
title = "A planted boundary"
source = "a test"
provenance = "DERIVED"
[[events]]
name = "T"
when = "train_loss <= epsilon"
[[stages]]
name = "training"
until = "T"
[[stages]]
name = "fitted"
[[boundaries]]
name = "PB"
quantity = "test_error"
strength = "N*mu**4/(sigma_p**4*d)"
level = "p + 0.1"
event = "T"
"""
THEOREM = theorem_from_toml(TEXT).theorem


@dataclass
class Drawn:
    """Curves of three steps, of which the second reaches T."""

    error: np.ndarray
    steps: np.ndarray = field(default_factory=lambda: np.array([0, 50, 100]))
    provenance: dict = field(default_factory=dict)

    def __post_init__(self):
        runs = len(self.error)
        self.seeds = np.arange(runs)
        self.diverged = np.zeros(runs, dtype=bool)
        self.quantities = {
            "test_error": np.stack([self.error * 0 + 0.5, self.error, self.error], 1)
        }

    def __getitem__(self, name):
        return self.quantities[name]


@pytest.fixture(autouse=True)
def _fewer_resamples(monkeypatch):
    monkeypatch.setattr("bofcheck.compare.checks.strength_boundary.BOUNDARY_RESAMPLES", 200)


LAW = {"N": 1.0, "mu": 4.0, "sigma_p": -4.0, "d": -1.0}


def planted(powers, seed=0, runs=16, scatter=0.6):
    """A study whose test_error crosses p + 0.1 where the product of powers is 1.5."""
    rng = np.random.default_rng(seed)
    results = []
    for n in (10.0, 20.0, 40.0):
        for d in (1e4, 1e6, 1e8):
            for rank, x in enumerate((0.4, 0.8, 1.3, 1.8, 3.0, 5.0)):
                mu = (x / (n * d)) ** 0.25  # noise of length 1: sigma_p = 1/sqrt(d)
                numbers = {"N": n, "d": d, "mu": mu, "sigma_p": d**-0.5, "p": 0.1, "epsilon": 0.1}
                middle = {"N": 20.0, "d": 1e6, "mu": (1.5 / 2e7) ** 0.25, "sigma_p": 1e-3}
                log_x = np.log(x) + sum(
                    (power - LAW[name]) * np.log(numbers[name] / middle[name])
                    for name, power in powers.items()
                )
                depth = log_x - np.log(1.5) + scatter * rng.standard_normal(runs)
                error = 0.1 + 0.2 / (1 + np.exp(depth))
                role = Role.CALIBRATION if rank in (1, 4) else Role.HELD_OUT
                name = f"N{n:g}-d{d:g}-x{x:g}"
                cell = Cell(name, role, "stage", None, 100, fields=numbers)
                events = {"T": np.full(runs, 45.0)}
                report = THEOREM.check(numbers)
                results.append(CellResult(cell, Drawn(error), numbers, report, events))
    return Study(THEOREM, tuple(results))


def decide(study):
    boundary = study.theorem.boundaries[0]
    claim = Claim("PB", "", boundary.provenance, "", ("planted",), StrengthBoundary())
    return StrengthBoundary().decide(claim, study)


def test_a_planted_law_holds_with_its_constant_and_rejects_wrong_powers():
    verdict = decide(planted(LAW))
    assert verdict.status is Status.HOLDS, verdict.reason
    low, high = verdict.evidence["constant_interval_95"]
    assert low < 1.5 < high
    rejected, tried = verdict.evidence["wrong_powers"]
    assert rejected >= 0.8 * tried
    # noise has length 1 everywhere, so sigma_p goes with d, and the law in d alone is mu^4 N d
    assert verdict.evidence["powers"]["d"]["law"] == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "power", "number"),
    [("N", 2.0, "N"), ("N", 0.5, "N"), ("mu", 6.0, "N"), ("d", -1.5, "d")],
)
def test_a_wrong_power_in_the_data_is_found(name, power, number):
    verdict = decide(planted({**LAW, name: power}))
    assert verdict.status is Status.VIOLATED, verdict.reason
    assert verdict.evidence["powers"][number]["judged"] == "differs"


def test_a_boundary_of_many_laws_is_not_called_one_of_them():
    """Data without any boundary: the side is a coin."""
    study = planted({"N": 0.0, "mu": 0.0}, scatter=3.0)
    assert decide(study).status is not Status.HOLDS


def test_the_quantity_is_read_where_the_event_came_and_runs_without_it_are_left_out():
    result = planted(LAW).results[0]
    boundary = THEOREM.boundaries[0]
    assert np.array_equal(values_read(result, boundary), result.trajectory.error)
    late = result.events["T"].copy()
    late[:3] = np.nan
    assert good_runs(replace(result, events={"T": late}), boundary)[1] == 13
    early = replace(result, events={"T": np.zeros(16)})
    assert np.all(values_read(early, boundary) == 0.5)


def test_cells_on_one_side_leave_it_open():
    study = planted(LAW, scatter=0.1)
    weak = tuple(r for r in study.results if "x0.4" in r.cell.name)
    verdict = decide(replace(study, results=weak))
    assert verdict.status is Status.INCONCLUSIVE
    assert "give" in verdict.reason


def test_too_few_cells_are_refused():
    x = np.log([1.0, 2.0, 4.0])
    with pytest.raises(CompareError, match="at least 4"):
        fit_strength({"a": x, "b": x**2}, {"a": 1.0, "b": 0.0}, x, np.array([0, 1, 2.0]),
                     np.full(3, 2.0), resamples=1, ridge=0.01)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('"N*mu**4/(sigma_p**4*d)"', '"N + mu"'), "not a product of powers"),
        (('"N*mu**4/(sigma_p**4*d)"', '"2"'), "holds no symbol"),
        (('event = "T"', 'event = "S"'), "no event S"),
        (('name = "PB"', 'name = "PB"\nwidth = 2'), "unknown key"),
    ],
)
def test_a_boundary_that_cannot_be_one_is_refused_in_a_line(change, message):
    from bofcheck.theory import TheoremFileError

    with pytest.raises(TheoremFileError, match=message):
        theorem_from_toml(TEXT.replace(*change))


def test_kou_and_cao_state_their_boundaries():
    (kou,) = get_theorem("kou2023").boundaries
    assert dict(kou.powers) == {"N": 1.0, "d": -1.0, "mu": 4.0, "sigma_p": -4.0}
    powers = [dict(b.powers) for b in get_theorem("cao2022").boundaries]
    assert [p["mu"] for p in powers] == [3.0, 4.0]
    assert [p["d"] for p in powers] == [-1.5, -2.0]
