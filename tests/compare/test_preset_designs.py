import itertools
from dataclasses import replace

import pytest

from bofcheck.compare import (
    Cell,
    CompareError,
    Design,
    Part,
    Plan,
    Role,
    all_claims,
    design_names,
    get_design,
    strength,
    theory_values,
)
from bofcheck.compare.statistics.binomial import runs_to_decide
from bofcheck.compare.thresholds import EXACT_BOUND_MISS, TOLERATED_FRACTION
from bofcheck.simulate import Problem, log_steps
from bofcheck.theory import benign, check_assumptions

CAL, OUT = Role.CALIBRATION, Role.HELD_OUT
PRESETS = [get_design(name) for name in design_names()]
STUDIES = [
    pytest.param(preset, regime, id=f"{preset.name}-{regime}")
    for preset in PRESETS
    for regime in preset.cells
]
#: Cells of quick that stand outside on purpose.
OUTSIDE = {"b-known", "b-harsh"}


def room(problem):
    return check_assumptions(theory_values(problem)).largest_constant


@pytest.mark.parametrize("preset", PRESETS, ids=design_names())
def test_presets_are_named_and_trainable(preset):
    assert preset.name in design_names()
    assert set(preset.cells) == {"benign", "harmful"}
    for cell in itertools.chain.from_iterable(preset.cells.values()):
        assert log_steps(preset.log_at, cell.steps)[-1] == cell.steps
        assert cell.note


@pytest.mark.parametrize(("preset", "regime"), STUDIES)
def test_names_are_unique(preset, regime):
    names = [cell.name for cell in preset.cells[regime]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("preset", PRESETS, ids=design_names())
def test_roles_never_share_a_problem(preset):
    every = {cell for group in preset.cells.values() for cell in group}
    by_role = {role: {cell.problem for cell in every if cell.role is role} for role in Role}
    assert not by_role[CAL] & by_role[OUT]
    # nor one that differs only in what no trained run can see
    bare = {
        role: {one.replace(seed=0, test_tokens=1, dtype="float64") for one in problems}
        for role, problems in by_role.items()
    }
    assert not bare[CAL] & bare[OUT]


@pytest.mark.parametrize(("preset", "regime"), STUDIES)
def test_there_is_enough_to_decide(preset, regime):
    stage = [cell for cell in preset.cells[regime] if cell.kind == "stage"]
    held_out = [cell for cell in stage if cell.role is OUT]
    assert preset.seeds * len(held_out) >= runs_to_decide(TOLERATED_FRACTION, miss=EXACT_BOUND_MISS)
    assert preset.seeds * (len(stage) - len(held_out)) >= 8
    for role in Role:
        assert (
            sum(cell.kind == "ladder" and cell.role is role for cell in preset.cells[regime]) >= 3
        )


@pytest.mark.parametrize("preset", PRESETS, ids=design_names())
def test_stage_cells_stand_on_their_theorem_s_side(preset):
    for regime, cells in preset.cells.items():
        levels = [strength(cell.problem) for cell in cells if cell.kind == "stage"]
        assert min(levels) > 5 if regime == "benign" else max(levels) < 0.4
        ladder = [strength(cell.problem) for cell in cells if cell.kind == "ladder"]
        assert min(ladder) < 0.1
        assert max(ladder) > 10


def test_quick_benign_cells_are_inside_with_room():
    cells = [cell for cell in get_design("quick").cells["benign"] if cell.kind == "stage"]
    assert {cell.name for cell in cells} >= OUTSIDE
    for cell in cells:
        if cell.name in OUTSIDE:
            assert room(cell.problem) < 1
        else:
            assert room(cell.problem) > 1.01


def test_quick_can_decide_inside_alone():
    preset = get_design("quick")
    held_out = [
        cell
        for cell in preset.cells["benign"]
        if cell.kind == "stage" and cell.role is OUT and room(cell.problem) > 1
    ]
    assert preset.seeds * len(held_out) >= runs_to_decide(TOLERATED_FRACTION, miss=EXACT_BOUND_MISS)


def design(*cells, second=()):
    return Design("mine", "a test", {"benign": cells, "harmful": second}, 4, "geometric:8")


def cell(name, role, steps=10, **numbers):
    return Cell(name, role, "stage", Problem(**numbers), steps)


def test_the_same_cell_in_both_regimes_is_one_cell():
    shared = cell("a", CAL)
    assert design(shared, second=(shared, cell("b", OUT, dim=99))).seeds == 4


def test_a_name_for_two_cells_is_refused():
    for other in (cell("a", CAL, dim=99), cell("a", CAL, steps=11)):
        with pytest.raises(CompareError, match="preset 'mine': 'a' names two different cells"):
            design(cell("a", CAL), second=(other,))
    with pytest.raises(CompareError, match="two different cells"):
        design(cell("a", CAL), cell("a", CAL, dim=99))


def test_a_problem_in_both_roles_is_refused():
    with pytest.raises(CompareError, match=r"problem of 'b' .*change a number"):
        design(cell("a", CAL), second=(cell("b", OUT, steps=20),))


def test_unknown_preset():
    with pytest.raises(CompareError, match=r"preset 'quik': unknown; choose one of .*quick"):
        get_design("quik")


CELL = Cell("a", Role.HELD_OUT, "stage", Problem(n_samples=4, dim=100), 10)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": "b"}, "'b' has the problem of 'a'"),
        ({"name": "b", "role": Role.CALIBRATION}, "is used for calibration and held out"),
        ({"steps": 11}, "'a' names two different cells"),
        ({}, "'a' is in one part twice"),
    ],
)
def test_a_plan_refuses_runs_that_would_count_twice(changed, message):
    cells = (CELL, replace(CELL, **changed))
    with pytest.raises(CompareError, match=message):
        Plan({}, (Part(benign, (), cells),), ())


def test_a_plan_refuses_a_claim_that_would_be_lost():
    claim = all_claims()["I5"]
    for parts, claims in (
        ((Part(benign, (claim, claim)),), (claim,)),
        ((Part(benign, (claim,)), Part(benign, (claim,))), (claim,)),
        ((Part(benign, (claim,)),), ()),
        ((Part(benign, (claim,)),), (claim, claim)),
    ):
        with pytest.raises(CompareError, match="claim I5: "):
            Plan({}, parts, claims)
