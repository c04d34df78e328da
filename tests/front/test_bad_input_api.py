"""Bad input to the Python API: an exception of this project's own, with one helpful line."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import sympy

from bofcheck import compare as C  # noqa: N812
from bofcheck import simulate as S  # noqa: N812
from bofcheck import theory as T  # noqa: N812
from bofcheck.compare.report import read
from bofcheck.compare.report.html import save_page
from bofcheck.simulate.engines import LearningRates
from bofcheck.simulate.exports import export
from bofcheck.simulate.grids import get_grid, read_sweep
from bofcheck.theory.stage import StageTime

NAN = float("nan")
EASY = S.Problem(n_samples=4, dim=100)
VALUES = C.theory_values(EASY)
B1, B2 = T.benign.bound("B1"), T.benign.bound("B2")
B2_AT = {"p": 0.1, "C2": 0.5, "k2": 0.01, "eta": 0.1, "mu": 4.0, "w": 1.0, "T1": 20, "t": 30}
c1, C1 = T.SYMBOLS["c1"], T.SYMBOLS["C1"]
OWN = (S.SimulationError, T.TheoryError, C.CompareError)


def train(**changed):
    return lambda: S.train(**{"problem": EASY, "seeds": 1, "steps": 2, **changed})


def problem(**fields):
    return lambda: S.Problem(**fields)


def verify(**settings):
    return lambda: C.verify(C.regime_plan(**settings))


CALLS = {
    "no problem": (train(problem=None), "give a Problem"),
    "a dict as problem": (train(problem={"dim": 4}), "give a Problem"),
    "no seeds": (train(seeds=0), "at least one run"),
    "negative seeds": (train(seeds=-1), "at least one run"),
    "seeds as text": (train(seeds="4"), "whole run indices"),
    "half a seed": (train(seeds=2.5), "number of runs"),
    "a seed twice": (train(seeds=[1, 1]), "each index once"),
    "seeds nan": (train(seeds=[NAN]), "whole run indices"),
    "seeds without end": (train(seeds=10**12), "at most 1,000,000"),
    "no steps": (train(steps=0), "from 1 to 1e12"),
    "steps nan": (train(steps=NAN), "from 1 to 1e12"),
    "steps as text": (train(steps="9"), "from 1 to 1e12"),
    "steps without end": (train(steps=10**100), "steps = 1000000000..."),
    "engine": (train(engine="warp"), "direct, span"),
    "engine None": (train(engine=None), "direct, span"),
    "engine that is a path": (train(engine="../span"), "direct, span"),
    "device": (train(device="tpu"), "cpu"),
    "device of torch": (
        train(problem=EASY.replace(start="materialised"), engine="direct", device="tpu"), "cpu"
    ),
    "direct on a sampled start": (train(engine="direct"), "materialised"),
    "log": (train(log_at="often"), "geometric:K"),
    "log None": (train(log_at=None), "geometric:K"),
    "log at a negative step": (train(log_at=[-1]), "from 0 to 2"),
    "log beyond the end": (train(log_at=[9]), "from 0 to 2"),
    "log at half a step": (train(log_at=[0.5]), "whole numbers"),
    "a log that does not fit": (
        train(seeds=10**5, steps=10**12, log_at="geometric:100000"), "log less often"
    ),
    "start": (train(start="warm"), "materialised"),
    "start of other length": (train(start=[]), "0 entries for 1"),
    "start of something else": (train(start=[object()]), "InitialArrays"),
    "negative rate": (train(rates=LearningRates(-1, 1, 1)), "0 or positive"),
    "samples that do not fit": (train(problem=EASY.replace(n_samples=100_000, dim=10**9)), "GB"),
    "tokens that do not fit": (
        train(problem=S.Problem(dim=10**9, key_dim=10**6, test_tokens=100_000)), "resampled"
    ),
    "unknown field": (problem(samples=4), "n_samples"),
    "field nan": (problem(noise_std=NAN), "finite"),
    "field infinite": (problem(learning_rate=float("inf")), "finite"),
    "field numpy": (problem(n_samples=np.int64(4)), "valid integer"),
    "field complex": (problem(noise_std=1j), "valid number"),
    "field None": (problem(dim=None), "valid integer"),
    "field array": (problem(dim=np.array([1, 2])), "valid integer"),
    "field without end": (problem(n_samples=10**100), "n_samples = 1000000000..."),
    "replaced field": (lambda: EASY.replace(dims=5), "dims: unknown"),
    "problem from a folder": (lambda: S.Problem.from_file("."), "directory"),
    "problem from no TOML": (lambda: S.Problem.from_toml("= 1"), "TOML"),
    "digits without end": (lambda: S.Problem.from_toml("dim = " + "9" * 5000), "too many digits"),
    "brackets without end": (lambda: S.Problem.from_toml("a = " + "[" * 9999), "TOML"),
    "sweep of nothing": (lambda: read_sweep("absent.toml"), "cannot be read"),
    "absent folder": (lambda: S.open_store("absent"), "no results"),
    "export of an unknown form": (lambda: export(None, "xlsx", Path("new")), "netcdf"),
    "grid": (lambda: get_grid("square"), "heatmap"),
    "size of a grid": (lambda: get_grid("heatmap").sweep("huge"), "quick"),
    "stage": (lambda: T.benign.stage(4), "1, 2, 3"),
    "stage as text": (lambda: T.benign.stage("1"), "1, 2, 3"),
    "bound": (lambda: T.benign.bound("B99"), "B7"),
    "time": (lambda: T.benign.time("T9"), "T1 (paper)"),
    "formula": (lambda: T.get_formula(T.benign, "B99"), "condition"),
    "theorem": (lambda: T.get_theorem("mild"), "harmful"),
    "theorem None": (lambda: T.get_theorem(None), "harmful"),
    "missing value": (lambda: B2.numeric(p=0.1), "pass every symbol"),
    "unknown symbol": (lambda: B1.numeric(p=0.1, C1=1, zeta=2), "unknown symbol zeta"),
    "value as text": (lambda: B1.numeric(p="x", C1=1), "'x' is not a number"),
    "value None": (lambda: B1.numeric(p=None, C1=1), "not a number"),
    "shapes that do not fit": (
        lambda: B1.numeric(p=[0.1, 0.2, 0.3], C1=[1, 2]), "do not broadcast"
    ),
    "number as text": (lambda: B1.numeric(p="0.1", C1=1), "'0.1' is not a number"),
    "numbers as text": (lambda: B1.numeric(p=["0.1", "0.2"], C1=1), "is not a number"),
    "complex values": (lambda: B1.numeric(p=np.array([0.1 + 1j]), C1=1), "is not a number"),
    "scale below 0": (lambda: B2.numeric(**B2_AT | {"mu": -1.0}), "mu = -1: must be a"),
    "scale of 0": (lambda: B2.log_excess(**B2_AT | {"eta": [0.1, 0.0]}), "eta = 0: must be"),
    "flip probability of one half": (lambda: B1.numeric(p=[0.1, 0.5], C1=1), "[0, 0.5)"),
    "step before the stage": (
        lambda: B2.numeric(**B2_AT | {"t": [30, 10]}), "t = 10 lies before T1 = 20"
    ),
    "step after the stage": (lambda: B2.log_excess(**B2_AT, T2=25), "t = 30 lies after T2 = 25"),
    "stage that ends before it starts": (
        lambda: B2.numeric(**B2_AT | {"T2": 19, "t": NAN}), "T1 = 20 lies after T2 = 19"
    ),
    "law below 0": (lambda: T.GROWTH_RATIO.numeric(**VALUES | {"mu": -2.0}), "mu = -2"),
    "time below 0": (
        lambda: T.benign.time("T1").numeric(**VALUES | {"sigma_p": -1.0}, c1=1), "sigma_p = -1"
    ),
    "condition below 0": (lambda: T.benign.condition.holds(**VALUES | {"d": -4}, C0=1), "d = -4"),
    "replaced symbol of another's": (
        lambda: B1.subs({sympy.Symbol("zeta"): 1}), "unknown symbol zeta"
    ),
    "replaced symbol without its assumptions": (
        lambda: B1.subs({sympy.Symbol("p"): 0.1}), "this p is not the formula's"
    ),
    "replaced in a law": (
        lambda: T.GROWTH_RATIO.subs({sympy.Symbol("zeta"): 1}), "unknown symbol zeta"
    ),
    "replaced by what it cannot be": (lambda: B2.subs(eta=-1), "eta = -1"),
    "replaced by name in a dict": (lambda: B1.subs({"C1": 1}), "is not a symbol"),
    "replaced unknown symbol": (lambda: B1.subs(zeta=1), "unknown symbol"),
    "kind of a bound": (
        lambda: T.Bound("x", "test_error", "sideways", 0, 1, (), T.Provenance.STATED, ""), "upper"
    ),
    "constant that does not occur": (
        lambda: T.Bound("x", "test_error", "upper", 0, 1, (C1,), T.Provenance.STATED, ""), "occur"
    ),
    "relation": (lambda: T.Condition("x", 1, "==", 1, T.Provenance.STATED, ""), ">="),
    "curved stage time": (
        lambda: StageTime("T1", "paper", c1**2, (c1,), T.Provenance.STATED, ""), "linear"
    ),
    "assumptions without values": (lambda: T.check_assumptions({"N": 4}), "pass every symbol"),
    "assumptions below zero": (lambda: T.check_assumptions({**VALUES, "N": -4}), "positive"),
    "assumptions nan": (lambda: T.check_assumptions({**VALUES, "N": NAN}), "finite"),
    "assumptions as text": (lambda: T.check_assumptions({**VALUES, "N": "x"}), "not a number"),
    "constant 0": (lambda: T.check_assumptions(VALUES, 0), "positive"),
    "constant as text": (lambda: T.check_assumptions(VALUES, "one"), "not a number"),
    "item of the assumption": (lambda: T.check_assumptions(VALUES).item(9), "1 to 7"),
    "floor above one half": (lambda: T.bayes_floor(0.7), "[0, 0.5)"),
    "floor nan": (lambda: T.bayes_floor(NAN), "[0, 0.5)"),
    "floor as text": (lambda: T.bayes_floor("x"), "not a number"),
    "loss of more flips than labels": (lambda: T.loss_from_margins(2, [1]), "[0, 0.5)"),
    "negative noise": (lambda: T.log_concentration(1, -1, 1), "above 0"),
    "failure above one": (lambda: T.test_error_from_failure(0.1, 2), "[0, 1]"),
    "preset": (lambda: C.get_design("nosuch"), "quick"),
    "preset None": (lambda: C.get_design(None), "quick"),
    "preset that is a path": (lambda: C.get_design("../quick"), "quick"),
    "regime": (verify(regime="mild"), "benign, harmful or both"),
    "verify preset": (verify(preset="x"), "quick"),
    "verify no seeds": (verify(seeds=0), "at least 1"),
    "verify engine": (verify(engine="warp"), "direct, span"),
    "verify direct": (verify(engine="direct"), "--preset paper"),
    "verify device": (verify(device="warp"), "cpu"),
    "absent report": (lambda: read(Path("absent.json")), "no such report"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "words"), CALLS.values(), ids=CALLS)
def test_a_wrong_call_ends_in_one_helpful_line(tmp_path, monkeypatch, call, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OWN) as caught:
        call()
    message = str(caught.value)
    assert words in message
    assert "\n" not in message
    assert len(message) < 700
    assert list(tmp_path.iterdir()) == []


def test_a_quantity_that_is_not_logged_is_named_with_those_that_are():
    with pytest.raises(KeyError, match="no quantity 'accuracy'; there are train_loss"):
        S.train(EASY, seeds=1, steps=1)["accuracy"]


def test_a_page_needs_a_folder_that_is_there(tmp_path, results):
    with pytest.raises(OSError, match="absent"):
        save_page(read(results), tmp_path / "absent")


def test_every_error_class_of_the_api_is_documented_and_narrow():
    for part in ("simulate", "theory", "compare"):
        module = importlib.import_module(f"bofcheck.{part}.errors")
        found = [one for one in vars(module).values() if isinstance(one, type)]
        named = [one for one in found if issubclass(one, Exception)]
        assert named
        for one in named:
            assert issubclass(one, OWN)
            assert one.__doc__
