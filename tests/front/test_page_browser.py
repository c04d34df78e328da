"""The report in a real browser: nothing complains, nothing overflows, everything can be reached."""

import itertools
import os
import shutil
from pathlib import Path

import pytest
from browser import Browser, find_browser

from bofcheck.compare.figures.table import Table
from bofcheck.compare.report import Report, read
from bofcheck.compare.report.html import render_page, save_page

#: A report of ``bofcheck verify --regime both``, without most of its evidence.
REAL = Path(__file__).parent / "verified.json"
WIDTHS, SCHEMES = (360, 1400), ("light", "dark")

#: Runs in the page: text whose contrast with what is behind it is below 4.5.
FAINT = """
(() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((one) => {
      const c = one / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const color = numbers(getComputedStyle(one).backgroundColor);
      if (color.length < 4 || color[3] > 0.99) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !one.checkVisibility()) continue;
    const [a, b] = [numbers(getComputedStyle(one).color), behind(one)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen += 1;
    if (ratio < 4.5) faint.push(`${one.tagName} ${walker.currentNode.data.trim()} ${ratio}`);
  }
  return [seen, faint.slice(0, 9)];
})()
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = find_browser()
    if program is None:
        message = (
            "no Chromium found: install the package chromium, or name one in BOFCHECK_CHROMIUM"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    one = Browser(program, tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory, results):
    folder = shutil.copytree(results, tmp_path_factory.mktemp("page") / "r")
    return save_page(read(folder / "report.json"), folder).as_uri()


@pytest.fixture
def page(browser, url):
    """The page at desktop width in light colours, as on a first visit."""
    browser.size(1400)
    browser.media()
    browser.open(url)
    browser.run("localStorage.clear()")
    browser.open(url)
    return browser


def shown(page):
    return page.run("[...document.querySelectorAll('.claim')].filter(x => !x.hidden).length")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_nothing_complains_overflows_or_is_faint(page, url, width, scheme):
    page.size(width)
    page.media(scheme)
    page.open(url)
    for opened in ("false", "true"):
        page.run(f"document.querySelectorAll('details').forEach(x => {{ x.open = {opened}; }})")
        page.run("new Promise(done => setTimeout(done, 200))")
        assert page.run("document.documentElement.scrollWidth") == width
        seen, faint = page.run(FAINT)
        assert seen > 100
        assert faint == []
    assert page.run("getComputedStyle(document.documentElement).colorScheme") == scheme
    assert page.complaints() == []
    assert {one for one in page.fetched() if not one.startswith("data:")} == {url}


LONG = "n" * 300


@pytest.fixture(scope="module")
def long_url(tmp_path_factory, results):
    """A page in which everything a user names is one word of 300 letters."""
    folder = shutil.copytree(results, tmp_path_factory.mktemp("long") / "r")
    document = read(folder / "report.json").as_dict()
    for claim in document["claims"]:
        claim |= dict.fromkeys(("statement", "reason", "source", "statistic_name"), LONG)
        claim["id"] += LONG
        claim["evidence"] = {LONG: {LONG: {LONG: [LONG, 5, LONG]}}, "list": ["אבג", 5, 7]}
        for one in claim["formulas"]:
            one |= {"name": LONG, "source": LONG, "rebuilt_from": LONG, "latex": LONG}
    for cell in document["cells"]:
        document["claims"][0]["worst_cell"] = cell["name"] = LONG
    for figure in document["figures"]:
        figure |= {"name": LONG, "caption": LONG}
    for group in document["constants"]:
        group["failures"] = {LONG: LONG}
    document["provenance"]["settings"] = {"theorem": LONG, "title": LONG, LONG: LONG}
    for part in ("claims", "cells", "constants", "figures"):
        for one in document[part]:
            one["regime"] = LONG
    return save_page(Report.model_validate(document), folder).as_uri()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_word_of_any_length_does_not_overflow(page, long_url, width):
    page.size(width)
    page.open(long_url)
    for opened in ("false", "true"):
        page.run(f"document.querySelectorAll('details').forEach(x => {{ x.open = {opened}; }})")
        page.run("new Promise(done => setTimeout(done, 200))")
        assert page.run("document.documentElement.scrollWidth") == width
    narrow = (
        "[...document.querySelectorAll('.claim .id')].map(x => x.getBoundingClientRect().width)"
    )
    assert min(page.run(narrow)) > 38
    assert page.complaints() == []


def test_a_name_that_is_read_from_the_right_moves_nothing_behind_it(page, long_url):
    page.open(long_url)
    page.run("document.querySelectorAll('details').forEach(x => { x.open = true; })")
    name, rest = page.run(
        "(() => { const one = [...document.querySelectorAll('bdi')].find("
        "x => x.textContent === 'אבג'); const range = document.createRange();"
        "range.selectNode(one.nextSibling);"
        "return [one, range].map(x => x.getBoundingClientRect().left); })()"
    )
    assert rest > name


def test_filters_and_search_show_what_fits(page):
    assert shown(page) == 14
    assert page.run("document.querySelector('#shown').textContent") == "14 of 14 shown"
    page.click("[data-value=VIOLATED]")
    assert shown(page) == 2
    assert page.run("document.querySelector('[data-value=VIOLATED]').ariaPressed") == "true"
    page.click("[data-value='HOLDS (weak test)']")
    assert shown(page) == 3
    page.click("[data-value=HOLDS]")
    assert shown(page) == 4
    page.click("[data-value=harmful]")
    assert shown(page) == 2
    assert page.run("document.querySelector('#regime-benign').checkVisibility()") is False
    page.click("[data-value=HOLDS]")
    assert shown(page) == 1
    page.click("#reset")
    assert shown(page) == 14
    page.click("#find")
    page.call("Input.insertText", text="number 4 inconclusive")
    assert shown(page) == 2
    page.call("Input.insertText", text=" nosuchword")
    assert shown(page) == 0
    assert page.run("document.querySelector('#none').checkVisibility()") is True
    assert page.complaints() == []


def test_a_claim_opens_with_its_formula_figure_and_sentence(page):
    claim = "document.querySelector('#benign-b2')"
    assert page.run(f"{claim}.open") is False
    page.click("#benign-b2 summary")
    assert page.run(f"{claim}.open") is True
    page.run("new Promise(done => setTimeout(done, 200))")
    formula = page.run(
        f"(() => {{ const one = {claim}.querySelector('math');"
        "const box = one.getBoundingClientRect(), kind = getComputedStyle(one).display;"
        "return [kind, box.width, box.height, one.querySelectorAll('msup').length]; })()"
    )
    assert formula[0] == "block math"
    assert formula[1] > 100
    assert formula[2] > 15
    assert formula[3] >= 2
    picture = f"{claim}.querySelector('.copies img')"
    assert page.run(f"{picture}.decode().then(() => {picture}.naturalWidth)") >= 400
    assert "as " in page.run(f"{claim}.querySelector('.sentence').textContent")
    page.click("#open-all")
    assert page.run("[...document.querySelectorAll('.claim')].every(x => x.open)") is True
    page.click("#close-all")
    assert page.run("[...document.querySelectorAll('.claim')].some(x => x.open)") is False


def test_links_open_what_hides_their_target(page, url):
    page.open(f"{url}#harmful-b3")
    assert page.run("document.querySelector('#harmful-b3').open") is True
    page.click("[data-value=benign]")
    page.run("location.hash = 'harmful-b1'")
    page.run("new Promise(done => setTimeout(done, 100))")
    assert page.run("document.querySelector('#harmful-b1').checkVisibility()") is True
    assert page.run("document.querySelector('#harmful-b1').open") is True


def test_the_sentence_is_copied_or_selected(page):
    page.click("#benign-b1 summary")
    page.click("#benign-b1 .copy")
    page.run("new Promise(done => setTimeout(done, 100))")
    assert page.run("document.querySelector('#benign-b1 .copy').textContent") in (
        "Copied",
        "Selected",
    )
    assert page.complaints() == []


def test_the_theme_is_the_systems_until_the_reader_chooses(page, url):
    back = "getComputedStyle(document.body).backgroundColor"
    light = page.run(back)
    page.media("dark")
    dark = page.run(back)
    assert dark != light
    page.click("#theme")
    assert page.run(back) == light
    page.open(url)
    assert page.run(back) == light
    assert page.run("document.querySelector('#theme').textContent") == "Dark"


def test_the_keyboard_reaches_and_opens_everything(page):
    page.key("Tab", 9)
    assert page.run("document.activeElement.className") == "skip"
    assert page.run("document.activeElement.getBoundingClientRect().left") >= 0
    page.key("Enter", 13, "\r")
    assert page.run("document.activeElement.id") == "main"
    seen = set()
    for _ in range(150):
        page.key("Tab", 9)
        seen.add(page.run("document.activeElement.closest('[id]').id"))
        outline = page.run("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
        if page.run("document.activeElement.matches('#benign-b1 > summary')"):
            break
    assert {"find", "filters", "open-all", "benign-b0"} <= seen
    page.key("Enter", 13, "\r")
    assert page.run("document.querySelector('#benign-b1').open") is True


def test_a_screen_reader_finds_landmarks_headings_and_names(page):
    nodes = [
        one
        for one in page.call("Accessibility.getFullAXTree")["nodes"]
        if not one["ignored"] and "role" in one
    ]
    roles = [one["role"]["value"] for one in nodes]
    for landmark in ("banner", "main", "navigation", "contentinfo", "search"):
        assert roles.count(landmark) == 1, landmark
    for one in nodes:
        if one["role"]["value"] in ("button", "link", "searchbox", "image", "DisclosureTriangle"):
            assert one.get("name", {}).get("value"), one
    levels = page.run(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map(x => Number(x.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert page.run("document.documentElement.lang") == "en"


def test_without_scripts_all_can_be_read(page, url):
    page.scripts(False)
    try:
        page.open(url)
        page.click("#benign-b2 summary")
        seen = page.run(
            "[document.querySelector('#benign-b2').open,"
            "document.querySelector('#benign-b2 math').checkVisibility(),"
            "document.querySelectorAll('.claim').length,"
            "document.querySelector('#filters').checkVisibility(),"
            "document.querySelectorAll('figure img').length]"
        )
    finally:
        page.scripts(True)
    assert seen == [True, True, 14, False, 15]


def test_on_paper_every_claim_is_open_evidence_as_it_was_and_dark_ink_on_white(page, url):
    page.media("dark")
    page.open(url)
    facts = "document.querySelector('#benign-b2 .facts').checkVisibility()"
    evidence = "document.querySelector('#benign-b2 .evidence ul').checkVisibility()"
    assert page.run(facts) is False
    page.media("dark", kind="print")
    assert page.run(facts) is True
    assert page.run(evidence) is False
    page.run("document.querySelector('#benign-b2 .evidence').open = true")
    assert page.run(evidence) is True
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run("document.querySelector('#filters').checkVisibility()") is False
    assert page.paper().startswith(b"%PDF")


def test_filters_are_in_the_address_and_counts_press_them(page, url):
    page.open(url)
    page.click(".counts a[href='#verdict=VIOLATED']")
    page.run("new Promise(done => setTimeout(done, 100))")
    assert shown(page) == 2
    page.click("[data-value=harmful]")
    assert page.run("location.hash") == "#verdict=VIOLATED&regime=harmful"
    page.open(f"{url}#verdict=VIOLATED&regime=harmful")
    assert shown(page) == 1
    page.click("#reset")
    assert shown(page) == 14
    assert page.run("location.hash") in ("", "#")
    page.open(f"{url}#verdict=HOLDS&find=nosuchword")
    assert shown(page) == 0
    assert page.complaints() == []


def test_a_bare_id_opens_the_claim_and_its_link_is_copied(page, url):
    page.open(f"{url}#B3")
    assert page.run("document.querySelector('#benign-b3').open") is True
    page.click("#benign-b3 .link")
    page.run("new Promise(done => setTimeout(done, 100))")
    said = page.run("document.querySelector('#benign-b3 .link').textContent")
    assert said in ("Copied", "In the address bar")


def test_the_chart_shows_each_problem_and_values_under_the_pointer(page, tmp_path):
    rows = [
        {"drawing": "problems", "panel": panel, "kind": kind, "series": name, "step": step,
         "value": -float(step) * scale, "low": -float(step) * scale - 1, "high": 0.0}
        for panel in "ab" for kind, name, scale in (("median", "runs", 1.0), ("bound", "B2", 0.1))
        for step in (0, 1, 10, 100)
    ]  # fmt: skip
    rows += [
        {"drawing": "problems", "panel": panel, "kind": kind, "series": series}
        for panel, n in (("a", 4), ("b", 8))
        for kind, series in (("cell", f"$N = {n}$; inside Assumption 4.1"), ("about", "excess"))
    ]
    report = Report.model_validate_json(REAL.read_text("utf-8"))
    text = render_page(report, {}, {"benign-problems": Table(tuple(rows)).to_csv()})
    (tmp_path / "page.html").write_text(text, "utf-8")
    page.size(900)
    page.open(f"file://{tmp_path}/page.html")
    assert page.run("[...document.querySelector('#problem').options].map(x => x.text)") == [
        "N = 4; inside Assumption 4.1", "N = 8; inside Assumption 4.1",
    ]  # fmt: skip
    assert page.run("document.querySelectorAll('#chart polyline').length") == 2
    page.click("#chart svg")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=500, y=400)
    assert "runs: " in page.run("document.querySelector('#readout').textContent")
    page.click("#linear")
    assert page.run("document.querySelector('#chart svg').textContent").count("100") >= 1
    assert page.complaints() == []


def test_the_first_screen_answers_and_fits_a_phone_and_a_desk(page, tmp_path):
    report = Report.model_validate_json(REAL.read_text("utf-8"))
    (tmp_path / "page.html").write_text(render_page(report, {}), "utf-8")
    for width in WIDTHS:
        page.size(width)
        page.open(f"file://{tmp_path}/page.html")
        assert page.run("document.documentElement.scrollWidth") == width
    page.size(1400, 900)
    page.open(f"file://{tmp_path}/page.html")
    seen = page.run(
        "[...document.querySelectorAll('.findings li, .strip li')].filter(x => "
        "x.getBoundingClientRect().bottom < 900).map(x => x.textContent).join(' | ')"
    )
    for answer in (
        "Theorem 4.2 (benign overfitting) holds in part: stage 2 holds; stage 1 says nothing",
        "Theorem 4.3 (harmful overfitting) holds in part",
        "harmful to the loss alone",
        "nothing fitted, is off in the median",
    ):
        assert answer in seen
    assert len((tmp_path / "page.html").read_bytes()) < 3e6
