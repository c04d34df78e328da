"""The report: strict JSON, of the published shape, saying what the objects say."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bofcheck.compare.report.document import report_document
from bofcheck.compare.report.jsonable import jsonable
from bofcheck.compare.report.models import Report, report_schema
from bofcheck.compare.verify import Verification


def refuse(token: str) -> None:
    raise AssertionError(f"{token} is no JSON")


@pytest.fixture(scope="module")
def document(verification: Verification) -> dict[str, Any]:
    text = json.dumps(report_document(verification), allow_nan=False)
    loaded: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return loaded


def test_it_has_the_published_shape(document: dict[str, Any]) -> None:
    TypeAdapter(Report).validate_python(document)
    json.dumps(report_schema(), allow_nan=False)


@pytest.mark.parametrize("where", ["claims", "cells", "provenance"])
def test_the_shape_is_strict(document: dict[str, Any], where: str) -> None:
    TypeAdapter(Report).validate_python(document)
    part = document[where][0] if isinstance(document[where], list) else document[where]
    changed = {**part, "surprise": 1}
    broken = {**document, where: [changed] if isinstance(document[where], list) else changed}
    with pytest.raises(ValidationError):
        TypeAdapter(Report).validate_python(broken)


def test_claims_say_what_the_verdicts_say(
    document: dict[str, Any], verification: Verification
) -> None:
    assert len(document["claims"]) == len(verification.verdicts)
    for entry, verdict in zip(document["claims"], verification.verdicts, strict=True):
        assert (entry["id"], entry["verdict"]) == (verdict.claim, verdict.status.value)
        assert (entry["scope"], entry["provenance"]) == (verdict.scope, verdict.provenance)
        assert entry["threshold"] == verdict.threshold
    statistics = [entry["statistic"] for entry in document["claims"]][:6]
    assert statistics == [0.0123, 0.07, None, None, "inf", -1.0]
    assert document["claims"][0]["evidence"] == {"nan": None, "inf": ["-inf", 1.5], "n": 0}
    assert document["counts"] == {
        "HOLDS": 2, "VIOLATED": 2, "VACUOUS": 2, "INCONCLUSIVE": 2, "OUT_OF_SCOPE": 2, "ERROR": 2,
    }  # fmt: skip


def test_cells_and_assumptions_say_what_the_studies_say(
    document: dict[str, Any], verification: Verification
) -> None:
    results = [result for study in verification.studies for result in study.results]
    assert [entry["name"] for entry in document["cells"]] == [one.cell.name for one in results]
    for cell, rows, result in zip(document["cells"], document["assumptions"], results, strict=True):
        assert cell["problem"] == result.cell.problem.model_dump()
        assert (cell["steps"], cell["seeds"]) == (400, 6)
        assert cell["n_snr2"] == pytest.approx(10 * result.cell.problem.snr**2)
        for name, steps in result.events.items():
            reached = sorted(step for step in steps if math.isfinite(step))
            assert cell["events"][name]["reached"] == len(reached)
            if reached:
                middle = (reached[(len(reached) - 1) // 2] + reached[len(reached) // 2]) / 2
                assert cell["events"][name]["median"] == pytest.approx(middle)
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
            study.constants.widened()
        )
        assert {one["name"]: one["fitted"] for one in entry["constants"]} == pytest.approx(
            study.constants.values()
        )
        assert entry["failures"] == dict(study.constants.failures)


def test_the_same_verification_gives_the_same_report(verification: Verification) -> None:
    assert report_document(verification) == report_document(verification)


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
