"""The report as a web page: everything in it, nothing from outside it, whoever wrote the report."""

import copy
import html as html_module
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bofcheck._citation import bibtex, citation_file
from bofcheck.compare import report
from bofcheck.compare.errors import CompareError
from bofcheck.compare.figures import cell_drawings
from bofcheck.compare.papers.zhang2025.ledger import all_claims
from bofcheck.compare.report import Report
from bofcheck.compare.report.html import PAGE, is_page, render_page, save_page
from bofcheck.compare.report.html.filters import formula
from bofcheck.compare.report.html.sentence import sentence
from bofcheck.compare.report.html.view import FIXED, SENTENCE
from bofcheck.compare.verdict import Status
from bofcheck.theory import Provenance, benign, formulas, harmful
from bofcheck.theory.rendering.mathml import MATHML_NAMES
from bofcheck.theory.state import STATE_LATEX
from bofcheck.theory.symbols import LATEX_NAMES

ROOT = Path(__file__).parents[2]
NAMES = sorted({*formulas(benign), *formulas(harmful)})


class Reader(HTMLParser):
    """What a page holds: tags with their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def page_of(document):
    """The page of a document that a report was read from."""
    return render_page(Report.model_validate(document), {})


@pytest.fixture(scope="module")
def document(results):
    return json.loads((results / "report.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def html(document):
    return page_of(document)


def test_nothing_is_fetched_from_elsewhere(html):
    for tag, attributes in Reader(html).tags:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            address = attributes.get(name, "#")
            outside = not address.startswith(("#", "data:"))
            assert not outside or (tag == "a" and address.startswith("https://arxiv.org/")), address
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in html


def test_everything_decided_is_in_the_page(html, document):
    text = Reader(html).text
    for claim in document["claims"]:
        for key in ("id", "verdict", "statement", "reason", "source"):
            assert claim[key] in text
    for group in document["constants"]:
        for one in group["constants"]:
            assert f"{one['fitted']:.3g}" in text
            assert f"{one['widened']:.3g}" in text
    for cell in document["cells"]:
        assert cell["name"] in text
    for row in document["leave_one_out"]:
        assert f"{row['largest']:.3g}" in text
    for version in document["provenance"]["versions"].values():
        assert version in text
    assert " ".join(bibtex().split()) in text


def assert_anchors(html):
    tags = Reader(html).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {a["href"][1:] for _, a in tags if a.get("href", "").startswith("#")}
    filters = {link for link in links if link.startswith("verdict=")}
    links -= filters
    described = {a[n] for _, a in tags for n in ("aria-labelledby", "data-copy") if n in a}
    assert links | described <= set(ids)
    return ids


def test_every_anchor_leads_somewhere_and_is_unique(html):
    assert "benign-b2" in assert_anchors(html)


#: Names that read alike once they are ids, or like an id the page has anyhow.
ALIKE = (
    "B.1",
    "B-1",
    "b_1",
    "B-1 2",
    "b-1-sentence",
    "数据",
    "データ",
    "",
    "h",
    "<a b>",
    "a/b",
    "a b",
)


@pytest.mark.parametrize("regime", ["x", "", "claims", "regime", "cell x", "數"])
def test_names_that_read_alike_get_anchors_of_their_own(document, regime):
    changed = copy.deepcopy(document)
    claim, cell, figure = (changed[name][0] for name in ("claims", "cells", "figures"))
    changed["claims"] = [
        {**claim, "id": one, "regime": regime, "worst_cell": one, "statement": f"says {one}"}
        for one in ALIKE
    ]
    changed["cells"] = [{**cell, "name": one, "regime": regime} for one in ALIKE]
    changed["figures"] = [
        {**figure, "name": one, "regime": regime, "claims": [one]} for one in ALIKE
    ]
    page = page_of(changed)
    assert_anchors(page)
    assert page == page_of(changed)
    for part in page.split('<details class="claim"')[1:]:
        name = html_module.unescape(part.partition('class="id">')[2].partition("<")[0])
        anchor = part.partition('id="')[2].partition('"')[0]
        copied = part.partition('data-copy="')[2].partition('"')[0]
        assert copied == f"{anchor}-sentence"
        assert f"says {name}”" in html_module.unescape(part.partition(f'id="{copied}">')[2])[:200]
        shown = part.partition('data-figure="')[2].partition('"')[0]
        assert (
            f'href="#{anchor}"'
            in page.partition(f'<figure id="{shown}">')[2].partition("</figure>")[0]
        )
        worst = part.partition('worst cell</dt><dd><a href="#')[2].partition('"')[0]
        row = page.partition(f'<tr id="{worst}"><th scope="row">')[2].partition("<")[0]
        assert html_module.unescape(row) == name


def test_the_template_has_no_ids_but_those_kept_free():
    text = (ROOT / "compare/report/html/report.html.jinja").read_text()
    assert set(re.findall(r'\bid="([a-z-]+)"', text)) == set(FIXED)
    assert f'id="{{{{ claim.anchor }}}}{SENTENCE}"' in text


def test_what_reverses_text_is_shown_and_everything_foreign_stands_apart(document):
    hostile = copy.deepcopy(document)
    bad = "a\u202eb\u2066\x1b"
    hostile["claims"][0] |= dict.fromkeys(
        ("statement", "reason", "id", "worst_cell", "source"), bad
    )
    hostile["claims"][0]["evidence"] = {bad: [bad], "table": {bad: {bad: bad}, "other": {bad: bad}}}
    hostile["claims"][0]["formulas"] = [
        {"name": bad, "latex": bad, "mathml": "<math><mi>a\u202eb</mi></math>", "source": bad,
         "provenance": "STATED", "rebuilt_from": bad}
    ]  # fmt: skip
    hostile["cells"][0] |= {"name": bad, "problem": {bad: 1.0}}
    hostile["figures"][0] |= {"caption": bad, "name": bad}
    hostile["provenance"]["settings"] = {"title": bad, "theorem": bad, "data": bad}
    page = page_of(hostile)
    assert not set("\u202e\u2066\x1b") & set(page)
    assert page.count("\\u202e") > 20
    assert "<bdi>a\\u202eb\\u2066\\x1b</bdi>" in page


def test_comparisons_are_written_as_on_paper(html, document):
    assert document["claims"][0]["relation"] == "<="
    assert "0.0123 ≤ 0.05" in html
    changed = copy.deepcopy(document)
    changed["claims"][0] |= {"statement": "P(g >= x) <= 1", "evidence": {"relation": ">="}}
    text = Reader(page_of(changed)).text
    assert "P(g ≥ x) ≤ 1" in text
    assert "<=" not in text
    assert ">=" not in text


def test_what_a_report_says_is_text_and_never_markup(document):
    hostile = copy.deepcopy(document)
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}"
    claim = hostile["claims"][1]
    claim |= {"statement": attack, "reason": attack, "worst_cell": attack}
    claim["evidence"] = {attack: [attack, {attack: attack}]}
    entry = {"latex": attack, "provenance": "STATED", "source": attack, "rebuilt_from": attack}
    bad = ["<math><mtext><script>alert(1)</script></mtext></math>", "<math onclick='x'/>", "<math>"]
    bad += ["<!DOCTYPE math [<!ENTITY a 'b'>]><math><mi>&a;</mi></math>", attack]
    claim["formulas"] = [{"name": attack, "mathml": text, **entry} for text in bad]
    hostile["provenance"]["settings"] = {attack: attack}
    page = page_of(hostile)
    plain = Reader(page_of(document))
    read = Reader(page)
    assert [t for t, _ in read.tags].count("script") == [t for t, _ in plain.tags].count("script")
    assert not [a for _, a in read.tags if any(name.startswith("on") for name in a)]
    assert attack in read.text
    assert "49" not in read.text.partition("alert(1)")[2][:60]


def test_only_pictures_of_the_folder_get_into_the_page(tmp_path, document):
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"secret" * 9)
    folder = tmp_path / "results"
    (folder / "figures").mkdir(parents=True)
    (folder / "figures" / "text.png").write_text("no picture")
    places = ["../secret.png", str(tmp_path / "secret.png"), "figures/text.png", "figures/no.png"]
    changed = {**document, "figures": [{**document["figures"][0], "files": places}]}
    assert save_page(Report.model_validate(changed), folder) == folder / PAGE
    assert "data:image" not in (folder / PAGE).read_text("utf-8")


def test_a_page_is_known_from_other_files(tmp_path, document):
    save_page(Report.model_validate(document), tmp_path)
    assert is_page(tmp_path / PAGE)
    (tmp_path / "mine.html").write_text("<title>mine</title>")
    assert not is_page(tmp_path / "mine.html")
    assert not is_page(tmp_path / "absent.html")


@pytest.fixture
def folder(tmp_path, results):
    return shutil.copytree(results, tmp_path / "r")


def test_report_makes_the_same_page_again(folder, bofcheck, document):
    made = save_page(Report.model_validate(document), folder).read_bytes()
    assert made.count(b"data:image/png") == len(document["figures"]) > 2 * len(cell_drawings())
    (folder / PAGE).unlink()
    code, out, err = bofcheck("report", folder)
    assert (code, err) == (0, "")
    assert out == f"{folder / PAGE}: {len(document['claims'])} verdicts\n"
    assert (folder / PAGE).read_bytes() == made
    shown = json.loads(bofcheck("report", folder, "--json")[1])
    assert shown == {"page": str(folder / PAGE), "claims": len(document["claims"])}
    assert bofcheck("report", folder, "--quiet") == (0, "", "")


def test_report_leaves_somebody_elses_page_alone(folder, bofcheck):
    (folder / PAGE).write_text("<p>thesis</p>")
    code, out, err = bofcheck("report", folder)
    assert (code, out) == (2, "")
    assert "was not made by bofcheck" in err
    assert (folder / PAGE).read_text() == "<p>thesis</p>"


DAMAGE = {
    "no JSON": ("not valid JSON", lambda text: text[:-9]),
    "another document": ("not a bofcheck report", lambda text: '{"format": "other"}'),
    "a list": ("not a bofcheck report", lambda text: "[1]"),
    "an older layout": ("layout 2", lambda text: text.replace('"schema": 3', '"schema": 2')),
    "a key too many": ("damaged at", lambda text: text.replace('"counts"', '"x": 1, "counts"')),
    "a wrong type": ("at claims.0.id", lambda text: text.replace('"id": "B0"', '"id": 7', 1)),
    "no verdict": ("be 'HOLDS'", lambda text: text.replace('"verdict": "H', '"verdict": "h')),
    "other counts": ("at counts", lambda text: text.replace('{"HOLDS": ', '{"HOLDS": 7')),
    "no bytes": ("not valid JSON", lambda text: ""),
}  # fmt: skip


@pytest.mark.parametrize(("words", "damage"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_report_is_named(tmp_path, document, words, damage):
    path = tmp_path / "report.json"
    path.write_text(damage(json.dumps(document)))
    with pytest.raises(CompareError, match=words) as caught:
        report.read(path)
    assert str(path) in str(caught.value)


def test_an_absent_report_is_named(tmp_path):
    with pytest.raises(CompareError, match="no such report"):
        report.read(tmp_path / "report.json")


@pytest.mark.parametrize("theorem", [benign, harmful], ids=lambda one: one.name)
def test_every_formula_is_mathml_a_page_may_show(theorem):
    for name, those in formulas(theorem).items():
        for one in those:
            mathml = one.mathml()
            assert formula(mathml, one.latex()) == mathml, name
            words = ElementTree.fromstring(mathml).itertext()
            assert "".join(words).isprintable() or "\u2062" in mathml


def test_symbols_have_the_same_names_in_latex_and_mathml():
    assert MATHML_NAMES.keys() == LATEX_NAMES.keys() | STATE_LATEX.keys()


def test_claims_name_formulas_that_there_are():
    for claim in all_claims().values():
        for regime in claim.regimes:
            known = formulas(benign if regime == "benign" else harmful)
            assert set(claim.formulas) <= known.keys(), claim.id
    assert sum(bool(claim.formulas) for claim in all_claims().values()) > 25


def test_a_claim_named_like_a_bound_shows_it(document):
    shown = {
        (one["regime"], one["id"]): [entry["name"] for entry in one["formulas"]]
        for one in document["claims"]
    }
    assert shown["benign", "B2"] == ["B2"]
    assert shown["benign", "B4"] == ["T1 (paper)"]
    assert shown["harmful", "B2"] == []
    entry = next(one for one in document["claims"] if one["id"] == "B2")["formulas"][0]
    assert entry["latex"] == benign.bound("B2").latex()


@pytest.mark.parametrize("status", Status)
def test_the_sentence_for_a_paper_says_how_the_statement_is_known(document, status):
    claims = Report.model_validate(document).claims
    claim = next(claim for claim in claims if claim.verdict is status)
    for tag, seen, words in (
        ("STATED", False, "Theorem 4.2 of arXiv 2502.12508"),
        ("RECONSTRUCTED", False, "as reconstructed from its prose"),
        ("SOURCE", True, "as its sources have it"),
        ("SOURCE", False, "as recalled from its sources"),
        ("DERIVED", False, "derived in bofcheck"),
    ):
        known = {"provenance": Provenance(tag), "seen": seen}
        text = sentence(claim.model_copy(update=known), "0.07 <= 0.05")
        assert words in text
        assert claim.statement in text
        assert "0.07 ≤ 0.05" in text
        assert "bofcheck 0." in text


def test_the_sentence_for_a_paper_says_how_loose_the_bound_is_and_what_was_rejected(document):
    claims = Report.model_validate(document).claims
    weak = claims[0].model_copy(
        update={
            "reason": "0 of 96 runs exceed it; at least 2.1× above the data, typically 10×; "
            f"{claims[0].discrimination.found.line()}"
        }
    )
    text = sentence(weak, "0.03 <= 0.05")
    assert (
        "held in a weak test on cells inside Assumption 4.1 in the benign regime, at least 2.1× "
        "above the data; 1 of 3 wrong powers rejected (0 of 96 runs exceed it; " in text
    )
    assert text.count("wrong powers") == text.count("2.1×") == 1
    assert "weak test" not in sentence(claims[7], "")


def test_the_headline_counts_by_origin_and_weak_tests_apart(html, document):
    text = Reader(html).text
    assert "Stated by the paper: of 2 sentences 1 holds (1 of them a weak test)" in text
    assert "Derived here: of 1 sentence 1 says nothing" in text
    rows = re.findall(r'<a class="badge ([a-z-]+)"[^>]*>([^<]+)</a> <span class="meaning">', html)
    assert rows[:3] == [
        ("holds", "HOLDS"), ("weak", "HOLDS (weak test)"), ("violated", "VIOLATED"),
    ]  # fmt: skip
    again = copy.deepcopy(document)
    again["claims"][0]["weak"] = False
    assert "weak test" not in Reader(page_of(again)).text


def test_the_shape_of_a_bound_is_a_table_with_what_was_not_told_apart(html):
    beside = html.partition('<div class="beside">')[2].partition('<div class="copies">')[0]
    text = Reader(beside).text
    assert "t sharp −0.02 −0.10 to 0.06 31×" in text
    assert "untested 0.30 −0.50 to 1.10 1.2× 12× would tell" in text
    assert "Not varied, so untested: d" in " ".join(text.replace(".", "").split())
    assert "1 of 3 rejected : t (−½)" in text
    assert "not told apart ‖ μ ‖ (−½, left out)" in text
    assert "true, only weaker t (½)" in text
    assert "4× further in t than fitted" in text
    assert "at least 2.1× above the data, typically 10×" in text
    assert '<a href="#cell-benign-b0">b0</a></th><td class="n">0.5</td>' in beside
    assert html.count('<div class="beside">') == 2  # of other claims nothing is said


def test_the_citation_file_is_made_from_the_data():
    assert (ROOT / "CITATION.cff").read_text("utf-8") == citation_file()
