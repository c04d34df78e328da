"""The scaling benchmark measures what it says, and its tables say what was measured."""

import json

import pytest

from scaling import main
from scaling_table import main as write_tables
from scaling_table import render


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    path = tmp_path_factory.mktemp("scaling") / "scaling.json"
    few = ["--plan", "100", "200", "--adds", "2", "--memory", "100", "--every", "1000"]
    args = [*few, "--workers", "--cells", "1", "--steps", "5", "--json", str(path)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("heatmap.start_up_seconds", lambda: 1.0)
        assert main(args) == 0
    return json.loads(path.read_text(encoding="utf-8"))


def test_everything_is_measured(document):
    assert [one["cells"] for one in document["plan"]] == [100, 200]
    for one in document["plan"]:
        assert all(one[key] > 0 for key in ("read", "plan_empty", "open", "plan_full", "add"))
    assert document["memory"][0]["peak_bytes"] > 50e6  # no interpreter with numba needs less
    seconds = document["heatmap"]["seconds"]
    assert document["heatmap"]["cells"] == 1
    assert 0 < seconds["storing"] < seconds["total"]
    assert [one["workers"] for one in document["workers"]] == [0]


@pytest.mark.parametrize(("load", "word"), [(0.1, "met"), (0.1, "missed"), (9.0, "not judged")])
def test_tables_judge_only_a_quiet_machine(document, load, word):
    seconds = {"storing": 6.0 if word == "missed" else 4.0, "total": 106.0}
    plan = [{**document["plan"][0], "cells": 10**5, "open": 2.0 if word == "missed" else 0.5}]
    changed = {
        **document,
        "machine": {**document["machine"], "load": load, "cores": 2},
        "heatmap": {"cells": 1, "seeds": 20, "seconds": seconds},
        "plan": plan,
    }
    text = render(changed)
    assert text.count(f": {word}.") == 2
    assert ("Provisional" in text) == (load > 1)
    assert "| 10⁵ |" in text
    assert "| none: one process, all cores |" in text


def test_the_page_part_is_written(document, tmp_path):
    (tmp_path / "numbers.json").write_text(json.dumps(document), encoding="utf-8")
    out = tmp_path / "deep" / "scaling.md"
    assert write_tables([str(tmp_path / "numbers.json"), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == render(document)
