"""How often true bounds are kept and their wrong powers rejected: a small version."""

import numpy as np
import pytest

from bofcheck.compare import Study, fit_constants
from bofcheck.compare.calibration.laws import LAWS
from bofcheck.compare.calibration.wrong_powers import LEFT_OUT, Setting, count, measure, settings
from bofcheck.compare.shape.powers_of_room import shape_of

#: Laws that take a fraction of a second a study.
BRIEFLY = ("algebraic", "exponential", "sum without time", "in expectation")
STUDIES = 3


def rate(counted, size):
    pairs = [pair for (key, _), pair in counted.rejected.items() if key == size]
    return sum(hits for hits, _ in pairs) / sum(tried for _, tried in pairs)


@pytest.mark.parametrize("name", BRIEFLY)
def test_a_true_bound_is_kept_and_powers_off_by_a_half_rejected(name):
    counted = count(Setting(name, 10.0, 1.0), STUDIES, seed=3)
    assert counted.statuses == {"HOLDS": STUDIES}
    assert rate(counted, "0.5") == rate(counted, "1") == 1.0
    assert rate(counted, "0.25") >= 0.8
    assert rate(counted, LEFT_OUT) >= 0.5


@pytest.mark.parametrize("design", ["together", "two values"])
def test_a_design_that_cannot_tell_says_untested(design):
    setting = Setting("slow", 10.0, 1.0, design)
    counted = count(setting, STUDIES, seed=3)
    assert not counted.statuses.keys() & {"VIOLATED", "ERODES", "ERROR"}
    for name in setting.untold:
        assert counted.words[f"{name}: untested"] == STUDIES
        assert counted.rejected["0.25", name][0] == 0
    assert counted.words["t: sharp"] == STUDIES


def test_small_ranges_and_much_scatter_reject_less():
    far, near = (count(Setting("slow", fold, 4.0), STUDIES, seed=3) for fold in (16.0, 2.0))
    assert rate(near, "0.25") < rate(far, "0.25")


def test_data_of_another_law_are_not_kept():
    """The bench notices: bounds of one law on curves of another do not hold."""
    law = LAWS["algebraic"]
    for wrong in law.wrong(0.5).values():
        verdict = law.verdict(np.random.default_rng(3), wrong, cells=law.grid(1.5))
        assert verdict.status.value != "HOLDS"


def shape_on(name, seed, scatter):
    law = LAWS[name]
    plan = law.plan(np.random.default_rng(seed), law.formula(), scatter=scatter)
    study = fit_constants(Study(plan.parts[0].theorem, plan.parts[0].results))
    return shape_of(study, "X", study.results)


def test_a_sum_is_not_eroded_by_how_its_constants_were_fitted():
    """Envelopes of scattered runs mix the terms in another ratio than the law."""
    for seed in range(4):
        shape = shape_on("additive", seed, 0.4)
        assert not shape.of("eroding")
        for number in shape.numbers:
            assert number.low <= 0 <= number.high, number.text


def test_all_settings_are_drawn_and_counts_repeat(monkeypatch):
    few = [(Setting("without time", 4.0, 1.0), 2), (Setting("without time", 4.0, 4.0), 2)]
    monkeypatch.setattr("bofcheck.compare.calibration.wrong_powers.settings", lambda: iter(few))
    once, again = measure(seed=1), measure(seed=1)
    assert [each.setting for each in once] == [setting for setting, _ in few]
    assert [dict(each.statuses) for each in once] == [dict(each.statuses) for each in again]
    assert once[0].line()["fold"] == 4.0


def test_every_law_is_drawn_at_every_size_of_range_and_scatter():
    drawn = [setting for setting, _ in settings()]
    assert {setting.law for setting in drawn} == set(LAWS)
    assert {setting.design for setting in drawn} == {"grid", "together", "two values"}
    assert len(set(drawn)) == len(drawn)
