"""Laws for the times of events, read as a deadline and as a scaling, on planted curves."""

import numpy as np
import pytest
from theorem_files import GOOD, write_curves

from bofcheck.compare import verify
from bofcheck.compare.cells import Role
from bofcheck.compare.userdata import CellNumbers, Measured, curves_plan, read_curves
from bofcheck.compare.verdict import Status
from bofcheck.theory import TheoryError
from bofcheck.theory.theorem_file.load import theorem_from_toml

SLOW_AND_FAST = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
FAST = (0.4, 0.8, 1.6, 3.2)


def theorem(law: str, reading: str, c: str = '"steps"'):
    text = GOOD.replace('c = "steps"', f"c = {c}").replace(
        'law = "c/eta"', f'law = "{law}"\nreading = "{reading}"'
    )
    return theorem_from_toml(text.replace("C0 = 2", "C0 = 0.001")).theorem


def decided(folder, power: float, law: str, reading: str, rates=SLOW_AND_FAST, c='"steps"'):
    """T1 = 40·(eta/0.1)^-power up to 10% scatter; two cells calibrate."""
    rng = np.random.default_rng(7)
    lines, cells, roles = ["cell,run,step,test_error,train_loss"], {}, {}
    for rank, eta in enumerate((0.1, 0.2, *rates)):
        name = f"c{rank}"
        cells[name] = {"eta": eta}
        roles[name] = Role.CALIBRATION if rank < 2 else Role.HELD_OUT
        steps = np.unique(np.geomspace(1, 5000, 60).astype(int))
        for run in range(16):
            first = 40 * (eta / 0.1) ** -power * np.exp(0.1 * rng.standard_normal())
            for step in (0, *steps):
                # crosses 1/2 where the planted time is
                loss = 1 / (1 + step / first)
                lines.append(f"{name},{run},{step},0.1,{loss}")
    path = folder / "curves.csv"
    path.write_text("\n".join(lines))
    numbers = CellNumbers({"n": 400.0, "p": 0.1}, cells, roles)
    made = verify(curves_plan(theorem(law, reading, c), read_curves(path), numbers))
    return {one.claim: one for one in made.verdicts}["T1"]


def test_a_true_scaling_holds(tmp_path):
    verdict = decided(tmp_path, 1.0, "c/eta", "scaling")
    assert verdict.status is Status.HOLDS
    assert verdict.statement == "T1 scales as c/eta"
    assert verdict.statistic <= 2


@pytest.mark.parametrize("power", [0.5, 1.5])
def test_a_wrong_power_is_found_whichever_way_it_is_off(tmp_path, power):
    verdict = decided(tmp_path, power, "c/eta", "scaling")
    assert verdict.status is Status.VIOLATED
    # time/law runs over 32 times the rate to the power of a half
    assert verdict.evidence["spread_inside"]["point"] == pytest.approx(32**0.5, rel=0.2, abs=0.0)


def test_a_deadline_finds_only_what_comes_late(tmp_path):
    early = decided(tmp_path, 1.5, "c/eta", "deadline", FAST)
    assert (early.status, early.statement) == (Status.HOLDS, "T1 comes within c/eta steps")
    assert decided(tmp_path, 0.0, "c/eta", "deadline", FAST).status is Status.VIOLATED


def test_too_few_cells_say_nothing_of_a_scaling(tmp_path):
    path = write_curves(tmp_path / "c.csv", cells=("a", "b", "d"))
    made = verify(
        curves_plan(
            theorem("c/eta", "scaling"),
            read_curves(path),
            CellNumbers({"n": 4e2, "eta": 0.1, "p": 0.1}),
        )
    )
    verdict = {one.claim: one for one in made.verdicts}["T1"]
    assert verdict.status is Status.INCONCLUSIVE
    assert "4 with 5 runs each are needed" in verdict.reason


@pytest.mark.parametrize(
    ("c", "reading", "status"),
    [
        ("6", "deadline", Status.HOLDS),  # the planted times are 4/eta
        ("3", "deadline", Status.VIOLATED),
        ("6", "scaling", Status.HOLDS),
    ],
)
def test_a_law_whose_constant_is_fixed_is_judged_without_a_fit(tmp_path, c, reading, status):
    verdict = decided(tmp_path, 1.0, "c/eta", reading, c=c)
    assert (verdict.status, verdict.claim) == (status, "T1")
    assert f"{c}/eta" in verdict.statement


@pytest.mark.parametrize(("c", "status"), [("6", Status.HOLDS), ("80", Status.VIOLATED)])
def test_a_law_may_be_a_plain_number_of_steps(tmp_path, c, status):
    law = "c" if c == "80" else "c/eta"
    # times of 40 steps at eta = 0.1 that fall as 1/eta are not the same everywhere
    assert decided(tmp_path, 1.0, law, "scaling", c=c).status is status
    times = decided(tmp_path, 0.0, "c", "deadline", c="80")
    assert (times.status, times.statement) == (Status.HOLDS, "T1 comes within 80 steps")
    assert decided(tmp_path, 0.0, "c", "deadline", c="20").status is Status.VIOLATED


def test_a_fixed_law_that_is_no_number_of_steps_decides_nothing(tmp_path):
    for reading in ("deadline", "scaling"):
        verdict = decided(tmp_path, 1.0, "c - 1/eta", reading, FAST, c="2")
        assert verdict.status is Status.INCONCLUSIVE
        assert "not a positive number in cell c2" in verdict.reason
    for law in ("c - 3", "0*c"):
        with pytest.raises(TheoryError, match=r"times.T1.law: .* is never above 0"):
            theorem(law, "deadline", "2")
    with pytest.raises(TheoryError, match="not a linear combination of c"):
        theorem("Max(c, 1/c)", "deadline")


@pytest.mark.parametrize("at_start", [3, 7])
def test_a_scaling_with_some_runs_that_start_at_the_event_is_decided(at_start):
    """Less than half of a cell's runs have the event at step 0, whose logarithm is not a number."""
    rng = np.random.default_rng(3)
    steps = np.arange(0.0, 400.0, 2.0)
    curves = {}
    for rank, eta in enumerate((0.1, 0.2, 0.4, 0.8, 0.16, 0.32)):
        when = 40 * (0.1 / eta) * rng.lognormal(0, 0.1, 16)
        when[: at_start if rank == 2 else 0] = 0.0
        loss = np.where(steps >= when[:, None], 0.4, 0.9)
        seeds, whole = np.arange(16), np.zeros(16, dtype=bool)
        quantities = {"train_loss": loss, "test_error": loss}
        curves[f"c{rank}"] = Measured(steps, seeds, quantities, whole)
    cells = {f"c{n}": {"eta": e} for n, e in enumerate((0.1, 0.2, 0.4, 0.8, 0.16, 0.32))}
    roles = {name: Role.CALIBRATION if name == "c0" else Role.HELD_OUT for name in cells}
    numbers = CellNumbers({"p": 0.1, "n": 400.0}, cells, roles)
    plan = curves_plan(theorem("c/eta", "scaling"), curves, numbers)
    verdict = {each.claim: each for each in verify(plan).verdicts}["T1"]
    assert verdict.status in (Status.HOLDS, Status.INCONCLUSIVE)
