"""A failure that no bound's room shows is drawn: its parts against what was asked of them."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from bofcheck.compare import Status, all_claims
from bofcheck.compare.figures import Style, draw, verdict_drawings
from bofcheck.compare.figures.table import Table
from bofcheck.compare.verdict import Scope, Verdict
from bofcheck.theory import Provenance, benign

DRAWING = verdict_drawings()["evidence"]
STUDY = SimpleNamespace(theorem=benign)
CELLS = [
    {"cell": "one", "runs": 8, "violations": 8},
    {"cell": "two", "runs": 8, "violations": 0},
    {"cell": "none", "runs": 0, "violations": 0},
]


def verdict(evidence, claim="R4", status=Status.VIOLATED, relation="<=", threshold=0.05):
    return Verdict(
        claim, "a statement", status, "a reason", Scope.INSIDE, Provenance.DERIVED, "a test",
        statistic=0.5, statistic_name="a number", relation=relation, threshold=threshold,
        evidence=evidence, regime="benign",
    )  # fmt: skip


def table_of(one):
    return Table.from_csv(DRAWING.measure(STUDY, [one]).to_csv())


def test_runs_are_shown_by_cell_with_exact_intervals():
    table = table_of(verdict({"cells": CELLS, "all": {}}))
    assert table.texts("part") == ["one", "two"]
    assert table.column("value").tolist() == [1.0, 0.0]
    # Clopper and Pearson: 0.025^(1/8) and 1 - 0.025^(1/8)
    ends = np.concatenate([table.column("low"), table.column("high")])
    assert ends == pytest.approx([0.6306, 0.0, 1.0, 0.3694], rel=1e-3, abs=1e-12)


@pytest.mark.parametrize(
    ("evidence", "relation", "values"),
    [
        ({"cells": {"a": {"q": 1e-3, "one_over_d": 1e-6}}, "runs_drawn": 0}, "<=", [3.0]),
        ({"chains": {"p = 0": {"score": -7.0}, "p = 0.1": {"score": 2.0}}}, ">=", [-7.0, 2.0]),
        ({"share_by_flip_prob": {"0": 0.03, "0.1": 0.9}}, ">=", [0.03, 0.9]),
        ({"pairs_of_flip_probabilities": {"0, 0.1": {"correlation": 0.5, "low": 0.4,
                                                      "high": 0.6}}}, ">=", [0.5]),
        ({"stretch_over_fast_stretch": {"c": {"before": 0.02, "after": 30.0, "shorter_low": 0.01,
                                              "shorter_high": 0.03}}}, ">=", [0.02]),
        ({"by_flip_prob": {"0": {"low": -0.3, "high": 0.1, "fall_by_snr": {"0.1": -0.1,
                                                                        "0.4": 0.15}}}},
         ">=", [-0.05]),
        ({"fitted": {"SNR": {"power": 1.7, "interval_95": [1.6, 1.8]}},
          "law_powers": {"SNR": 2.0}}, "<=", [-0.3]),
        ({"compared": {"B7": {"off": {"verdict": "HOLDS"}, "on": {"verdict": "HOLDS"}},
                       "M2": {"off": {"verdict": "HOLDS"}, "on": {"verdict": "VIOLATED"}}}},
         "<=", [0.0, 1.0]),
        ({"interval_95": [1.0, 1.1]}, "<=", [1.05]),
        ({"cells": {"a": {"median": 1.2, "low": 1.1, "high": 1.3}}, "law": 1.0}, "<=", [0.2]),
        ({"judged_at": 0.1, "rungs": [
            {"role": "held out", "strength": 0.05, "score": 0.2, "standard_error": 0.1, "d": 100},
            {"role": "held out", "strength": 0.5, "score": 0.1, "standard_error": 0.1, "d": 100},
            {"role": "calibration", "strength": 0.05, "score": 0.9, "standard_error": 0.1,
             "d": 100}]}, ">=", [0.2]),
        ({"anything": 1}, "<=", [0.5]),
    ],
)  # fmt: skip
def test_the_parts_of_an_evidence_are_its_numbers(evidence, relation, values):
    one = verdict(evidence, relation=relation)
    table = table_of(one)
    assert table.column("value") == pytest.approx(values, rel=1e-9, abs=1e-12)
    (ax,) = draw(table, Style()).axes
    low, high = ax.get_xlim()
    assert low < min(values) <= max(values) < high


def test_of_many_parts_the_worst_are_drawn():
    chains = {f"chain {score}": {"score": float(score)} for score in range(40)}
    table = table_of(verdict({"chains": chains}, relation=">=", threshold=2.0))
    assert table.column("value").tolist() == list(range(24))
    assert table.rows[0]["parts"] == 40


@pytest.mark.parametrize("width", ["own", "one", "two"])
@pytest.mark.parametrize("length", [4, 60])
def test_nothing_is_cut_off(length, width):
    chains = {f"{'word ' * (length // 5)}{score}": {"score": float(score)} for score in range(9)}
    figure = draw(table_of(verdict({"chains": chains}, relation=">=")), Style(width=width))
    FigureCanvasAgg(figure).draw()
    page = figure.bbox.padded(1)
    (ax,) = figure.axes
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    for box in boxes:
        assert page.contains(box.x0, box.y0)
        assert page.contains(box.x1, box.y1)
    for first, second in itertools.pairwise(boxes):
        assert not first.overlaps(second)
    assert ax.get_window_extent().width > 0.3 * figure.bbox.width


def test_failures_alone_are_drawn_and_not_what_other_figures_show():
    failing = verdict({})
    assert DRAWING.shows(STUDY, failing)
    assert not DRAWING.shows(STUDY, verdict({}, status=Status.HOLDS))
    assert not DRAWING.shows(STUDY, verdict({}, claim="B2"))  # its room shows it
    assert not DRAWING.shows(STUDY, verdict({}, claim="B2C"))
    assert not DRAWING.shows(STUDY, verdict({"law": "1/eta"}, claim="B4"))  # its times show it
    assert {"R4", "E1", "H7"} <= set(all_claims())
