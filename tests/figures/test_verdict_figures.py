"""Figures of what verdicts rest on: what they show is true, whatever the bound claims."""

import numpy as np
import pytest
from known_laws import BOUNDS, GAMMAS, TOML, TRUE, Case, known
from layout import check_layout
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb

from bofcheck.compare import all_claims, fit_constants
from bofcheck.compare.calibration import BenignTruth, synthetic_study
from bofcheck.compare.figures import Style, draw, figures_of, save_figures, verdict_drawings
from bofcheck.compare.figures.symbols import few_ticks, symbol_label
from bofcheck.compare.figures.table import Table
from bofcheck.compare.verdict import Status
from bofcheck.theory import SYMBOLS

DATA = {"t": -1.0, "g": -2.0, "eta": -1.0}
#: What a bound claims otherwise.
CLAIMED = {
    "a faster rate": {"t": -2.0},
    "a number left out": {"g": 0.0},
    "half a power": {"t": -1.5},
    "weak": {"N": 1.0, "mu": 1.0, "w": 1.0},
}
#: Verdict on the bound, and which numbers are drawn in which word.
SEEN = {
    "true": ("HOLDS", {"t": "sharp", "g": "sharp", "eta": "sharp"}),
    "a faster rate": ("VIOLATED", {"t": "eroding", "g": "sharp", "eta": "sharp"}),
    "a number left out": ("VIOLATED", {"t": "sharp", "g": "eroding", "eta": "sharp"}),
    "half a power": ("ERODES", {"t": "eroding", "g": "sharp", "eta": "sharp"}),
    "weak": ("HOLDS (weak test)", {"t": "sharp", "g": "sharp", "eta": "sharp"}),
}


def table_of(name, case, claims=("L",)):
    """The table of a figure of a known case, as read back from its file."""
    verification = known(case)
    (study,) = verification.studies
    verdicts = [verdict for verdict in verification.verdicts if verdict.claim in claims]
    return Table.from_csv(verdict_drawings()[name].measure(study, verdicts).to_csv())


def column(table, name):
    return [row[name] for row in table]


@pytest.mark.parametrize("name", BOUNDS)
def test_every_bound_has_figures_that_bear_on_it(name):
    verification = known(Case(BOUNDS[name]))
    (verdict, _) = verification.verdicts
    assert verdict.word == SEEN[name][0]
    about = {figure.name: figure.claims for figure in figures_of(verification)}
    assert about == {
        "known-L": ("L",), "known-L-constants": ("L",), "known-L-room": ("L",),
        "known-measured": ("L",), "known-powers": ("L",), "known-times": ("T",),
    }  # fmt: skip


@pytest.mark.parametrize("name", BOUNDS)
def test_the_room_falls_where_its_word_says_so(name):
    table = table_of("room", Case(BOUNDS[name]))
    words = {str(row["number"]): row["word"] for row in table.select(kind="number")}
    assert words == SEEN[name][1]
    shape = known(Case(BOUNDS[name])).verdicts[0].discrimination.shape
    for number in words:
        line = table.select(kind="within", number=number)
        x, value = np.log10(line.column("x")), line.column("value")
        slope = (value[1] - value[0]) / (x[1] - x[0])
        assert slope == pytest.approx(shape[number].power, rel=1e-6, abs=1e-9)
        points = table.select(kind="point", number=number)
        seen = np.polyfit(np.log10(points.column("x")), points.column("value"), 1)[0]
        assert seen == pytest.approx(slope, rel=0.0, abs=0.05)
    assert table.select(kind="above").texts("number") == ["t", "eta", "g"]
    assert table.select(kind="above", number="eta").column("x").max() <= 4  # the condition
    assert table.select(kind="below").texts("number") == ["eta", "g"]
    beyond = table.select(kind="above", number="t").column("x")
    assert beyond[0] == table.select(kind="within", number="t").column("x").max() < beyond[1]


def test_the_lines_end_where_the_conditions_end():
    text = TOML.format(excess=TRUE, kind="upper", reading="scaling", quantity="loss")
    verification = known(text=text.replace("eta <= 4", "eta <= 1.1"))
    (study,) = verification.studies
    table = verdict_drawings()["room"].measure(study, verification.verdicts[:1])
    above = table.select(kind="above", number="eta").column("x")
    assert above.max() == pytest.approx(1.1, rel=1e-6, abs=0.0)


@pytest.mark.parametrize("name", BOUNDS)
def test_the_powers_of_the_data_do_not_depend_on_what_is_claimed(name):
    table = table_of("powers", Case(BOUNDS[name]))
    fitted = {row["number"]: row["value"] for row in table.select(kind="power")
              if row["value"] is not None}  # fmt: skip
    assert fitted == pytest.approx(DATA, rel=0.0, abs=0.06)
    claimed = {row["number"]: row["value"] for row in table.select(kind="claimed")}
    assert claimed == pytest.approx(DATA | CLAIMED.get(name, {}), rel=1e-6, abs=1e-9)


def test_the_powers_of_the_data_are_those_of_a_lower_bound_too():
    table = table_of("powers", Case(kind="lower"))
    fitted = {row["number"]: row["value"] for row in table.select(kind="power")}
    assert fitted == pytest.approx(DATA, rel=0.0, abs=0.06)
    # half as high a power: the same words the other way round
    slow = table_of("room", Case("C/(g**2*eta*t**0.5)", kind="lower"))
    words = {row["number"]: row["word"] for row in slow.select(kind="number")}
    assert words["t"] == "eroding"
    fast = table_of("room", Case("C/(g**2*eta*t**1.5)", kind="lower"))
    words = {row["number"]: row["word"] for row in fast.select(kind="number")}
    assert words["t"] == "loose"


@pytest.mark.parametrize("name", BOUNDS)
def test_the_worst_point_is_the_worst_of_all_runs(name):
    case = Case(BOUNDS[name])
    table = table_of("measured", case)
    (worst,) = table.select(kind="worst")
    gap = worst["value"] - worst["x"]
    points = Table(tuple(row for row in table if row["kind"] in ("median", "nearest run")))
    assert gap >= (points.column("value") - points.column("x")).max()
    tightest = known(case).verdicts[0].discrimination.tightest
    assert gap * np.log(10) == pytest.approx(-tightest, rel=1e-9, abs=0.0)
    assert (gap > 0) is (SEEN[name][0] == "VIOLATED")
    (study,) = known(case).studies
    result = next(r for r in study.results if r.cell.name == worst["cell"])
    loss = result.trajectory["loss"][worst["run"], result.trajectory.steps == worst["step"]]
    assert 10 ** worst["value"] == pytest.approx(loss[0], rel=1e-9, abs=0.0)


def test_a_constant_is_one_where_the_bound_is_true_and_follows_what_was_left_out():
    true, wrong = (table_of("constants", Case(BOUNDS[name])) for name in
                   ("true", "a number left out"))  # fmt: skip
    assert true.texts("constant") == ["C"]
    cells = true.select(kind="cell", number="g")
    assert np.ptp(cells.column("value")) < 0.3
    cells = wrong.select(kind="cell", number="g")
    slope = np.polyfit(np.log10(cells.column("x")), cells.column("value"), 1)[0]
    assert slope == pytest.approx(-2.0, rel=0.0, abs=0.1)
    (study,) = known(Case(TRUE)).studies
    assert 10 ** true.select(kind="judged at").numbers("value")[0] == pytest.approx(
        study.constants["C"].widened, rel=1e-9, abs=0.0
    )


@pytest.mark.parametrize("reading", ["scaling", "deadline"])
def test_times_lie_in_the_band_of_their_law(reading):
    table = table_of("times", Case(reading=reading), ("T",))
    cells = table.select(kind="cell")
    assert len(cells) == len(GAMMAS) * 3
    gap = cells.column("value") - cells.column("x")
    if reading == "scaling":
        assert np.abs(gap).max() < np.log10(2) / 2
    else:
        assert gap.max() < 0
    ax = draw(table).axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("law, steps", "$T$, steps")


def test_two_laws_of_one_formula_are_told_apart_by_their_names():
    text = TOML.format(excess=TRUE, kind="upper", reading="scaling", quantity="loss")
    twice = text + '[[times]]\nevent = "T"\nform = "late"\nlaw = "c1/(eta*g**2)"\n'
    verification = known(Case(), twice.replace('event = "T"\nlaw', 'event = "T"\nform = "on"\nlaw'))
    (study,) = verification.studies
    laws = [verdict for verdict in verification.verdicts if verdict.claim != "L"]
    table = verdict_drawings()["times"].measure(study, laws)
    assert table.select(claim="T (on)", kind="law").texts("reading") == ["scaling"]
    assert table.select(claim="T (late)", kind="law").texts("reading") == ["deadline"]


def exponential():
    study = fit_constants(synthetic_study(np.random.default_rng(0), 0.0, BenignTruth()))
    return study, all_claims()["B2"].decide(study)


@pytest.fixture(scope="module")
def decaying():
    return exponential()


def test_of_a_decaying_bound_the_exponent_is_compared(decaying):
    study, verdict = decaying
    table = verdict_drawings()["room"].measure(study, [verdict])
    assert table.texts("room") == ["decay / the bound's decay"]
    assert table.texts("since")[0] == "T1"
    level = table.select(kind="point", number="t").column("value")
    fitted = study.constants["k2"]
    expected = np.log10(BenignTruth().k2 / fitted.widened)
    assert level == pytest.approx(np.full(level.size, expected), rel=1e-3, abs=1e-6)
    powers = verdict_drawings()["powers"].measure(study, [verdict])
    measured = {row["number"]: row["value"] for row in powers.select(kind="power")}
    assert measured["t"] == pytest.approx(1.0, rel=1e-6, abs=0.0)
    assert measured["eta"] == pytest.approx(1.0, rel=1e-6, abs=0.0)
    constants = verdict_drawings()["constants"].measure(study, [verdict])
    rates = 10 ** constants.select(constant="k2", kind="cell").column("value")
    assert rates == pytest.approx(np.full(rates.size, BenignTruth().k2), rel=1e-3, abs=0.0)


def test_fits_that_checks_keep_are_drawn_beside_their_laws(decaying):
    study, _ = decaying
    claims = all_claims()
    verdicts = [claims[name].decide(study) for name in ("B4", "B4d")]
    drawing = verdict_drawings()["times"]
    assert all(drawing.shows(study, verdict) for verdict in verdicts)
    fit = {
        "powers": {"eta": {"paper": -1.0, "derived": -1.0, "measured": -0.9,
                           "interval_95": [-1.0, -0.8]}},
        "judged": {"paper": {"eta": "differs"}, "derived": {"eta": "agrees"}},
    }  # fmt: skip
    both = [
        type(v)(**{**vars(v), "evidence": {**v.evidence, "fitted_powers": fit}}) for v in verdicts
    ]
    table = verdict_drawings()["powers"].measure(study, both)
    assert table.texts("claims") == [f"B4: {both[0].word}, B4d: {both[1].word}"]
    assert table.select(kind="claimed").texts("law") == ["paper", "derived"]
    assert table.select(kind="power").texts("word") == ["differs"]


#: A boundary on the curves: the loss at the end against the margin and the rate.
BOUNDARY = """[[boundaries]]
name = "PB"
quantity = "{quantity}"
strength = "{strength}"
level = "5e-3"
"""


def boundary_table(case):
    """The table of the figure of a theorem's boundary, as read back from its file."""
    odd = case is ODD
    strength = "N*g**2*eta**1.5/(sigma_p**4*mu)" if odd else "g**2*eta"
    text = TOML.format(
        excess=case.excess, kind=case.kind, reading=case.reading, quantity=case.quantity
    )
    text += BOUNDARY.format(quantity=case.quantity, strength=strength)
    verification = known(case, text)
    (study,) = verification.studies
    drawing = verdict_drawings()["strength"]
    shown = [verdict for verdict in verification.verdicts if drawing.shows(study, verdict)]
    return Table.from_csv(drawing.measure(study, shown).to_csv())


def drawn(name, case, style, claims=("L", "T")):
    if name == "strength":
        figure = draw(boundary_table(case), style=style)
        FigureCanvasAgg(figure).draw()
        return figure
    verification = known(case)
    (study,) = verification.studies
    drawing = verdict_drawings()[name]
    shown = [v for v in verification.verdicts if v.claim in claims and drawing.shows(study, v)]
    table = Table.from_csv(drawing.measure(study, shown).to_csv())
    figure = draw(table, style=style)
    FigureCanvasAgg(figure).draw()
    return figure


ODD = Case(
    "C*sigma_p/(g**2*eta*t**1.5)", quantity="my_own_loss", prefix="$\\frac{a rather long name "
)
#: Figures of bounds and times; that of a failing claim's evidence and those of the limit have
#: files of their own.
OTHERS = ("evidence", "failures", "edge", "sizes")
OF_BOUNDS = [name for name in verdict_drawings() if name not in OTHERS]
STYLES = [Style(), Style(width="one"), Style(width="two", name="serif"), Style(name="grey")]


@pytest.mark.parametrize("style", STYLES, ids=lambda style: f"{style.width}-{style.name}")
@pytest.mark.parametrize("case", [Case(BOUNDS["a number left out"]), ODD], ids=["plain", "odd"])
@pytest.mark.parametrize("name", OF_BOUNDS)
def test_nothing_is_cut_off_hidden_or_too_small(name, case, style):
    figure = drawn(name, case, style)
    check_layout(figure)


@pytest.mark.parametrize("name", OF_BOUNDS)
def test_words_are_told_apart_in_colour_and_in_grey(name):
    plain, grey = (drawn(name, Case(BOUNDS["a number left out"]), Style(name=n)) for n in
                   ("plain", "grey"))  # fmt: skip
    allowed = {"#000000", "#e69f00", "#56b4e9", "#009e73", "#0072b2", "#d55e00", "#cc79a7",
               "#666666", "#8a8a8a", "#ffffff"}  # fmt: skip
    colors = {to_hex(line.get_color()) for ax in plain.axes for line in ax.get_lines()}
    assert colors <= allowed
    for ax in grey.axes:
        for line in ax.get_lines():
            red, green, blue = to_rgb(line.get_color())
            assert red == green == blue


def test_an_eroding_line_is_seen_by_colour_and_by_its_dashes():
    figure = drawn("room", Case(BOUNDS["half a power"]), Style())
    time, gamma = figure.axes[:2]
    fitted = [line for line in time.get_lines() if line.get_linewidth() == 2.0]
    sharp = [line for line in gamma.get_lines() if line.get_linewidth() == 2.0]
    assert [to_hex(line.get_color()) for line in (*fitted, *sharp)] == ["#d55e00", "#009e73"]
    assert fitted[0].get_linestyle() != sharp[0].get_linestyle()
    (falling,) = [line.get_ydata() for line in fitted]
    assert falling[1] < falling[0]


def test_axes_carry_the_fields_symbols():
    assert symbol_label("sigma_p") == r"$\sigma_{p}$"
    assert symbol_label("eta") == r"$\eta$"
    for name in SYMBOLS:
        assert symbol_label(name).startswith("$")
    assert symbol_label("a b") == "a b"
    assert symbol_label("$x") == r"\$x"
    labels = [ax.get_xlabel() for ax in drawn("room", ODD, Style()).axes]
    assert labels[:3] == ["$t$, steps", r"$\eta$", "$g$"]


@pytest.mark.parametrize(
    ("low", "high"), [(0.1, 0.4), (20, 21), (1e-9, 1e14), (0.5, 0.5000001), (3, 3e5)]
)
def test_ticks_are_few_round_and_inside(low, high):
    ticks = few_ticks(low, high)
    assert len(ticks) <= 5
    assert all(low * 0.999 <= tick <= high * 1.001 for tick in ticks)


def test_what_shows_nothing_is_not_drawn():
    verification = known(Case("2"))
    names = [figure.name for figure in figures_of(verification)]
    assert names == ["known-L", "known-measured", "known-times"]
    (study,) = verification.studies
    assert verification.verdicts[0].status is Status.HOLDS
    assert "C" not in study.constants


def test_files_are_redrawn_from_their_tables(tmp_path):
    figures = save_figures(known(Case(BOUNDS["weak"])), tmp_path)
    assert len(figures) == 6
    for figure in figures:
        assert all((tmp_path / place).stat().st_size > 400 for place in figure.files)
        text = (tmp_path / "tables" / f"{figure.name}.csv").read_text("utf-8")
        assert draw(Table.from_csv(text)).axes
