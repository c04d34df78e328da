"""What the limit says beside a verdict: the same rule on its runs, unmoved by altered data."""

import dataclasses

import numpy as np
import pytest
from synthetic import study, with_quantities

from bofcheck.compare import Cell, Role, Status, all_claims, analyse
from bofcheck.compare.checks.beside_limit import BesideLimit, gap_early, power_over_samples
from bofcheck.compare.predicted.laws import gap_over_law, late_slopes, typical_run
from bofcheck.compare.predicted.studies import limit_study
from bofcheck.simulate import EngineError, Problem, predict
from bofcheck.theory import benign

STEPS, SHORT, RUNS = 6000, 1300, 16
WIDE = Problem(
    n_samples=24, dim=10**9, noise_std=10**-4.5, key_dim=10**5, learning_rate=0.24,
    init_std_qk=0.0016, init_std_v=0.002, target_loss=0.15,
)  # fmt: skip


@pytest.fixture(scope="module")
def cells():
    """Four cells far beyond T2, the limit's runs in place of trained ones."""
    results = []
    for rank, rate in enumerate((0.18, 0.22, 0.26, 0.3)):
        problem = WIDE.replace(learning_rate=rate, flip_prob=0.1)
        cell = Cell(f"wide-{rank}", Role.HELD_OUT, "stage", problem, STEPS)
        made = predict(problem, steps=STEPS, log="geometric:60", draws=RUNS, failures=False)
        results.append(analyse(cell, made, benign))
    return results


def growing(cell, slope):
    """The cell with memories that grow in log t by so much of what the law says, after step 0."""
    steps, memory = cell.trajectory.steps, cell.trajectory["v_plus"].copy()
    memory[:, 1:] = slope * np.log(steps[1:]) / 0.75
    return with_quantities(
        cell, v_plus=memory, v_minus=-memory, attention_clean=np.full(memory.shape, 0.75)
    )


def test_altered_data_move_the_verdict_and_not_what_the_limit_says(cells):
    claim = all_claims()["M8"]
    trained = claim.decide(study(*cells))
    altered = claim.decide(study(*(growing(cell, 1.3) for cell in cells)))
    back = claim.decide(study(*(growing(cell, 1.0) for cell in cells)))
    assert trained.status is back.status is Status.HOLDS, trained.reason
    assert altered.status is Status.VIOLATED, altered.reason
    for verdict in (trained, altered, back):
        assert verdict.evidence["limit"]["status"] == "HOLDS"
        too = " as well" if verdict.status is Status.HOLDS else ""
        assert f"the law is the limit's own{too} (" in verdict.reason
    # beside the verdict, which is the check's own
    bare = claim.check.decide(claim, study(*cells))
    assert (bare.status, bare.statistic) == (trained.status, trained.statistic)
    assert trained.reason.startswith(bare.reason + "; the law")


def test_a_limit_off_the_law_is_said_where_data_follow_it(cells):
    """In the first steps after T2 the limit's slope is far from the law's."""
    claim = all_claims()["M8"]
    short = []
    for cell in cells:
        home = dataclasses.replace(cell.cell, steps=SHORT)
        made = predict(home.problem, steps=SHORT, log="geometric:60", draws=RUNS, failures=False)
        short.append(growing(analyse(home, made, benign), 1.0))
    verdict = claim.decide(study(*short))
    assert verdict.status is Status.HOLDS, verdict.reason
    assert verdict.evidence["limit"]["status"] == "VIOLATED", verdict.reason
    assert "the law is not the limit's own at these cells" in verdict.reason


def test_the_limit_starts_where_the_runs_do(cells):
    later = [growing(cells[0], 1.0)]
    memory = cells[0].trajectory["v_plus"].copy()
    memory[:, 0] = 0.2
    ahead = [with_quantities(cells[0], v_plus=memory)]
    first, same, moved = (
        limit_study(study(*made), ("stage",)).results[0] for made in (cells[:1], later, ahead)
    )
    assert np.array_equal(first.trajectory["v_plus"], same.trajectory["v_plus"])
    assert (moved.trajectory["v_plus"][:, 0] == 0.2).all()
    assert first.events["T2"] == pytest.approx(cells[0].events["T2"], rel=1e-9, abs=0.0)
    assert not limit_study(study(*cells), ("ladder",)).results


def test_cells_without_a_limit_leave_the_verdict_as_it_is(cells):
    claim = all_claims()["M8"]
    narrow = dataclasses.replace(cells[0].trajectory, problem=WIDE.replace(key_dim=4))
    made = study(dataclasses.replace(cells[0], trajectory=narrow))
    assert claim.decide(made) == claim.check.decide(claim, made)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.HOLDS, "the law is the limit's own as well"),
        (Status.VIOLATED, "the law is not the limit's own"),
        (Status.INCONCLUSIVE, "for the limit the law is INCONCLUSIVE as well"),
    ],
)
def test_the_words_follow_the_verdict_on_the_limit(cells, status, words):
    class Fixed:
        def decide(self, claim, made):
            return claim.verdict(made, status, "what it rests on; and more")

    claim = dataclasses.replace(all_claims()["M8"], check=Fixed(), beside=BesideLimit())
    verdict = claim.decide(study(cells[0]))
    assert verdict.status is status
    assert words in verdict.reason
    assert verdict.reason.endswith("(its runs, nothing fitted: what it rests on)")


def test_what_the_limit_cannot_say_leaves_the_verdict(cells):
    def refused(foreseen, own):
        raise EngineError("test_loss is on one side")

    claim = dataclasses.replace(all_claims()["M8"], beside=BesideLimit(refused))
    verdict = claim.decide(study(*cells))
    assert verdict.status is Status.HOLDS
    assert verdict.evidence["limit"]["not_said"] == "test_loss is on one side"


def test_the_power_over_n_is_computed():
    results = []
    for n in (6, 40):
        problem = WIDE.replace(
            n_samples=n, flip_prob=0.1, target_loss=0.1, init_std_qk=(2 / 10**5) ** 0.5
        )
        cell = Cell(f"n-{n}", Role.HELD_OUT, "ladder", problem, 10)
        results.append(analyse(cell, predict(problem, steps=10, draws=2, failures=False), benign))
    made = study(*results)
    fitted = all_claims()["X1"].verdict(made, Status.VIOLATED, "", evidence={"fitted": {}})
    text, evidence = power_over_samples(made, fitted)
    powers = evidence["power_of_SNR_by_N"]
    assert powers == pytest.approx({"6": 1.73, "40": 1.92}, rel=0.0, abs=0.02)
    assert 100 < evidence["N_of_power_2_to_1_percent"] < 300
    assert "1.73 at N = 6" in text


def test_the_gap_follows_its_law_early_alone(cells):
    early, later, end = gap_over_law(WIDE, STEPS)
    assert early == pytest.approx(1.0, rel=0.0, abs=0.05)
    assert 1.0 > early > later > end
    assert end < 0.7
    text, evidence = gap_early(study(*cells), None)
    assert len(evidence["gap_over_law"]) == len(cells)
    assert text.endswith("T2 in 4 cells")


def test_the_late_slope_comes_back_to_the_law():
    slopes = late_slopes(WIDE, 1000)
    assert slopes[1] < slopes[2] < slopes[3] < 1.0
    assert slopes[3] > 0.9


def test_predictions_without_failures_are_the_same_but_for_them():
    whole = predict(WIDE, steps=100, log="every:50", draws=2)
    part = predict(WIDE, steps=100, log="every:50", draws=2, failures=False)
    left_out = {"test_error", "log_failure_prob", "failure_prob_error"}
    assert set(whole.quantities) - set(part.quantities) == left_out
    for name, values in part.quantities.items():
        assert np.array_equal(values, whole[name], equal_nan=True)
    assert len(typical_run(WIDE, 50).seeds) == 1


@pytest.mark.parametrize("name", ["H8", "H0e"])
def test_harm_inside_the_assumptions_is_said_as_predicted(name):
    """The excess of test_error does not stay there, whatever the trained cells are."""
    claim, made = all_claims()[name], study(regime="harmful")
    verdict, bare = claim.decide(made), claim.check.decide(claim, made)
    assert (verdict.status, verdict.scope) == (bare.status, bare.scope)
    assert "predicted by the limit inside Assumption 4.1, not trained" in verdict.reason
    for line in verdict.evidence["predicted_inside_not_trained"].values():
        assert line["reaches"] < 1e6 < line["d"]
        assert line["test_error"] == pytest.approx(line["p"], rel=0.0, abs=1e-9)
        assert line["harm"] > 0.9
