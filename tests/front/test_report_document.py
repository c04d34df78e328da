"""The report: strict JSON, of the published shape, saying what the objects say."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bofcheck.compare import report
from bofcheck.compare.figures import cell_drawings, figures_of
from bofcheck.compare.report import Report, report_schema
from bofcheck.compare.report.jsonable import jsonable
from bofcheck.compare.verify import Verification


def refuse(token: str) -> None:
    raise AssertionError(f"{token} is not JSON")


@pytest.fixture(scope="module")
def document(verification: Verification) -> dict[str, Any]:
    text = report.document(verification).text()
    loaded: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return loaded


def test_it_has_the_published_shape(document: dict[str, Any]) -> None:
    Report.model_validate(document)
    json.dumps(report_schema(), allow_nan=False)


@pytest.mark.parametrize("where", ["claims", "cells", "provenance"])
def test_the_shape_is_strict(document: dict[str, Any], where: str) -> None:
    Report.model_validate(document)
    part = document[where][0] if isinstance(document[where], list) else document[where]
    changed = {**part, "surprise": 1}
    broken = {**document, where: [changed] if isinstance(document[where], list) else changed}
    with pytest.raises(ValidationError):
        Report.model_validate(broken)


def test_claims_say_what_the_verdicts_say(
    document: dict[str, Any], verification: Verification
) -> None:
    assert len(document["claims"]) == len(verification.verdicts)
    for entry, verdict in zip(document["claims"], verification.verdicts, strict=True):
        assert (entry["id"], entry["verdict"]) == (verdict.claim, verdict.status.value)
        assert (entry["scope"], entry["provenance"]) == (verdict.scope, verdict.provenance)
        assert entry["threshold"] == verdict.threshold
    statistics = [entry["statistic"] for entry in document["claims"]][:7]
    assert statistics == [0.0123, 0.07, 0.04, None, None, "inf", -1.0]
    assert document["claims"][0]["evidence"] == {"nan": None, "inf": ["-inf", 1.5], "n": 0}
    assert document["counts"] == {
        "HOLDS": 2, "VIOLATED": 2, "ERODES": 2, "VACUOUS": 2, "INCONCLUSIVE": 2, "OUT_OF_SCOPE": 2,
        "ERROR": 2,
    }  # fmt: skip


def test_what_a_verdict_would_have_rejected_is_told(
    document: dict[str, Any], verification: Verification
) -> None:
    weak, _, eroding, *rest = document["claims"][:7]
    assert [weak["weak"], eroding["weak"]] == [True, False]
    assert all(entry["discrimination"] is None for entry in rest)
    beside = weak["discrimination"]
    assert (beside["rejected"], beside["tried"]) == (1, 3)
    assert beside["looseness"] == "at least 2.1× above the data, typically 10×"
    assert [number["word"] for number in beside["shape"]["numbers"]] == [
        "sharp", "untested", "untested",
    ]  # fmt: skip
    assert beside["shape"]["numbers"][2]["low"] == "-inf"
    assert beside["wrong_powers"][3]["power"] is None
    for entry, verdict in zip(
        report.document(verification).claims, verification.verdicts, strict=True
    ):
        assert entry.word == verdict.word
        assert (entry.discrimination and entry.discrimination.found) == verdict.discrimination


def test_cells_and_assumptions_say_what_the_studies_say(
    document: dict[str, Any], verification: Verification
) -> None:
    results = [result for study in verification.studies for result in study.results]
    assert [entry["name"] for entry in document["cells"]] == [one.cell.name for one in results]
    for cell, rows, result in zip(document["cells"], document["assumptions"], results, strict=True):
        assert cell["problem"] == result.cell.problem.model_dump()
        assert (cell["steps"], cell["seeds"]) == (400, 6)
        assert cell["n_snr2"] == pytest.approx(10 * result.cell.problem.snr**2, rel=1e-6, abs=0.0)
        for name, steps in result.events.items():
            reached = sorted(step for step in steps if math.isfinite(step))
            assert cell["events"][name]["reached"] == len(reached)
            if reached:
                middle = (reached[(len(reached) - 1) // 2] + reached[len(reached) // 2]) / 2
                assert cell["events"][name]["median"] == pytest.approx(middle, rel=1e-6, abs=0.0)
            else:
                assert cell["events"][name]["median"] is None
        assert rows["cell"] == cell["name"]
        assert rows["holds"] is cell["inside"] is result.inside
        assert rows["failing"] == sorted({row["item"] for row in rows["rows"] if not row["holds"]})


def test_constants_say_fitted_and_widened(
    document: dict[str, Any], verification: Verification
) -> None:
    for entry, study in zip(document["constants"], verification.studies, strict=True):
        assert entry["regime"] == study.theorem.regime
        assert {one["name"]: one["widened"] for one in entry["constants"]} == pytest.approx(
            study.constants.widened(), rel=1e-6, abs=0.0
        )
        assert {one["name"]: one["fitted"] for one in entry["constants"]} == pytest.approx(
            study.constants.values(), rel=1e-6, abs=0.0
        )
        assert entry["failures"] == dict(study.constants.failures)


def test_the_same_verification_gives_the_same_report(verification: Verification) -> None:
    assert report.document(verification) == report.document(verification)


def test_a_report_that_is_read_is_the_one_that_was_written(
    verification: Verification, tmp_path: Path
) -> None:
    written = report.write(verification, tmp_path / "mine")
    assert report.read(tmp_path / "mine") == written.report
    assert report.read(written.json).text() == written.json.read_bytes()
    planned = [figure.name for figure in figures_of(verification)]
    assert [figure.name for figure in written.report.figures] == planned
    assert written.page.read_text("utf-8").count("data:image/png") == len(planned)


STORED = Path(__file__).with_name("report.json")


def test_a_stored_report_round_trips_byte_for_byte() -> None:
    assert report.read(STORED).text() == STORED.read_bytes()


def test_a_report_cannot_be_changed(verification: Verification) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        report.document(verification).counts = {}  # type: ignore[misc]


def test_a_verification_is_put_beside_what_the_folder_has(
    verification: Verification, tmp_path: Path
) -> None:
    benign, harmful = (
        replace(
            verification,
            studies=(study,),
            verdicts=tuple(v for v in verification.verdicts if v.regime == study.theorem.regime),
        )
        for study in verification.studies
    )
    report.write(benign, tmp_path)
    both = report.write(harmful, tmp_path, merge=True).report
    whole = report.document(verification)
    assert (both.claims, both.counts, both.cells) == (whole.claims, whole.counts, whole.cells)
    assert len(both.figures) == len(figures_of(verification)) > 2 * len(cell_drawings())
    nothing = replace(verification, studies=(), verdicts=())
    drawn = {"name": "new", "regime": "", "caption": "", "files": [], "claims": ["B2"]}
    more = report.write(nothing, tmp_path, figures=[drawn], merge=True).report
    assert [figure.name for figure in more.figures[len(both.figures) :]] == ["new"]
    assert more.model_copy(update={"figures": both.figures}) == both


def test_the_decision_on_a_claim_is_kept_by_itself(
    verification: Verification, tmp_path: Path
) -> None:
    entries = report.write_claims(verification, tmp_path).as_dict()["claims"]
    assert not (tmp_path / "report.json").exists()
    for name in ("B0", "B4"):
        assert report.last_evidence(tmp_path, name) == [e for e in entries if e["id"] == name]


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers() | st.booleans()
TREES = st.recursive(
    NUMBERS | st.none() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(TREES)
def test_jsonable_is_strict_json_and_keeps_finite_numbers(tree: object) -> None:
    once = jsonable(tree)
    assert json.loads(json.dumps(once, allow_nan=False), parse_constant=refuse) == once
    assert jsonable(once) == once


def test_jsonable_takes_arrays_and_refuses_objects() -> None:
    assert jsonable({"x": np.array([[1, 2]]), "y": np.float64("nan")}) == {"x": [[1, 2]], "y": None}
    with pytest.raises(TypeError, match="object"):
        jsonable({"x": object()})
