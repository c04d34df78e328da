"""Figures of a user-supplied theorem: a user's names and numbers may be anything."""

import json

import pytest

from bofcheck.compare.figures import draw, study_figures
from bofcheck.compare.figures.drawings import bound as bound_drawing
from bofcheck.compare.figures.panels import literal
from bofcheck.compare.figures.table import Table

THEOREM = """
name = "x"
title = "T"
source = "s"
provenance = "DERIVED"
[[stages]]
name = "all"
[[stages.bounds]]
name = "S1"
quantity = "loss"
excess = "1"
[[stages.bounds]]
name = "S2"
quantity = "loss"
excess = "2"
"""
PLAIN = ("c", (0, 10), (0.5,))
#: A cell's name, its steps, and the values its runs take in turn.
CURVES = {
    "a name that is no formula": (r"$\frac{$", (0, 10), (0.5,)),
    "letters no font has": ("\U0001f600\u6570", (0, 10), (0.5,)),
    "a direction override": ("a\u202eb", (0, 10), (0.5,)),
    "one step": ("c", (0,), (0.5,)),
    "the largest numbers": ("c", (0, 10), (-1e308, 1e308)),
    "far apart": ("c", (0, 10), (5e-324, 1e308)),
}


@pytest.fixture
def verify(tmp_path, bofcheck):
    """Check a theorem on curves: exit code and what is on standard error."""
    (tmp_path / "x.toml").write_text(THEOREM)

    def call(cell, steps, values):
        rows = [
            f'"{cell}",{run},{step},{values[run % len(values)]!r}'
            for run in range(140)
            for step in steps
        ]
        (tmp_path / "c.csv").write_text("\n".join(["cell,run,step,loss", *rows]), "utf-8")
        code, _, err = bofcheck(
            "verify", "--theorem", "x.toml", "--data", "c.csv", "--out", "r", "--quiet"
        )
        return code, err

    return call


@pytest.mark.parametrize("curves", CURVES.values(), ids=CURVES)
def test_whatever_the_curves_are_called_and_hold_is_drawn_in_silence(tmp_path, verify, curves):
    code, err = verify(*curves)
    assert (code, err) == (int(max(curves[2]) > 1), "")
    assert len(json.loads((tmp_path / "r" / "report.json").read_text())["figures"]) == 3
    assert (tmp_path / "r" / "report.html").read_text("utf-8").count("data:image/png") == 3


def test_a_single_step_is_a_point_to_see(tmp_path, verify):
    verify("c", (0,), (0.5,))
    table = Table.from_csv((tmp_path / "r" / "tables" / "x-S1.csv").read_text("utf-8"))
    (ax,) = draw(table).axes
    median = next(line for line in ax.get_lines() if line.get_label() == "loss")
    assert median.get_marker() == "."


def test_dollars_of_a_user_are_dollars():
    assert literal(r"a $\frac{$ \$") == r"a \$\frac{\$ \\$"
    rows = [
        {"kind": "median", "series": "$q$ $", "step": 0, "value": 1.0, "low": 1.0, "high": 1.0},
        {"kind": "bound", "series": "upper bound $B$", "step": 0, "value": 2.0},
        {"kind": "cell", "series": "$x$"},
        {"kind": "about", "series": "excess over $p$"},
    ]
    table = Table(tuple({"drawing": "bounded", "panel": "a", **row} for row in rows))
    figure = draw(table)
    (ax,) = figure.axes
    assert ax.get_ylabel() == r"\$q\$ \$"
    assert ax.get_title(loc="left") == "\\$x\\$\nexcess over $p$"
    (legend,) = figure.legends
    named = [text.get_text() for text in legend.get_texts()]
    assert named == [r"\$q\$ \$", r"upper bound \$B\$"]


def test_a_figure_that_fails_takes_nothing_with_it(tmp_path, verify, monkeypatch):
    assert verify(*PLAIN) == (0, "")
    real = bound_drawing.measure

    def measure(study, result, bound):
        if bound.name == "S1":
            raise ValueError("no\nroom")
        return real(study, result, bound)

    monkeypatch.setattr(bound_drawing, "measure", measure)
    code, err = verify(*PLAIN)
    assert (code, err) == (0, "bofcheck: figure x-S1 was not drawn: ValueError: no room\n")
    folder = tmp_path / "r"
    report = json.loads((folder / "report.json").read_text())
    assert [figure["name"] for figure in report["figures"]] == ["x-S2", "x-measured"]
    assert report["counts"]["HOLDS"] == 2
    assert (folder / "report.html").read_text("utf-8").count("data:image/png") == 2
    left = {path.name for part in ("figures", "tables") for path in (folder / part).iterdir()}
    drawn = {f"{name}.{form}" for name in ("x-S2", "x-measured") for form in ("png", "pdf", "csv")}
    assert left == drawn  # of S1 not even the earlier one


def test_a_full_disk_stops_the_command_and_not_only_one_figure(verify, monkeypatch):
    def full(path, parts):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(study_figures, "write_atomically", full)
    code, err = verify(*PLAIN)
    assert code == 3
    assert "No space left" in err


def test_names_of_a_user_neither_reverse_nor_style_what_is_printed(tmp_path, verify, bofcheck):
    assert verify("a\u202eb\x1b[2J[bold]", (0, 10), (0.5,))[0] == 0
    (tmp_path / "x.toml").write_text(THEOREM.replace('"T"', r'"T\u202eX [/bold]"'))
    code, out, err = bofcheck("verify", "--theorem", "x.toml", "--data", "c.csv", "--out", "r")
    assert (code, err) == (0, "")
    assert r"T\u202eX [/bold]: 2 statements" in out
    assert r"a\u202eb\x1b[2J[bold]" in out
    assert not {"\u202e", "\x1b"} & set(out)
