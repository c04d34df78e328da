"""The designs of the experiments: what is trained, what is stated, what is shared."""

from dataclasses import replace

import pytest

from bofcheck.compare.cells import Role
from bofcheck.compare.errors import CompareError
from bofcheck.compare.papers.zhang2025.experiments import (
    dimension,
    experiment_names,
    get_experiment,
    preset_names,
)
from bofcheck.compare.papers.zhang2025.experiments._experiment import CHOSEN, JIANG, STATED
from bofcheck.compare.papers.zhang2025.experiments._run import (
    estimate_training,
    experiment_store,
    work,
)
from bofcheck.compare.papers.zhang2025.ledger import all_claims
from bofcheck.compare.papers.zhang2025.plans import experiment_plan
from bofcheck.compare.verify import Part, Plan, verify
from bofcheck.simulate import StoreError
from bofcheck.theory import benign

EVERY = [(name, preset) for preset in preset_names() for name in experiment_names(preset)]


@pytest.mark.parametrize("preset", preset_names())
def test_a_name_stands_for_one_cell_in_all_experiments(preset):
    experiments = [get_experiment(name) for name in experiment_names(preset)]
    cells = {cell for experiment in experiments for cell in experiment.trained(preset)}
    assert len({cell.name for cell in cells}) == len(cells)
    assert all(cell.role is Role.HELD_OUT for cell in cells)
    kinds = {cell.kind for cell in cells}
    assert kinds <= {"heatmap", *experiment_names()}


@pytest.mark.parametrize("preset", ["quick", "paper"])
def test_maps_have_a_cell_at_every_crossing_of_their_axes(preset):
    cells = [cell.problem for cell in get_experiment("dimension").cells[preset]]
    points = [(problem.dim, dimension.strength(problem)) for problem in cells]
    dims, levels = ({point[axis] for point in points} for axis in (0, 1))
    assert len(points) == len(dimension.SCALES) * len(dims) * len(levels)
    for name in ("fig2", "fig3"):
        problems = [cell.problem for cell in get_experiment(name).cells[preset]]
        counts, snrs, flips = (
            {problem.n_samples for problem in problems},
            {problem.snr for problem in problems},
            {problem.flip_prob for problem in problems},
        )
        assert len(problems) == len(counts) * len(snrs) * len(flips)


def test_two_cells_of_one_name_are_refused():
    first = get_experiment("fig5")
    cell = first.cells["quick"][0]
    other = replace(cell, steps=cell.steps + 1)
    second = replace(first, cells={**first.cells, "quick": (other,)})
    with pytest.raises(CompareError, match=f"cell '{cell.name}': two different cells"):
        Plan({}, tuple(Part(benign, (), one.cells["quick"]) for one in (first, second)), ())
    with pytest.raises(CompareError, match="a name that no other has"):
        replace(first, cells={**first.cells, "quick": (cell, cell)})


@pytest.mark.parametrize("preset", ["quick", "paper"])
def test_figures_3_and_4_show_the_runs_of_figure_2(preset):
    shown = set(get_experiment("fig2").cells[preset])
    assert set(get_experiment("fig3").cells[preset]) == shown
    assert shown < set(get_experiment("fig4").cells[preset])


@pytest.mark.parametrize(("name", "preset"), EVERY)
def test_every_setting_says_where_it_comes_from(name, preset):
    experiment = get_experiment(name)
    settings = experiment.settings[preset]
    assert {row.origin for row in settings} <= {STATED, CHOSEN, JIANG}
    assert len({row.what for row in settings}) == len(settings)
    repeats = next(row for row in settings if row.what == "repeats")
    assert repeats.value == str(experiment.seeds[preset])
    assert experiment.claims


def test_what_the_paper_states_is_used():
    for name in ("fig1", "fig2", "fig3", "fig4", "fig5", "fig6", "fig7"):
        experiment = get_experiment(name)
        assert experiment.seeds["paper"] == 20
        for cell in experiment.cells["paper"]:
            problem = cell.problem
            assert (problem.key_dim, problem.value_dim, problem.target_loss) == (512, 512, 0.01)
            assert problem.train_output
            assert 1 <= problem.signal_norm <= 100
    counts = {cell.problem.n_samples for cell in get_experiment("fig2").cells["paper"]}
    norms = {cell.problem.signal_norm for cell in get_experiment("fig2").cells["paper"]}
    assert (min(counts), max(counts), min(norms), max(norms)) == (2, 20, 1.0, 100.0)
    for name in ("fig5", "fig6"):
        assert {c.problem.n_samples for c in get_experiment(name).cells["paper"]} == {100}
    assert {cell.steps for cell in get_experiment("fig5").cells["paper"]} == {2000}
    assert {c.problem.flip_prob for c in get_experiment("fig1").cells["paper"]} == {0.0, 0.1, 0.2}


def test_jiangs_protocol_has_the_curve_seen_in_its_code():
    for cell in get_experiment("fig2").cells["jiang"]:
        problem = cell.problem
        assert (problem.dim, problem.noise_std, problem.learning_rate) == (1024, 4.0, 0.1)
        assert (cell.steps, problem.test_tokens, problem.noise) == (1000, 100, "orthogonal")
        assert not problem.train_output
        level = problem.n_samples * problem.snr**2
        assert level / 2.5 == pytest.approx(
            problem.n_samples * problem.signal_norm**2 / 40960, rel=1e-6, abs=0.0
        )


def test_claims_named_are_in_the_ledger_or_the_experiments_part_of_it():
    known = all_claims().keys()
    for name in experiment_names():
        for claim in get_experiment(name).claims:
            assert claim in known or claim.startswith("E"), (name, claim)


def test_only_what_is_missing_is_trained(tmp_path):
    excess = get_experiment("excess")
    store = experiment_store("quick", tmp_path / "a", seeds=1)
    cells, runs, seconds = estimate_training([excess], "quick", store, 1)
    assert (cells, runs) == (6, 6)
    assert seconds > 0
    seen = []
    plan = experiment_plan(excess, "quick", seeds=1)
    first = verify(
        plan, store=store, progress=lambda name, done, total: seen.append(done / total)
    ).studies[0]
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0, rel=1e-6, abs=0.0)
    assert estimate_training([excess], "quick", store, 1) == (0, 0, 0.0)
    again = verify(plan, store=store).studies[0]
    for one, other in zip(first.results, again.results, strict=True):
        assert (one.trajectory["test_loss"] == other.trajectory["test_loss"]).all()
    with pytest.raises(StoreError, match="seeds"):
        experiment_store("quick", tmp_path / "a", seeds=2)
    with pytest.raises(CompareError, match="at least 1 run"):
        experiment_plan(excess, "quick", seeds=0)
    with pytest.raises(CompareError, match="preset 'jiang' of excess"):
        experiment_plan(excess, "jiang")


def test_larger_n_costs_more():
    small, large = (
        next(c for c in get_experiment("fig7").cells["paper"] if c.problem.n_samples == n)
        for n in (5, 100)
    )
    assert work(large) > 50 * work(small)


def test_unknown_names_are_answered_with_those_there_are():
    with pytest.raises(CompareError, match="experiment 'fig8': unknown; choose one of fig1"):
        get_experiment("fig8")
    with pytest.raises(CompareError, match="preset 'huge': unknown; choose one of"):
        experiment_names("huge")
