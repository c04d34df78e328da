"""Sums, free powers and bounds without a time, on curves of which the law is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_forms import curves, fitted, judged, theorem

from bofcheck.compare import CompareError, Status
from bofcheck.compare.fitting.constants import check_fittable
from bofcheck.compare.fitting.form import form_of
from bofcheck.compare.fitting.registry import FORMS, form_for
from bofcheck.compare.userdata import CellNumbers
from bofcheck.theory import (
    Bound,
    FormulaError,
    Provenance,
    Stage,
    Theorem,
    TheoryError,
    evaluate,
    get_theorem,
)

LAWS = {
    "sum": lambda t, n, m: 3 * m / t + 20 * m / n,
    "power": lambda t, n, m: 3 * m / n * t**-0.7,
    "grows": lambda t, n, m: 3 * m / n * t**0.5,
    "no time": lambda t, n, m: 3 * m / n + 0 * t,
    "floor": lambda t, n, m: 3 * m / t + 0.01,
    "deep": lambda t, n, m: 3 * m * np.exp(-t / 20) + 0.07 * n * np.exp(-t / 5),
}
STATED = {
    "sum": ("C1*m/t + C2*m/n", "C1 C2"),
    "power": ("C*m/n*t**(-a)", "C a"),
    "grows": ("C*m/n*t**a", "C a"),
    "no time": ("C*m*n**(-a)", "C a"),
    "floor": ("C*m/t + b", "C b"),
    "deep": ("C1*m*exp(-t/20) + C2*n*exp(-t/5)", "C1 C2"),
}
#: Law, then formulas that are false of it: another power, or a number left out.
FALSE = [
    ("sum", "C1/t + C2/n", "C1 C2"),
    ("sum", "C1*m/t + C2*m", "C1 C2"),
    ("sum", "C1*m/t + C2*m/n**2", "C1 C2"),
    ("sum", "C1*m/t", "C1"),
    ("sum", "C*m*t**(-a)", "C a"),
    ("power", "C/n*t**(-a)", "C a"),
    ("power", "C*m*t**(-a)", "C a"),
    ("power", "C*m/n**2*t**(-a)", "C a"),
    ("no time", "C*n**(-a)", "C a"),
    ("no time", "C*m**2*n**(-a)", "C a"),
    ("no time", "C*m/n**2", "C"),
    ("no time", "C*m", "C"),
    ("floor", "C*m/t", "C"),
    ("deep", "C1*m*exp(-t/18) + C2*n*exp(-t/5)", "C1 C2"),
    ("deep", "C1*exp(-t/20) + C2*n*exp(-t/5)", "C1 C2"),
    ("floor", "C*m*t**(-a)", "C a"),
]


def made(law, **rest):
    steps = {"no time": {"steps": [0.0]}, "deep": {"steps": np.arange(0, 6000, 100.0)}}.get(law, {})
    return curves(LAWS[law], **{**steps, **rest})


@pytest.mark.parametrize("kind", ["upper", "lower"])
@pytest.mark.parametrize("law", LAWS)
def test_a_true_bound_holds(law, kind):
    verdict, constants = judged(made(law), theorem(*STATED[law], kind=kind))
    assert verdict.status is Status.HOLDS, verdict.reason
    assert not constants.failures
    rejected, tried = verdict.discrimination.counts
    assert rejected > tried / 2
    assert not verdict.discrimination.shape.of("eroding")


@pytest.mark.parametrize("kind", ["upper", "lower"])
@pytest.mark.parametrize(("law", "excess", "constants"), FALSE)
def test_a_false_bound_does_not(law, excess, constants, kind):
    less = {"C1*m/t", "C*m/t", "C1*m*exp(-t/18) + C2*n*exp(-t/5)"}
    if kind == "lower" and excess in less:
        pytest.skip("less of a term is true from below")
    verdict, _ = judged(made(law), theorem(excess, constants, kind=kind))
    assert verdict.status is not Status.HOLDS, verdict.reason


def test_data_of_another_law_refute_a_bound_that_holds():
    stated = theorem(*STATED["power"])
    for factor in (lambda t: t / t[0], lambda t: 1 + (t / 2000) ** 2):  # frozen, rising again
        bent = curves(lambda t, n, m, factor=factor: LAWS["power"](t, n, m) * factor(t))
        assert judged(bent, stated)[0].status is not Status.HOLDS
    stated = theorem(*STATED["floor"])
    rising = curves(lambda t, n, m: LAWS["floor"](t, n, m) + (t / 5000) ** 3)
    assert judged(rising, stated)[0].status is not Status.HOLDS


@pytest.mark.parametrize("kind", ["upper", "lower"])
def test_constants_come_back(kind):
    slack = 2.0 if kind == "upper" else 0.5
    exact = {"scatter": 0.0, "within": 0.0}
    expected = {
        "sum": {"C1": 3.0, "C2": 20.0},
        "power": {"C": 3.0, "a": 0.7},
        "grows": {"C": 3.0, "a": 0.5},
        "no time": {"C": 3.0, "a": 1.0},
        "floor": {"C": 3.0, "b": 0.01},
        "deep": {"C1": 3.0, "C2": 0.07},
    }
    for law, values in expected.items():
        found = fitted(made(law, **exact), theorem(*STATED[law], kind=kind))
        for name, value in values.items():
            assert found[name].value == pytest.approx(value, rel=1e-5, abs=0.0)
            widened = value if name == "a" else slack * value
            assert found[name].widened == pytest.approx(widened, rel=1e-5, abs=0.0)


def test_a_sum_covers_every_calibration_point_and_is_no_looser_than_the_law():
    for kind, worst in (("upper", max), ("lower", min)):
        cells, numbers = made("sum")
        constants = fitted((cells, numbers), theorem(*STATED["sum"], kind=kind))
        c1, c2 = (constants[name].value for name in ("C1", "C2"))
        ratios = []
        for n in (100, 200):  # the inner values calibrate
            for m in (1, 2, 4):
                cell = cells[f"n{n}-m{m}"]
                near = cell.steps <= cell.steps.max() / 4
                bound = (c1 * m / cell.steps + c2 * m / n)[near]
                ratios.append(cell["loss"][:, near] / bound)
        extreme = worst(float(worst(each.flat)) for each in ratios)
        assert extreme == pytest.approx(1.0, rel=1e-6, abs=0.0)


def test_a_known_part_is_no_constant():
    verdict, constants = judged(made("sum"), theorem("20*m/n*2.5 + C*m/t", "C"))
    assert verdict.status is Status.HOLDS, verdict.reason
    assert constants["C"].value < fitted(made("sum"), theorem(*STATED["sum"]))["C1"].value
    below, constants = judged(made("sum"), theorem("100*m/n + C*m/t", "C", kind="lower"))
    assert below.status is Status.INCONCLUSIVE
    assert "alone exceeds a calibration point" in constants.failures["X1"]


def test_an_open_term_of_the_floor_is_fitted():
    stated = theorem("C*m/t", "C b", keys='floor = "b"')
    assert str(stated.bound("X1").floor) == "0"
    assert fitted(made("floor"), stated)["b"].value > 0.01


def test_a_power_is_widened_to_the_weaker_end_of_its_interval():
    for kind, law, power, end in (
        ("upper", "power", 0.7, 0), ("lower", "power", 0.7, 1),
        ("upper", "grows", 0.5, 1), ("lower", "grows", 0.5, 0),
    ):  # fmt: skip
        noisy = made(law, within=0.5)
        verdict, constants = judged(noisy, theorem(*STATED[law], kind=kind))
        power_of_t = constants["a"]
        weaker = min if end == 0 else max
        assert power_of_t.widened == weaker(power_of_t.value, power_of_t.limits[end])
        assert power_of_t.limits[0] < power < power_of_t.limits[1]
        assert verdict.status is Status.HOLDS, verdict.reason


def test_a_power_of_a_number_stays_as_least_squares_has_it():
    power = fitted(made("no time"), theorem(*STATED["no time"]))["a"]
    assert power.widened == power.value
    assert sum(power.limits) / 2 == pytest.approx(power.value, rel=1e-9, abs=0.0)
    assert power.limits[0] < 1 < power.limits[1]


def test_an_open_power_has_no_wrong_powers():
    verdict, _ = judged(made("power"), theorem(*STATED["power"]))
    tried = {wrong.number for wrong in verdict.discrimination.wrong_powers}
    assert tried == {"n", "m"}
    form = form_of(theorem(*STATED["power"]), "X1")
    assert form.exponent is None
    assert form.own_powers == {"t": ("a", -1.0)}
    assert form_of(theorem("C*exp(-a*m*t)", "C a"), "X1").exponent is not None


def test_a_power_of_what_does_not_vary_is_left_open():
    cells, numbers = made("power")
    alike = {name: {"n": 50.0, "m": each["m"]} for name, each in numbers.cells.items()}
    same = CellNumbers({}, alike)
    constants = fitted((cells, same), theorem("C*m*n**(-b)*t**(-a)", "C a b"))
    assert "do not tell C and b apart" in constants.failures["X1"]


FORM_OF = {
    "C*f": ("C*m/t", "C"),
    "C*exp(-k*x)": ("C*exp(-k*m*t)", "C k"),
    "C*t**(-a)": ("C*t**(-a)*n**(-b)*exp(-k*t)", "C a b k"),
    "C1*f + C2*g": ("1/t + C*m", "C"),
}


def test_each_form_is_recognised():
    assert set(FORM_OF) == {form.written for form in FORMS}
    for written, stated in FORM_OF.items():
        assert form_for([theorem(*stated).bound("X1")]).written == written


@pytest.mark.parametrize(
    ("excess", "constants", "said_of_it"),
    [
        ("C*exp(-k*t) + b", "C k b", "is not linear in k, and the log"),
        ("C*(t + b)**(-a)", "C a b", "is not linear in a, b, and the log"),
        ("C**2/t + b", "C b", "is not linear in C, and the log"),
        ("C*b/t + b", "C b", "multiplies C by b, and the log"),
        ("Max(C/t, b)", "C b", "is not linear in C, b, and the log"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line(excess, constants, said_of_it):
    with pytest.raises(CompareError) as caught:
        check_fittable(theorem(excess, constants))
    said = str(caught.value)
    assert said.startswith(f"planted: X1 cannot be fitted: the excess {said_of_it}")
    assert all(form.written in said for form in FORMS)
    assert "fix constants by numbers" in said
    assert "\n" not in said


def stated_in_python(*bounds):
    base = get_theorem("kou2023")
    stage = Stage(1, "all", base.stages[0].start, base.stages[-1].end, bounds)
    return Theorem(
        name="mine", regime="mine", title="", condition=base.condition, stages=(stage,), times=(),
        continuity={}, probability_floor="", source="", promised=None,
    )  # fmt: skip


def test_python_theorems_are_refused_alike():
    excess = theorem("C1*m/t + C2", "C1 C2").bound("X1")
    c1, c2 = excess.constants
    rest = (Provenance.DERIVED, "")
    floor = Bound("F", "loss", "upper", c2, c1, (c1, c2), *rest)
    with pytest.raises(CompareError, match="F cannot be fitted: C2 is open in the floor; write it"):
        check_fittable(stated_in_python(floor))
    upper = Bound("U", "loss", "upper", 0, c1, (c1,), *rest)
    for changed in ({"kind": "lower"}, {"reading": "mean"}, {"quantity": "test_loss"}):
        what = {"quantity": "loss", "kind": "upper", **changed}
        name, kind, reading = what["quantity"], what["kind"], what.get("reading", "runs")
        other = Bound("V", name, kind, 0, c1, (c1,), *rest, reading=reading)
        with pytest.raises(CompareError, match="shares constants with"):
            check_fittable(stated_in_python(upper, other))
    check_fittable(stated_in_python(upper, Bound("V", "loss", "upper", 0, c1 / 2, (c1,), *rest)))


@given(
    st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0.1, 3), st.floats(1, 1e6),
    st.floats(1, 1e4), st.floats(0.1, 10),
)  # fmt: skip
@settings(max_examples=50, deadline=None, derandomize=True)
def test_what_is_fitted_adds_up_to_the_bound(c1, c2, a, t, n, m):
    given = {"t": t, "n": n, "m": m}

    def value(expr, **more):
        names = {str(symbol) for symbol in expr.free_symbols}
        return evaluate(expr, {k: v for k, v in {**given, **more}.items() if k in names})

    total = theorem("C1*m/t + C2*m/n + 1/t", "C1 C2").bound("X1")
    parts = {str(c): total.excess.diff(c) for c in total.constants}
    known = total.excess.xreplace(dict.fromkeys(total.constants, 0))
    added = value(known) + c1 * value(parts["C1"]) + c2 * value(parts["C2"])
    assert added == pytest.approx(total.numeric(**given, C1=c1, C2=c2), rel=1e-9, abs=0.0)
    power = theorem("C1*m/n*t**(-a)", "C1 a").bound("X1")
    terms = power.envelope_terms()
    (slope,), (factor,) = terms.rates.values(), terms.log_constants.values()
    assert [str(each) for each in terms.powers] == ["a"]
    log = value(terms.offset) + float(factor) * np.log(c1) + a * value(slope)
    assert log == pytest.approx(power.log_excess(**given, C1=c1, a=a), rel=1e-9, abs=1e-9)


def test_readings_are_checked():
    for keys, said in (
        ('reading = "median"', "reading"),
        ("quantile = 0", "quantile"),
        ("quantile = 1.5", "quantile"),
        ('reading = "mean"\nquantile = 0.1', "a mean has no quantile"),
    ):
        with pytest.raises(TheoryError, match=said):
            theorem("C/t", "C", keys=keys)
    bound = theorem("C/t", "C").bound("X1")
    with pytest.raises(FormulaError, match="reading is 'median'"):
        Bound("V", "loss", "upper", 0, bound.excess, bound.constants, Provenance.DERIVED, "",
              reading="median")  # fmt: skip
