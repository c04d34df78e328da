"""A theorem's TOML file: what it gives, and one plain line for everything that is wrong in it."""

import re
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from theorem_files import GOOD

from bofcheck.theory import (
    Provenance,
    TheoremFileError,
    TheoryError,
    benign,
    get_theorem,
    neighbours,
    read_source,
    read_theorem,
)
from bofcheck.theory.theorem_file.load import theorem_from_toml
from bofcheck.theory.theorem_file.schema import TheoremFile, theorem_schema

DOCS = Path(__file__).parents[2] / "docs"


def test_a_file_becomes_a_theorem(tmp_path):
    path = tmp_path / "decay.toml"
    path.write_text(GOOD)
    source = read_source(path)
    theorem = source.theorem
    assert (theorem.name, theorem.regime, theorem.assumption) == ("decay", "decay", "")
    assert [stage.name for stage in theorem.stages] == ["plateau", "decay"]
    bound = theorem.bound("D1")
    assert bound.provenance is Provenance.DERIVED
    assert [str(c) for c in bound.constants] == ["C", "k"]
    values = {"p": 0.1, "C": 0.4, "k": 0.3, "eta": 0.1, "T1": 20, "t": 120}
    assert bound.numeric(**values) == pytest.approx(
        0.1 + 0.4 * 2.718281828459045**-3, rel=1e-6, abs=0.0
    )
    assert theorem.condition.ratio(n=400, eta=0.1) == pytest.approx(
        20, rel=1e-6, abs=0.0
    )  # C0 = 2 is put in
    assert (theorem.events[0].name, theorem.events[0].quantities) == ("T1", ("train_loss",))
    assert theorem.time("T1").numeric(c=2, eta=0.1) == pytest.approx(20, rel=1e-6, abs=0.0)
    assert str(theorem.promised) == "1/n"
    assert source.problem == {"n": 400, "eta": 0.1, "p": 0.1}
    assert r"\le p + C e^{" in bound.latex()


def _changed(old, new):
    assert old in GOOD
    return GOOD.replace(old, new, 1)


BOUND = GOOD[GOOD.index("[[stages.bounds]]") : GOOD.index("[[times]]")]
CONSTANT = "constants.C0: must be a finite number, or a text that leaves it open$"
WRONG = {
    "no TOML": ("name = ", "not valid TOML"),
    "many digits": (f"name = {'1' * 150_000}", "not valid TOML"),
    "null byte": (GOOD + "\0", "not valid TOML"),
    "deep arrays": ("x = " + "[" * 5000, "not valid TOML"),
    "empty": ("", "name: this key is required"),
    "unknown key": (GOOD.replace("[symbols]", "[symbol]"), "symbol: unknown key"),
    "unknown key in a bound": (_changed("floor =", "flor ="), "stages.2.bounds.1.flor: unknown"),
    "no stages": (GOOD.split("[[stages]]")[0], "stages: this key is required"),
    "name with a slash": (_changed('"decay"', '"../decay"'), "name: "),
    "name that is a number": (_changed('name = "decay"', "name = 3"), "name: "),
    "title with a newline": (_changed('"Exponential decay"', '"""a\nb"""'), "title: "),
    "probability above 1": (_changed('"1/n"', '"2"'), "probability: 2 .* between 0 and 1"),
    "probability of zero": (_changed('"1/n"', '"0"'), "probability: 0 .* between 0 and 1"),
    "probability of one": (_changed('"1/n"', '"C0/2"'), "probability: 1 .* between 0 and 1"),
    "open probability": (_changed('"1/n"', '"C/n"'), "probability: C is open"),
    "null in a title": (_changed('"Exponential decay"', '"a\\u0000b"'),
                        "title: 'a.*b' holds a control character"),
    "terminal code in a title": (_changed('"Exponential decay"', '"a\\u009bb"'),
                                 "title: 'a.*b' holds a control character"),
    "name with a space": (_changed('"D1"', '"D 1"'), r"'D 1' is not a name: .* and -, at most 41"),
    "unknown tag": (_changed('"DERIVED"', '"PROVED"'), "provenance: "),
    "kind": (_changed("floor =", 'kind = "both"\nfloor ='), "stages.2.bounds.1.kind: "),
    "text where a table is meant": (_changed('[constants]', 'x = [1]\n[constants]'), "symbols.x"),
    "constant that is true": (_changed("C0 = 2", "C0 = true"), CONSTANT),
    "constant that is nan": (_changed("C0 = 2", "C0 = nan"), CONSTANT),
    "constant that is inf": (_changed("C0 = 2", "C0 = inf"), CONSTANT),
    "constant below zero": (_changed("C0 = 2", "C0 = -2"), "constants.C0: -2.0 must be above 0"),
    "constant that is a date": (_changed("C0 = 2", "C0 = 2020-01-01"), CONSTANT),
    "constant named like a function": (_changed("C0 = 2", "exp = 2"), "exp: already has a meaning"),
    "constant named like a keyword": (_changed("C0 = 2", "lambda = 2"),
                                      "constants.lambda: .*is a Python keyword"),
    "constant with two underscores": (_changed("C0 = 2", "x__2 = 2"), "constants.x__2: cannot be"),
    "symbol with two underscores": (_changed('n = "samples', 'm__2 = "x"\nn = "samples'),
                                    "symbols.m__2: cannot be"),
    "constant beyond floats": (_changed("C0 = 2", "C0 = 1e-320"), "constants.C0: .* is beyond"),
    "constants whose tower is endless": (_changed("n*eta >= C0", "n**9**C0**9 >= C0"),
                                         "conditions.1: .*an exponent is beyond"),
    "constants that leave not a real number": (_changed('"p"', '"sqrt(1 - C0)"'),
                                            "bounds.1.floor: .*sqrt of -1"),
    "constants that divide by zero": (_changed('"c/eta"', '"c/(eta*(C0 - 2))"'),
                                      "times.T1.law: .*divides by zero"),
    "constants in an event": (_changed("train_loss <= 1/2", "train_loss <= log(1 - C0)"),
                              "events.T1.when: .*log of -1"),
    "constant named like a symbol": (_changed("C0 = 2", "mu = 2"), "constants.mu: the name is"),
    "constant named t": (_changed("C0 = 2", "t = 2"), "constants.t: the name is taken"),
    "constant with a dunder": (_changed("C0 = 2", "__class__ = 2"), "constants.__class__"),
    "look-alike constant": (_changed("C0 = 2", '"\u0421" = 2'), r"constants.\\u0421"),
    "idle constant": (_changed("C0 = 2", 'C0 = 2\nz = "idle"'), "constants.z: no bound or time"),
    "open constant in a condition": (_changed("C0 = 2", 'C0 = "open"'), "conditions.1: C0 is open"),
    "import in a bound": (
        _changed("C*exp(-k*eta*(t - T1))", "__import__('os').system('touch pwned')"),
        "stages.2.bounds.1.excess: .*not allowed",
    ),
    "attribute in a bound": (_changed("C*exp(", "C.subs("), "an attribute|not allowed"),
    "unknown symbol": (_changed("k*eta", "k*zeta"), "unknown name zeta; known are"),
    "tower of powers": (_changed("C*exp(", "9**9**9*C*exp("), "an exponent is beyond"),
    "two million characters": (GOOD + "#" * 2_000_000, "larger than"),
    "two thousand terms": (_changed('"C*exp', '"' + "t+" * 2000 + 'C*exp'), "at most 1000"),
    "negative excess": (_changed('"C*exp(-k*eta*(t - T1))"', '"-C*k"'), "excess: .* is negative"),
    "event without a quantity": (_changed("train_loss <= 1/2", "eta <= 1/2"), "no measured"),
    "event that is no inequality": (_changed("train_loss <= 1/2", "train_loss"), "one inequality"),
    "event with a constant": (_changed("train_loss <= 1/2", "train_loss <= C"), "events.T1.when"),
    "event code": (_changed("train_loss <= 1/2", "open(train_loss) <= 1"), "not allowed"),
    "strict event": (_changed("train_loss <= 1/2", "train_loss < 1/2"), "T1.when: .*write <="),
    "event of a strict excess": (_changed("train_loss <= 1/2", "train_loss > 1/2"), "must be >="),
    "stage until nowhere": (_changed('until = "T1"', 'until = "T9"'), "no event T9; there is T1"),
    "open stage first": (_changed('until = "T1"\n', ""), "stages.1.until: only the last stage"),
    "condition against zero": (_changed("n*eta >= C0", "n*eta >= 0"), "a side is zero"),
    "condition of equality": (_changed("n*eta >= C0", "n*eta == C0"), "must be >=, <= or <"),
    "quantity that is a symbol": (_changed('"test_error"', '"eta"'), "is a symbol"),
    "time of no event": (_changed('event = "T1"', 'event = "T2"'), "times.T2: no such event"),
    "time that is curved": (_changed('"c/eta"', '"c**2/eta"'), "not a linear combination"),
    "regime and events": (_changed("[symbols]", 'regime = "benign"\n[symbols]'), "events: give"),
    "unknown regime": (_changed("probability", 'regime = "lucky"\nprobability'), "regime: "),
    "two bounds of one name": (_changed("[[times]]", f"{BOUND}[[times]]"), "D1 appears twice"),
    "one constant, two quantities": (
        _changed("[[times]]", f"{BOUND}[[times]]".replace("D1", "D2").replace("error", "loss")),
        "give each its own constant",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_files_are_named_in_one_line(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    began = time.perf_counter()
    with pytest.raises(TheoremFileError) as caught:
        read_theorem(path)
    assert time.perf_counter() - began < 5
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    assert len(said) < 700 + len(str(path))
    assert re.search(message, said), said
    assert [one.name for one in tmp_path.iterdir()] == ["mine.toml"]  # nothing was executed


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder.toml").mkdir()
    for name in ("bytes.toml", "folder.toml", "absent.toml", "mine.json", "mine"):
        with pytest.raises(TheoremFileError, match=name):
            read_theorem(tmp_path / name)


def test_a_python_file_is_run_because_its_owner_named_it(tmp_path):
    path = tmp_path / "tuned.py"
    path.write_text(
        "from dataclasses import replace\nfrom bofcheck.theory import benign\n"
        "THEOREM = replace(benign, name='tuned', title='Tuned')\n"
    )
    theorem = read_theorem(path)
    assert (theorem.name, theorem.bounds, theorem.events) == ("tuned", benign.bounds, benign.events)
    for text, message in (
        ("x = 1\ny = nosuch\n", r"line 2: NameError: name 'nosuch' is not defined"),
        ("def f(:\n", r"line 1: SyntaxError"),
        ("raise SystemExit(3)\n", r"line 1: SystemExit: 3"),
        ("THEOREM = 'mine'\n", r"defines no THEOREM = Theorem"),
    ):
        path.write_text(text)
        with pytest.raises(TheoremFileError, match=message):
            read_theorem(path)


PIECES = [line for line in GOOD.splitlines(keepends=True) if line.strip()]
JUNK = st.sampled_from(
    ["\0", "=", "[", "]]", '"', "'", "\\", "9**9**9", "__import__", "1e999", "nan", "{", "}", "\n",
     "\u0435", "#", "[[stages]]\n", "[constants]\n", "-1", "true", "x = 1\n", "()", ".", ","]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 30), JUNK), max_size=4))
def test_damaged_files_give_a_theorem_or_a_named_error(damage):
    text = GOOD
    for at, cut, junk in damage:
        text = text[:at] + junk + text[at + cut :]
    _read_or_refuse(text)


@settings(max_examples=80, deadline=None)
@given(st.permutations(PIECES))
def test_shuffled_files_give_a_theorem_or_a_named_error(pieces):
    _read_or_refuse("".join(pieces))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
KEYS = st.sampled_from([*TheoremFile.model_fields, "x"])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_wrong_values_of_every_key_give_a_named_error(changes):
    from pydantic import ValidationError

    from bofcheck.theory.theorem_file.build import build_theorem
    from bofcheck.theory.theorem_file.load import _one_line

    document = {**tomllib.loads(GOOD), **changes}
    said = ""
    try:
        build_theorem(TheoremFile.model_validate(document))
    except ValidationError as error:
        said = _one_line(error)
    except TheoryError as error:
        said = str(error)
    assert "\n" not in said


def _read_or_refuse(text):
    began, said = time.perf_counter(), ""
    try:
        theorem_from_toml(text)
    except TheoryError as error:
        said = str(error)
    assert "\n" not in said
    assert time.perf_counter() - began < 10


def test_neighbours_are_loaded_by_name_and_tagged():
    assert {"kou2023", "cao2022", "jiang2024", "magen2024", "huang2025"} <= neighbours().keys()
    for name, source in neighbours().items():
        theorem = get_theorem(name)
        assert theorem is source.theorem
        assert bool(theorem.model) == (name != "jiang2024")
        for one in theorem.statements:
            assert one.provenance in (Provenance.SOURCE, Provenance.DERIVED)
            assert one.seen is (name in {"jiang2024", "huang2025"})
            assert "arXiv" in one.source


def test_a_part_may_be_seen_where_the_theorem_is_not():
    text = _changed('"DERIVED"', '"SOURCE"')
    assert not any(one.seen for one in theorem_from_toml(text).theorem.statements)
    part = text.replace('floor = "p"', 'floor = "p"\nseen = true')
    assert [one.seen for one in theorem_from_toml(part).theorem.statements] == [True, False]
    every = theorem_from_toml(text.replace('"SOURCE"', '"SOURCE"\nseen = true')).theorem
    assert all(one.seen for one in every.statements)
    assert all(one.seen for one in every.assumes)


def test_neighbours_at_numbers_worked_out_by_hand():
    kou = get_theorem("kou2023")
    v = {"N": 10.0, "mu": 2.0, "sigma_p": 0.5, "d": 100.0, "p": 0.1}
    ratio = 10 * 16 / (0.0625 * 100)  # N mu^4 / (sigma_p^4 d) = 25.6
    assert kou.bound("K1").log_excess(**v, k=0.5) == pytest.approx(-0.5 * ratio, rel=1e-6, abs=0.0)
    assert kou.bound("K2").numeric(p=0.1) == pytest.approx(0.2, rel=1e-6, abs=0.0)
    assert kou.bound("K1").condition.ratio(**{x: v[x] for x in v if x != "p"}) == pytest.approx(
        25.6, rel=1e-6, abs=0.0
    )
    cao = get_theorem("cao2022")
    assert cao.bound("C43").numeric(epsilon=0.01, N=2.0) == pytest.approx(
        0.06 + 2.718281828459045**-4, rel=1e-6, abs=0.0
    )
    snr3 = (2.0 / (0.5 * 10)) ** 3
    assert cao.bound("C43").condition.ratio(N=10, mu=2, sigma_p=0.5, d=100, q=3) == pytest.approx(
        10 * snr3 / 10, rel=1e-6, abs=0.0
    )
    jiang = get_theorem("jiang2024")
    law = jiang.time("T", "benign")
    assert law.numeric(c1=3.0, eta=0.1, epsilon=0.1, mu=2.0, w=1.0) == pytest.approx(
        75.0, rel=1e-6, abs=0.0
    )
    late = jiang.time("T", "harmful")
    assert late.numeric(c2=2.0, N=10, eta=0.1, epsilon=0.1, sigma_p=0.5, d=4, w=1) == pytest.approx(
        2000, rel=1e-6, abs=0.0
    )


def test_the_schema_and_the_page_know_every_key():
    schema = theorem_schema()
    page = (DOCS / "own-theorem.md").read_text(encoding="utf-8")
    for part in (schema, *schema["$defs"].values()):
        for key, about in part["properties"].items():
            assert f"`{key}`" in page, key
            assert about["description"]
