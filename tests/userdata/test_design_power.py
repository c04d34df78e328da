"""What a design is said to find is what it finds, on curves from laws with planted wrong powers."""

import importlib
import math
from dataclasses import replace

import numpy as np
import pytest

from bofcheck.compare import Cell, CompareError, Design, Role, Study, fit_constants, get_design
from bofcheck.compare.calibration.laws import LAWS
from bofcheck.compare.shape.design import findable
from bofcheck.compare.shape.design_errors import PlannedCell
from bofcheck.compare.shape.further_cells import further_cells
from bofcheck.compare.shape.powers_of_room import shape_of
from bofcheck.compare.shape.rooms import rooms
from bofcheck.compare.shape.scatter import Scatter, assumed_scatter
from bofcheck.compare.statistics.binomial import exact_bounds
from bofcheck.compare.statistics.powers import fit_powers
from bofcheck.compare.userdata import CellNumbers, curves_plan
from bofcheck.compare.userdata.design_power import (
    power_of_curves,
    power_of_numbers,
    power_of_problems,
)
from bofcheck.simulate import Problem
from bofcheck.theory import benign, get_theorem, neighbours

FOUND = ("eroding", "loose")


def study(law, rng, excess, **how):
    plan = law.plan(rng, excess, **how)
    return fit_constants(Study(plan.parts[0].theorem, plan.parts[0].results))


def numbers_of(law, spread=1.0):
    """The cells of `Law.plan`, as a file of numbers would name them."""
    (one, firsts), (other, seconds) = law.first, law.second
    tables = {}
    for a in firsts:
        for b in seconds:
            tables[f"c{len(tables)}"] = {
                one: firsts[1] * (a / firsts[1]) ** spread,
                other: seconds[1] * (b / seconds[1]) ** spread,
            }
    return CellNumbers({}, tables)


def hits(law, wrong, replicates, **how):
    """How often each number's wrong power is found, of so many fresh sets of curves."""
    rng = np.random.default_rng(11)
    factor = "*".join(f"{name}**({power:.6g})" for name, power in wrong.items())
    found = dict.fromkeys(wrong, 0)
    for _ in range(replicates):
        drawn = study(law, rng, law.formula(factor), **how)
        shape = shape_of(drawn, "X", drawn.results)
        for name in wrong:
            found[name] += shape[name].word in FOUND
    return found


def agrees(chance, count, replicates):
    """Whether a chance is one that so many hits could come from, but for 1 in 1,000."""
    low, high = exact_bounds(count, replicates, 5e-4)
    return low <= chance <= high


def test_the_chances_said_beforehand_are_those_met():
    law, scatter = LAWS["without time"], 0.5
    (bound,) = power_of_numbers(
        law.theorem(law.formula()), numbers_of(law), seeds=4, scatter=scatter
    ).bounds
    n, m = bound.numbers
    assert n.sizes[0] < n.sizes[1]
    # of n what is found with 80%, of m what is found with 95%
    found = hits(law, {"n": n.sizes[0], "m": m.sizes[1]}, 24, runs=4, scatter=scatter)
    assert agrees(0.8, found["n"], 24), found
    assert agrees(0.95, found["m"], 24), found
    # a power that is said to be found rarely is found rarely
    small = n.sizes[0] / 4
    assert n.chance(small) < 0.1
    rare = hits(law, {"n": small}, 12, runs=4, scatter=scatter)
    assert agrees(n.chance(small), rare["n"], 12), rare
    assert not agrees(0.8, rare["n"], 12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "scatter"),
    [("algebraic", 0.5), ("exponential", 0.25), ("floor", 0.5), ("lower, falling", 0.5)],
)
def test_the_chances_with_measured_scatter_are_those_met(name, scatter):
    law, how = LAWS[name], {"scatter": scatter, "spread": 0.6}
    pilot = law.plan(np.random.default_rng(2), law.formula(), runs=48, **how)
    (bound,) = power_of_curves(pilot, seeds=6).bounds
    chosen = {each.name: each.sizes[at] for each, at in zip(bound.numbers, (0, 0, 1), strict=True)}
    wrong = {n: law.worse * size if n == "t" else size for n, size in chosen.items()}
    found = hits(law, wrong, 40, runs=6, **how)
    t, first, second = found.values()
    assert agrees(0.8, first, 40), found
    assert agrees(0.95, second, 40), found
    assert agrees(0.8, t, 40), found


@pytest.mark.parametrize("name", ["algebraic", "without time"])
def test_errors_and_freedoms_are_those_of_the_fit(name):
    law = LAWS[name]
    plan = law.plan(np.random.default_rng(4), law.formula(), scatter=0.4)
    (bound,) = power_of_curves(plan).bounds
    data = study(law, np.random.default_rng(4), law.formula(), scatter=0.4)
    means = rooms(data, "X", data.results, apart=False)
    logs = {
        n: np.log([r.values[n] for r in data.results])[means.cell] for n in data.results[0].values
    }
    predictors = {"t": means.clock, **logs} if law.timed else logs
    fit = fit_powers(means.room, predictors, means.cell)
    for each in bound.numbers:
        at = fit.names.index(each.name)
        assert each.freedom == pytest.approx(fit.freedoms[at], rel=0.02, abs=0.0)
        assert 0.4 < each.error / fit.errors[at] < 2.5  # the fit's own is an estimate


def test_measured_scatter_is_the_scatter_there_is():
    law = LAWS["algebraic"]
    plan = law.plan(np.random.default_rng(7), law.formula(), scatter=0.4, runs=32)
    scatter = power_of_curves(plan).bounds[0].scatter
    assert scatter.measured
    # a factor a run, and a fifth of it at each of 7 points
    assert scatter.runs == pytest.approx(math.hypot(0.4, 0.08 / math.sqrt(7)), rel=0.1, abs=0.0)
    assert scatter.cells < 0.1
    other = law.plan(np.random.default_rng(7), law.formula(), scatter=0.1, runs=32)
    assert power_of_curves(other).bounds[0].scatter.runs < 0.15


def test_scatter_between_cells_is_seen_and_no_number_of_runs_makes_up_for_it():
    law = LAWS["without time"]
    plan = law.plan(np.random.default_rng(3), law.formula(), runs=32)
    curves, rng = {}, np.random.default_rng(5)
    for result in plan.parts[0].results:
        measured = result.trajectory
        factor = math.exp(0.5 * rng.normal())
        data = {name: factor * values for name, values in measured.quantities.items()}
        curves[result.cell.name] = replace(measured, quantities=data)
    theorem = law.theorem(law.formula())
    (bound,) = power_of_curves(curves_plan(theorem, curves, numbers_of(law))).bounds
    assert 0.2 < bound.scatter.cells < 0.9
    m = bound.numbers[1]
    assert m.chance(0.5) < 0.95
    assert m.runs is None
    assert m.factor > m.varied


def planned(tables, runs=8, clock=()):
    return [PlannedCell(f"c{i}", table, runs, clock) for i, table in enumerate(tables)]


GRID = [{"g": g, "h": h} for g in (1.0, 2.0, 4.0) for h in (1.0, 1.3, 1.6)]


def by_name(cells, scatter):
    return {each.name: each for each in findable(cells, scatter)}


def test_more_runs_less_scatter_and_a_larger_range_find_smaller_powers():
    base = by_name(planned(GRID), Scatter(0.5))
    assert base["g"].sizes[0] < base["h"].sizes[0]
    for better in (
        by_name(planned(GRID, runs=32), Scatter(0.5)),
        by_name(planned(GRID), Scatter(0.25)),
    ):
        for name, each in base.items():
            assert better[name].error == pytest.approx(each.error / 2, rel=1e-9, abs=0.0)
            assert better[name].sizes < each.sizes
    assert by_name(planned(GRID), Scatter(0.5, cells=1.0))["g"].error > 2 * base["g"].error


def test_the_range_and_the_runs_that_are_said_to_do_do():
    base = by_name(planned(GRID), Scatter(0.5))["h"]
    assert base.chance(0.5) < 0.95
    power = math.log(base.factor) / math.log(base.varied)
    wider = [{**table, "h": table["h"] ** power} for table in GRID]
    assert by_name(planned(wider), Scatter(0.5))["h"].chance(0.5) == pytest.approx(
        0.95, rel=1e-3, abs=0.0
    )
    assert by_name(planned(GRID, runs=base.runs), Scatter(0.5))["h"].chance(0.5) >= 0.95
    assert by_name(planned(GRID, runs=base.runs - 1), Scatter(0.5))["h"].chance(0.5) < 0.95


def test_what_no_scatter_would_tell_is_named():
    tables = [
        {"g": g, "twin": g**2, "two": 1.0 + (i % 2), "still": 3.0, "p": 0.1 * (i % 3)}
        for i, g in enumerate((1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0))
    ]
    found = by_name(planned(tables), Scatter(0.01))
    assert found["twin"].why == "it varies together with g"
    assert found["g"].why == "it varies together with twin"
    assert found["g"].together == ("twin",)
    assert found["two"].why == "it has only 2 values; 3 are needed"
    assert found["still"].why == "it does not vary"
    assert found["p"].why == "it is 0 in some cell, so that it has no power"
    for each in (found["g"], found["twin"], found["two"], found["still"], found["p"]):
        assert each.sizes == (math.inf, math.inf)
        assert each.chance(1.0) == 0.0
    few = by_name(planned([GRID[0], GRID[4], GRID[5]]), Scatter(0.01))
    assert few["h"].why == "3 cells are too few for 2 numbers that vary"


def test_time_is_told_within_cells_too_where_cells_are_too_few():
    clock = tuple(np.log(np.linspace(1.0, 4.0, 8)))
    (found,) = findable(planned([{}], runs=12, clock=clock), assumed_scatter(0.1, clock))
    assert (found.name, found.why) == ("t", "")
    assert found.freedom == pytest.approx(11, rel=1e-9, abs=0.0)
    assert found.chance(0.5) > 0.99
    (one,) = findable(planned([{}], runs=1, clock=clock), assumed_scatter(0.1, clock))
    assert one.why == "too few runs"


def test_further_cells_that_are_said_to_do_do():
    cells = [*planned([{"n": n, "m": 2.0} for n in (1.0, 2.0, 4.0, 8.0)])]
    asked = ("n", "m")
    before, more = by_name(cells, Scatter(0.3)), further_cells(cells, Scatter(0.3), asked)
    assert [each.number for each in more] == [n for n in asked if before[n].chance(0.5) < 0.95]
    home = {cell.name: cell for cell in cells}
    added = [
        PlannedCell("new", {**home[name].numbers, n: home[name].numbers[n] * change}, 8)
        for each in more
        for name in each.like
        for factor in each.factors
        for n, change in ((each.number, factor), (each.number, 1 / factor))
    ]
    assert len(added) == sum(each.count for each in more)
    after = by_name([*cells, *added], Scatter(0.3))
    assert all(after[name].chance(0.5) >= 0.95 for name in asked)
    assert further_cells(cells, Scatter(50.0), ("m",)) == ()


@pytest.mark.parametrize("name", ["algebraic", "without time"])
def test_roles_are_those_that_the_curves_would_get(name):
    law = LAWS[name]
    found = power_of_numbers(law.theorem(law.formula()), numbers_of(law), seeds=3)
    plan = law.plan(np.random.default_rng(0), law.formula(), runs=3)
    later = {result.cell.name: result.cell.role for result in plan.parts[0].results}
    assert {cell.name: cell.role for cell in found.cells} == later
    assert found.rule == plan.settings["split"]
    runs = found.bounds[0].runs
    assert runs.held_out == 3 * sum(role is Role.HELD_OUT for role in later.values())
    assert (runs.clean, runs.one, runs.seeds) == (59, 93, math.ceil(59 / (runs.held_out / 3)))


def test_a_promised_failure_asks_for_other_runs():
    shared = {"N": 20.0, "mu": 1.0, "sigma_p": 0.1, "d": 10.0, "p": 0.1, "epsilon": 0.1,
              "m": 10.0, "eta": 0.1, "q": 1.0, "sigma_0": 0.01}  # fmt: skip
    cells = {f"c{i}": {"mu": 1.0 + i} for i in range(4)}
    strict = power_of_numbers(get_theorem("kou2023"), CellNumbers(shared, cells)).bounds[0].runs
    assert strict.clean == 59
    low = power_of_numbers(benign, CellNumbers(benign_numbers(d=4.0), cells)).bounds[0].runs
    assert (low.level, low.clean) == (0.25, 11)


def benign_numbers(**changed):
    names = {"N", "d", "d_h", "d_v", "mu", "sigma_p", "sigma_h", "sigma_V", "w", "eta"}
    table = dict.fromkeys(names, 1.0) | {"p": 0.1, "epsilon": 0.1, "delta": 0.01}
    return table | changed


def test_the_papers_design_is_told_without_training(monkeypatch):
    training = importlib.import_module("bofcheck.simulate.train")
    monkeypatch.setattr(training, "RunLog", None)  # nothing can be trained
    design = get_design("quick")
    found = power_of_problems(benign, design)
    stage = [cell for cell in design.cells["benign"] if cell.kind == "stage"]
    assert {c.name: c.role for c in found.cells if c.judges} == {c.name: c.role for c in stage}
    assert [bound.name for bound in found.bounds] == ["B1", "B2", "B3"]
    assert found.fixed["B7"].held_out == 8 * sum(cell.role is Role.HELD_OUT for cell in stage)
    schedule = found.bounds[1].schedule
    assert (schedule.first, schedule.last / schedule.until) == (1.0, 4.0)
    assert "not known yet" in schedule.note
    more = power_of_problems(benign, design, seeds=32)
    first, second = (each.bounds[1].numbers[1] for each in (found, more))
    assert second.error == pytest.approx(first.error / 2, rel=1e-9, abs=0.0)


def test_a_coarse_log_leaves_no_power_of_time():
    problem = Problem(n_samples=8, dim=400)
    cells = tuple(
        Cell(f"c{n}", role, "stage", problem.replace(n_samples=n), steps=100)
        for n, role in zip((4, 8, 16, 32), (*Role, *Role), strict=True)
    )
    said = {}
    for log_at in ("every:100", "every:5"):
        design = Design("mine", "", {"benign": cells}, 8, log_at)
        said[log_at] = power_of_problems(benign, design).bounds[1]
    assert said["every:100"].numbers[0].name == "N"
    assert said["every:100"].schedule.points == 1
    assert said["every:5"].numbers[0].name == "t"
    assert said["every:5"].schedule.until == 25.0
    assert said["every:5"].schedule.points == 8


def test_a_bound_that_speaks_of_no_cell_or_quantity_says_so():
    law = LAWS["algebraic"]
    plan = law.plan(np.random.default_rng(0), law.formula())
    other = replace(law.theorem(law.formula()), name="planted")
    text = replace(other.stages[0].bounds[0], quantity="test_loss")
    theorem = replace(other, stages=(replace(other.stages[0], bounds=(text,)),))
    part = replace(plan.parts[0], theorem=theorem)
    (bound,) = power_of_curves(replace(plan, parts=(part,))).bounds
    assert bound.why == "the curves have no test_loss"
    assert bound.numbers == ()


def test_what_cannot_be_designed_is_refused():
    theorem = get_theorem("kou2023")
    with pytest.raises(CompareError, match=r"cell c: no number for .*, which"):
        power_of_numbers(theorem, CellNumbers({}, {"c": {"mu": 1.0}}))
    empty = Design("none", "", {}, 8, "every:1")
    with pytest.raises(CompareError, match="has no cells for kou2023"):
        power_of_problems(neighbours()["kou2023"].theorem, empty)
    numbers = CellNumbers({"N": 1.0}, {"a": {}, "b": {}}, {"c": Role.HELD_OUT})
    with pytest.raises(CompareError, match="no such cell"):
        power_of_numbers(LAWS["algebraic"].theorem("C/t"), numbers)
