"""A small version of the calibration, and checks of the bench itself."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import binom

from bofcheck.compare import Status, fit_constants, stage_number
from bofcheck.compare.calibration import (
    BenignTruth,
    HarmfulTruth,
    Kind,
    all_scenarios,
    operating_characteristics,
    replicate,
    synthetic_cell,
    synthetic_study,
)
from bofcheck.compare.calibration import scenario as scenario_module
from bofcheck.compare.calibration.cells import benign_cells
from bofcheck.compare.calibration.coverage import measure_coverage
from bofcheck.compare.calibration.noise import BENIGN, standard
from bofcheck.compare.calibration.operating_characteristics import tally_scenarios
from bofcheck.compare.calibration.recovery import recover_constants
from bofcheck.compare.calibration.synthetic import log_steps
from bofcheck.compare.checks import growth_bound
from bofcheck.compare.fitting.constants import fit_bound
from bofcheck.compare.statistics.binomial import exact_bounds
from bofcheck.theory import get_theorem

SCENARIOS = {name: scenario for name, scenario in all_scenarios().items() if not scenario.sized}
TRUTHS = [name for name, one in SCENARIOS.items() if one.kind in (Kind.TRUE, Kind.EDGE)]
DEPARTURES = [name for name in SCENARIOS if name not in TRUTHS]
#: One number's power stands for the others' here; `make slow` takes them all.
BRIEFLY = [n for n in DEPARTURES if not n.startswith("powers-off-") or n == "powers-off-mu"]
FEW = 2


# 2 replicates each. At a rejection rate of 5%, two rejections of one claim have probability
# 2.5e-3, and so has no find at a power of 95%. Over some 40 lines: below 10%, once and for all at
# these seeds. `make slow` takes a thousand.
@pytest.mark.parametrize("name", TRUTHS)
def test_truths_are_rarely_rejected(name):
    for tally in replicate(SCENARIOS[name], FEW):
        assert tally.hits < FEW, (tally.claim, tally.statuses)


@pytest.mark.parametrize("name", BRIEFLY)
def test_departures_are_found(name):
    for tally in replicate(SCENARIOS[name], FEW):
        assert tally.hits > 0, (tally.claim, tally.statuses)


@pytest.mark.slow
# 1000 replicates each: a wrong alarm where the exact 99.9% bound clears what is allowed.
@pytest.mark.parametrize("name", TRUTHS)
def test_a_thousand_truths(name):
    for tally in replicate(SCENARIOS[name], 1000, seed=1):
        assert exact_bounds(tally.hits, 1000, 1e-3)[0] <= SCENARIOS[name].nominal, tally.claim


@pytest.mark.slow
@pytest.mark.parametrize("name", DEPARTURES)
def test_two_hundred_departures(name):
    for tally in replicate(SCENARIOS[name], 200, seed=1):
        assert exact_bounds(tally.hits, 200, 1e-3)[1] >= 0.95, tally.claim


@pytest.mark.slow
def test_intervals_cover():
    # each rate is wrong by chance with probability 2e-3; 40 rates
    for one in measure_coverage(1000, seed=1):
        runs = max(one.replicates, 1)
        low, high = exact_bounds(round(one.rate * runs), runs, 1e-3)
        assert high >= (0.93 if one.sides == 2 else 0.95) - 1e-9, one
        assert one.sides == 1 or low <= 0.97, one


def test_constants_come_back_to_six_digits():
    found = recover_constants()
    assert {"C2", "k2", "k3", "C1", "a of T3 (derived)", "c3 of T3 (paper)"} <= {
        one.name for one in found
    }
    for one in found:
        assert one.error < 5e-7, one


def test_every_claim_that_must_be_calibrated_is():
    rejected = {claim for name in TRUTHS for claim in SCENARIOS[name].claims}
    found = {
        claim for name in DEPARTURES for claim in SCENARIOS[name].claims
        if SCENARIOS[name].kind is Kind.VIOLATED
    }  # fmt: skip
    assert {"B1", "B2", "B3", "B4", "B5", "B6", "H1", "H2", "H3", "H6"} <= rejected
    assert {"B1", "B2", "B3", "H1", "H2", "H3", "H6"} <= found
    assert {"B4", "B5", "B6", "B11"} <= found & rejected


def test_the_bench_notices_a_fit_that_is_too_tight(monkeypatch):
    def tightly(fit):
        def tight(study, *of):
            fitted = fit(study, *of)
            cut = {
                name: dataclasses.replace(one, widened=one.value / 100)
                for name, one in fitted.constants.fitted.items()
            }
            constants = dataclasses.replace(fitted.constants, fitted=cut)
            return dataclasses.replace(fitted, constants=constants)

        return tight

    monkeypatch.setattr(scenario_module, "fit_constants", tightly(fit_constants))
    monkeypatch.setattr(growth_bound, "fit_bound", tightly(fit_bound))
    by_claim = {tally.claim: tally.hits for tally in replicate(SCENARIOS["harmful-bounds"], 1)}
    assert by_claim["H1"] == by_claim["H2"] == by_claim["H5"] == 1
    assert by_claim["H6"] == 0  # it has no constant


def test_a_check_that_fails_itself_rejects_a_truth(monkeypatch):
    monkeypatch.setattr(
        scenario_module, "decide_scenario", lambda scenario, study: {"B1": Status.ERROR}
    )
    scenario = dataclasses.replace(SCENARIOS["benign-bounds"], claims=("B1",))
    assert replicate(scenario, 2)[0].hits == 2


def test_replicates_are_the_same_however_they_are_shared_out(monkeypatch):
    monkeypatch.setattr(operating_characteristics, "PART", 2)
    jobs = [("broken-floor", 5, 1.0), ("h3-half-the-floor", 3, 0.5)]
    parts = {(t.scenario.name, t.claim): t.statuses for t, _ in tally_scenarios(jobs, seed=4)}
    whole = replicate(SCENARIOS["h3-half-the-floor"], 3, seed=4, noise=0.5)
    assert {t.claim: t.statuses for t in whole} == {
        claim: parts["h3-half-the-floor", claim] for claim in SCENARIOS["h3-half-the-floor"].claims
    }
    assert sum(parts["broken-floor", "H6"].values()) == 5


def test_replicates_differ_and_repeat():
    scenario = SCENARIOS["benign-bounds"]
    one, again, other = (scenario.draw(0, number).constants.values() for number in (0, 0, 1))
    assert one == again
    assert one["C2"] != other["C2"]


def test_known_times_are_the_detected_ones():
    rng = np.random.default_rng(0)
    for regime in ("benign", "harmful"):
        times = {
            event: scale * np.exp(rng.standard_normal(5))
            for event, scale in (("T1", 90.0), ("T2", 4e3), ("T3", 9e4))
        }
        made = synthetic_cell(benign_cells()[0], regime, times, log_steps(times), {})
        for event, known in times.items():
            np.testing.assert_allclose(made.events[event], known, rtol=1e-9)


def test_the_synthetic_excess_is_the_formula():
    truth = BenignTruth(C2=0.02, k2=1.1, k3=3e-5)
    study = synthetic_study(np.random.default_rng(0), 0.0, truth)
    for result in study.results:
        p, t = result.cell.problem, result.trajectory.steps.astype(float)
        T1, T2, T3 = (result.events[event][0] for event in ("T1", "T2", "T3"))
        speed = p.learning_rate * p.signal_norm**2 * p.output_norm**2
        second = np.log(0.02) - 1.1 * speed * np.clip(t - T1, 0.0, T2 - T1)
        x = p.learning_rate * (t - T2) * p.signal_norm * p.output_norm * p.snr / p.init_std_v
        wanted = second - 3e-5 * np.where((t > T2) & (t <= T3), x, 0.0) ** 2
        number = stage_number(study, result)[0]
        excess = result.trajectory["log_failure_prob"][0] + np.log1p(-2 * p.flip_prob)
        np.testing.assert_allclose(excess[number > 0], wanted[number > 0], rtol=1e-9)


def test_the_synthetic_loss_is_the_formula():
    study = synthetic_study(np.random.default_rng(0), 0.0, HarmfulTruth(C2=0.05))
    for result in study.results:
        p, t = result.cell.problem, result.trajectory.steps.astype(float)
        number = stage_number(study, result)[0]
        rate = p.learning_rate * p.noise_std**2 * p.dim / p.n_samples * p.output_norm**2
        wanted = np.where(number == 2, np.log(2) + 0.05 * rate * (t - result.events["T1"][0]), 0.30)
        wanted[number == 1] = np.log(2)
        np.testing.assert_allclose(result.trajectory["test_loss"][0], wanted, rtol=1e-9)


def test_scatter_is_the_stated_one():
    rng = np.random.default_rng(0)
    drawn = BENIGN.draw_times(rng, 200_000)
    stacked = np.stack(list(drawn.values()))
    np.testing.assert_allclose(stacked.std(axis=1), BENIGN.times, rtol=0.02)
    np.testing.assert_allclose(np.corrcoef(stacked), BENIGN.together, atol=0.02)
    assert 4.0 < np.mean(standard(rng, 10**6) ** 4) < 5.0  # 4.5 for 8 degrees of freedom
    assert BENIGN.scaled(0.0).rates == (0.0, 0.0)


def test_exact_coverage_is_the_binomial_sum():
    upper = next(one for one in measure_coverage(1) if one.interval.endswith("upper limit"))
    # the upper limit misses 5% when 2 or fewer of 128 runs violate
    assert exact_bounds(2, 128, 0.05)[1] < 0.05 < exact_bounds(3, 128, 0.05)[1]
    assert upper.rate == pytest.approx(binom.sf(2, 128, 0.05), rel=1e-9, abs=0.0)


def test_scenarios_speak_about_laws_that_exist():
    for regime in ("benign", "harmful"):
        assert {time.event for time in get_theorem(regime).times} == {"T1", "T2", "T3"}
