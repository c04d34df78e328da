"""Figures of the limit show the numbers of the runs and of their predictions."""

import dataclasses

import numpy as np
import pytest
from layout import check_layout

from bofcheck.compare import Cell, Role, Scope, Status, Study, all_claims, analyse
from bofcheck.compare.cells import strength
from bofcheck.compare.figures import Style, cell_drawings, draw, figures_of, verdict_drawings
from bofcheck.compare.figures.table import Table
from bofcheck.compare.papers.zhang2025.designs._limit_cells import limit_cells
from bofcheck.compare.predicted.runs import predicted
from bofcheck.compare.predicted.sizes import mean_error
from bofcheck.simulate import Problem, find_boundary, train
from bofcheck.theory import benign, harmful

WIDE = Problem(
    n_samples=24, dim=10**9, noise_std=10**-4.5, key_dim=200_000, flip_prob=0.05,
    learning_rate=0.24, init_std_qk=0.0016, init_std_v=0.01, target_loss=0.15,
)  # fmt: skip
STYLES = (Style(), Style(width="one"), Style(width="two", name="serif"), Style(name="grey"))


def made(cell, runs):
    """A trained cell."""
    log_at = cell.log_at or "geometric:12"
    curves = train(cell.problem, seeds=runs, steps=cell.steps, log_at=log_at)
    return analyse(cell, curves, benign)


@pytest.fixture(scope="module")
def wide():
    return made(Cell("wide", Role.HELD_OUT, "limit", WIDE, 400), 4)


@pytest.fixture(scope="module")
def chosen():
    """Two cells around the boundary, and two of either chain."""
    names = ("limit-edge-1", "limit-edge-2", "limit-d-1", "limit-d-5", "limit-key-1", "limit-key-5")
    cells = [each for each in limit_cells() if each.name in names]
    return [made(dataclasses.replace(each, log_at="every:300"), 3) for each in cells]


def table_of(name, study, claim, **evidence):
    """The table of a figure, as read back from its file."""
    verdict = all_claims()[claim].verdict(
        study, Status.HOLDS, "", scope=Scope.OUTSIDE, evidence=evidence
    )
    drawing = verdict_drawings()[name]
    assert drawing.shows(study, verdict)
    return Table.from_csv(drawing.measure(study, [verdict]).to_csv())


def test_every_quantity_is_shown_beside_its_prediction(wide):
    table = cell_drawings()["predicted"].measure(Study(benign, (wide,)), wide)
    table = Table.from_csv(table.to_csv())
    foreseen, runs = predicted(wide.trajectory), wide.trajectory
    names = [name for name in table.texts("quantity") if "$" not in name]
    assert {"train_loss", "test_loss", "test_error", "log_failure_prob", "v_plus"} <= {*names}
    assert {*names} == ({*runs.quantities} & {*foreseen.quantities}) - {"failure_prob_error"}
    for name in ("train_loss", "log_failure_prob", "attention_test"):
        sign = -1 if name == "log_failure_prob" else 1
        for kind, curves in (("trained", runs), ("predicted", foreseen)):
            part = table.select(quantity=name, kind=kind)
            middle = np.median(sign * curves[name], axis=0)
            assert part.column("value") == pytest.approx(middle, rel=1e-9, abs=0.0)
            assert part.column("step").tolist() == runs.steps.tolist()
            assert (part.column("low") <= part.column("high")).all()
    for style in STYLES:
        figure = draw(table, style=style)
        assert len(figure.axes) == len(names)
        check_layout(figure)


def test_what_the_limit_does_not_describe_has_no_figure(wide):
    problem = Problem(n_samples=4, dim=40, key_dim=7)
    other = made(Cell("narrow", Role.HELD_OUT, "stage", problem, 20), 2)
    assert len(cell_drawings()["predicted"].measure(Study(benign, (other,)), other)) == 0


def test_failures_are_shown_with_their_errors(wide):
    table = table_of("failures", Study(benign, (wide,)), "L3", worst_errors={})
    points = table.select(kind="point")
    assert len(points) > 4
    x, value = points.column("x"), points.column("value")
    assert points.column("off") == pytest.approx(value / x - 1, rel=1e-6, abs=1e-12)
    (row, *_) = points.select(run=2).rows
    at = wide.trajectory.steps.tolist().index(row["step"])
    assert row["x"] == pytest.approx(-wide.trajectory["log_failure_prob"][2, at], rel=1e-9, abs=0.0)
    foreseen = predicted(wide.trajectory)["log_failure_prob"]
    assert row["value"] == pytest.approx(-foreseen[2, at], rel=1e-9, abs=0.0)
    both, error = draw(table).axes
    assert (both.get_xscale(), error.get_yscale()) == ("log", "linear")
    for style in STYLES:
        check_layout(draw(table, style=style))


def test_the_limits_boundary_is_drawn_over_the_cells(chosen):
    study = Study(benign, tuple(chosen))
    table = table_of("edge", study, "L5")
    for row in table.select(kind="cell"):
        cell = next(each for each in chosen if each.cell.name == row["cell"])
        assert row["value"] == pytest.approx(strength(cell.cell.problem), rel=1e-9, abs=0.0)
        assert row["x"] == cell.cell.problem.n_samples
        assert 0 <= row["good"] <= 1
    curve = table.select(kind="limit")
    want = find_boundary(0.1, 0.1, n_samples=curve.column("x").tolist()).levels
    assert curve.column("value") == pytest.approx(want, rel=1e-6, abs=0.0)
    assert draw(table).axes[0].get_xscale() == "log"
    for style in STYLES:
        check_layout(draw(table, style=style))
    ladder = [
        dataclasses.replace(each, cell=dataclasses.replace(each.cell, kind="ladder"))
        for each in chosen[:2]
    ]
    shown = table_of("edge", Study(benign, tuple(ladder)), "X1").select(kind="cell")
    assert {row["cell"] for row in shown} <= {"limit-edge-1", "limit-edge-2"}
    assert not verdict_drawings()["edge"].shows(
        study, all_claims()["X1"].verdict(study, Status.HOLDS, "")
    )


def test_errors_are_shown_against_both_numbers(chosen):
    line = {"power": -0.5, "interval": [-0.6, -0.4]}
    powers = {f"{loss}_loss, {x}": line for loss in ("train", "test") for x in ("d", "d_h")}
    table = table_of("sizes", Study(benign, tuple(chosen)), "L6", powers=powers)
    assert table.select(kind="cell", number="d", quantity="train_loss").texts("cell") == [
        "limit-d-1", "limit-d-5",
    ]  # fmt: skip
    for row in table.select(kind="cell"):
        cell = next(each for each in chosen if each.cell.name == row["cell"])
        middle = np.median(mean_error(cell.trajectory, row["quantity"]))
        assert row["value"] == pytest.approx(middle, rel=1e-9, abs=0.0)
        assert row["x"] == cell.values[row["number"]]
    assert [ax.get_xlabel() for ax in draw(table).axes] == ["$d$", "$d_{h}$"]
    for style in STYLES:
        check_layout(draw(table, style=style))


def test_the_limit_comes_first_in_a_report(wide):
    """Prediction before simulation, over both theorems."""
    stage = dataclasses.replace(wide, cell=dataclasses.replace(wide.cell, kind="stage"))
    verdict = all_claims()["B1"].verdict(Study(benign, ()), Status.HOLDS, "")

    @dataclasses.dataclass
    class Both:
        studies = (Study(benign, (stage,)), Study(harmful, (stage,)))
        of_paper = True
        verdicts = (verdict,)

    names = [figure.name for figure in figures_of(Both())]
    first = ("errors", "predicted")
    assert names[:4] == [f"{regime}-{name}" for regime in ("benign", "harmful") for name in first]
    assert set(names[4:7]) == {f"benign-{name}" for name in cell_drawings() if name not in first}
    assert [each.name for each in verdict_drawings().values() if each.foremost] == [
        "failures", "edge", "sizes", "strength"
    ]  # fmt: skip
