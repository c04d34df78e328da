"""Departures and claims: verdicts follow the data, and no row rests on another's runs."""

import dataclasses
import json

import numpy as np
import pytest

from bofcheck.compare.transfer import all_questions, decide, findings, write
from bofcheck.compare.transfer.answer import of_mean, of_share, place
from bofcheck.compare.transfer.preset import PRESETS
from bofcheck.compare.transfer.trained import DepartureRuns, Order, lacking, train_order
from bofcheck.compare.verdict import Status
from bofcheck.simulate.transfer import MEANINGS, Curves, Departure

TINY = dataclasses.replace(
    PRESETS["quick"], runs=4, grid_runs=1, samples=(8,), snrs=(0.2, 0.4), steps=20,
    log_at="geometric:4",
)  # fmt: skip
STEPS = np.array([0, 10, 20, 40, 80, 160, 300])


def course(runs, **ends):
    """Curves that go from a start to given ends, in the order of the theorem's stages."""
    rise = np.array([0.0, 0.1, 0.3, 0.6, 0.9, 1.0, 1.0])
    late = np.array([0.0, 0.0, 0.0, 0.2, 0.6, 0.95, 1.0])
    starts = {
        "objective": (0.69, 0.02, late), "train_loss": (0.69, 0.02, late),
        "clean_error": (0.5, ends.get("clean_error", 0.0), rise),
        "flipped_fitted": (0.0, 1.0, late),
        "attention_clean": (0.5, ends.get("attention", 0.8), rise),
        "residual_clean": (0.5, 0.02, rise),
        "v_signal": (0.0, ends.get("v_signal", 4.0), rise),
        "v_noise": (0.0, ends.get("v_noise", 1.0), rise),
    }  # fmt: skip
    jitter = 1 + 0.01 * np.linspace(-1, 1, runs)[:, None]
    made = {name: np.full((runs, len(STEPS)), np.nan) for name in MEANINGS}
    for name, (start, end, form) in starts.items():
        made[name] = start + (end * jitter - start) * form
    return made


def synthetic(**changes):
    """Runs that keep every claim that needs no training, but for what ``changes`` plants."""
    departure = Departure("planted", 1.0, "one", lambda base: base)
    settings, curves = {}, {}
    for cell in PRESETS["quick"].cells():
        harm = cell.name == "harmful"
        settings[cell.name] = cell.setting
        problem = cell.setting.problem
        ends = {"clean_error": 0.4, "attention": 0.2, "v_signal": 0.5, "v_noise": 4.0}
        ends = ends if harm else {}
        if cell.name.startswith("N"):
            ends = {"clean_error": 0.0 if problem.n_samples * problem.snr**2 > 1.0 else 0.4}
        ends |= changes.get(cell.name, {})
        steps = STEPS * {"rate": 2.0, "length": 0.7**-2}.get(cell.name, 1.0)
        none = np.full(cell.runs, -1)
        curves[cell.name] = Curves(steps, course(cell.runs, **ends), none, True)
    return DepartureRuns("depth", departure, settings, curves, PRESETS["quick"])


def statuses(runs):
    row = decide([synthetic(), runs]).rows[0]
    return {name: answer.status for name, answer in row.answers.items()}


def test_what_obeys_the_theory_holds():
    found = statuses(synthetic())
    assert found.pop("limit") is Status.OUT_OF_SCOPE
    # eight cells place a boundary only roughly
    boundary = {found.pop("boundary_power"), found.pop("boundary_constant")}
    assert boundary <= {Status.HOLDS, Status.INCONCLUSIVE}
    assert set(found.values()) == {Status.HOLDS}, found


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        ("benign", {"benign": {"clean_error": 0.3}}),
        ("stages", {"benign": {"clean_error": 0.3}}),
        ("harmful", {"harmful": {"clean_error": 0.01}}),
        ("attention_rises", {"benign": {"attention": 0.4}}),
        ("attention_falls", {"harmful": {"attention": 0.7}}),
        ("memory_benign", {"benign": {"v_signal": 0.2}}),
        ("memory_harmful", {"harmful": {"v_signal": 20.0}}),
    ],
)
def test_a_planted_failure_moves_its_verdict(claim, changes):
    assert statuses(synthetic())[claim] is Status.HOLDS
    assert statuses(synthetic(**changes))[claim] is Status.VIOLATED


def test_a_time_that_does_not_follow_the_rate_is_found():
    runs = synthetic()
    runs.curves["rate"].steps[:] = STEPS
    assert statuses(runs)["time_law"] is Status.VIOLATED


def test_a_boundary_elsewhere_is_found():
    runs = synthetic()
    for name, curves in runs.curves.items():
        if name.startswith("N"):
            problem = runs.settings[name].problem
            good = problem.n_samples * problem.snr**2 > 0.4
            curves["clean_error"][:, -1] = 0.0 if good else 0.4
    before, after = (
        decide([synthetic(), given]).rows[0].answers["boundary_constant"]
        for given in (synthetic(), runs)
    )
    assert before.effect == pytest.approx(1.0)
    assert after.effect < 0.7
    assert after.status is not Status.HOLDS


def test_little_data_is_inconclusive():
    assert of_share(np.ones(3, dtype=bool), (0.65, 0.35), "").status is Status.INCONCLUSIVE
    assert of_mean(np.array([0.1, np.nan] * 4), (0.2, 0.1), "").status is Status.INCONCLUSIVE
    assert place(np.nan, np.nan, (0.2, 0.1)) is Status.INCONCLUSIVE
    diverged = synthetic()
    for curves in diverged.curves.values():
        for values in curves.quantities.values():
            values[:, 3:] = np.nan
    assert Status.HOLDS not in statuses(diverged).values()


def test_a_row_rests_on_its_own_runs():
    changed = synthetic(benign={"clean_error": 0.3})
    alone = decide([synthetic(), synthetic()]).rows[0]
    beside = decide([synthetic(), changed, synthetic()]).rows[1]
    assert alone == beside


def test_runs_are_trained_once_and_read_as_written(tmp_path):
    order = Order("output", 0, TINY)
    assert lacking(order, tmp_path) == 4 * TINY.runs + 2
    first = train_order(order, tmp_path)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    second = train_order(order, tmp_path)
    assert lacking(order, tmp_path) == 0
    assert written == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    for name, curves in first.curves.items():
        np.testing.assert_array_equal(curves["objective"], second.curves[name]["objective"])


def test_files_say_the_same(tmp_path):
    study = decide([synthetic(), synthetic(benign={"clean_error": 0.3})])
    document, table, page, *pictures = write(study, tmp_path)
    stored = json.loads(document.read_text())
    assert stored["rows"][1]["answers"]["benign"]["status"] == "VIOLATED"
    assert "benign,VIOLATED" in table.read_text()
    assert "planted: one" in page.read_text()
    assert all(picture.read_bytes()[1:4] == b"PNG" for picture in pictures)
    assert set(stored["claims"]) == set(all_questions())
    (said,) = (text for text in findings(study) if text.startswith("“benign: excess to 0”"))
    assert "violated by planted: one (0.3)" in said
