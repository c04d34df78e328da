"""Bad input: one line on standard error, exit code 2, no traceback, nothing written."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bofcheck.simulate import Problem, TrajectoryStore, train

CASES = {
    "unknown command": ["verfy"],
    "unknown option of the group": ["--colour"],
    "regime": ["verify", "--regime", "neutral"],
    "preset": ["verify", "--preset", "nosuch"],
    "preset that is a file here": ["verify", "--preset", "../quick"],
    "no seeds": ["verify", "--seeds", "0"],
    "negative seeds": ["verify", "--seeds", "-3"],
    "seeds in words": ["verify", "--seeds", "many"],
    "engine": ["verify", "--engine", "warp"],
    "device of span": ["verify", "--device", "nowhere"],
    "fail-on": ["verify", "--fail-on", "sometimes"],
    "misspelt option": ["verify", "--jsn"],
    "extra argument": ["verify", "benign"],
    "option without value": ["verify", "--out"],
    "verify into a file": ["verify", "--out", "easy.toml"],
    "verify below a file": ["verify", "--out", "easy.toml/deeper"],
    "verify into a foreign folder": ["verify", "--out", "foreign"],
    "verify into simulate's folder": ["verify", "--out", "results"],
    "no problem": ["simulate"],
    "no out": ["simulate", "easy.toml"],
    "absent problem": ["simulate", "absent.toml", "--out", "new"],
    "folder as problem": ["simulate", "foreign", "--out", "new"],
    "bytes as problem": ["simulate", "bytes.toml", "--out", "new"],
    "no TOML": ["simulate", "broken.toml", "--out", "new"],
    "unknown key": ["simulate", "key.toml", "--out", "new"],
    "value too large": ["simulate", "value.toml", "--out", "new"],
    "value of another type": ["simulate", "type.toml", "--out", "new"],
    "name starts with a dot": ["simulate", ".toml", "--out", "new"],
    "simulate no seeds": ["simulate", "easy.toml", "--seeds", "0", "--out", "new"],
    "no steps": ["simulate", "easy.toml", "--steps", "0", "--out", "new"],
    "half steps": ["simulate", "easy.toml", "--steps", "1.5", "--out", "new"],
    "log in words": ["simulate", "easy.toml", "--log", "often", "--out", "new"],
    "log every 0": ["simulate", "easy.toml", "--log", "every:0", "--out", "new"],
    "simulate engine": ["simulate", "easy.toml", "--engine", "Span", "--out", "new"],
    "simulate device": ["simulate", "easy.toml", "--device", "tpu", "--out", "new"],
    "simulate into a file": ["simulate", "easy.toml", "--out", "easy.toml"],
    "simulate into a foreign folder": ["simulate", "easy.toml", "--out", "foreign"],
    "simulate with other options": ["simulate", "easy.toml", "--seeds", "3", "--out", "results"],
    "export nothing": ["export", "absent", "--to", "csv", "--out", "new.csv"],
    "export a file": ["export", "easy.toml", "--to", "csv", "--out", "new.csv"],
    "export a foreign folder": ["export", "foreign", "--to", "csv", "--out", "new.csv"],
    "export to an unknown form": ["export", "results", "--to", "xlsx", "--out", "new.csv"],
    "export without a form": ["export", "results", "--out", "new.csv"],
    "export without a file": ["export", "results", "--to", "csv"],
    "export over a file": ["export", "results", "--to", "csv", "--out", "easy.toml"],
    "export over a folder": ["export", "results", "--to", "csv", "--out", "foreign"],
    "export into an absent folder": ["export", "results", "--to", "csv", "--out", "a/new.csv"],
    "export an empty folder": ["export", "empty", "--to", "npz", "--out", "new.npz"],
    "export damaged results": ["export", "damaged", "--to", "csv", "--out", "new.csv"],
    "export damaged settings": ["export", "settings", "--to", "csv", "--out", "new.csv"],
    "sweep of nothing": ["sweep"],
    "sweep of a file and a grid": ["sweep", "sweep.toml", "--grid", "heatmap"],
    "sweep of a file with a preset": ["sweep", "sweep.toml", "--preset", "quick"],
    "sweep grid": ["sweep", "--grid", "heat"],
    "sweep grid that is a block": ["sweep", "--grid", "grid"],
    "sweep preset": ["sweep", "--grid", "heatmap", "--preset", "huge"],
    "sweep no seeds": ["sweep", "sweep.toml", "--seeds", "0"],
    "sweep engine": ["sweep", "sweep.toml", "--engine", "warp"],
    "sweep engine without arrays": ["sweep", "sweep.toml", "--engine", "direct"],
    "sweep device": ["sweep", "sweep.toml", "--device", "cuda"],
    "sweep absent file": ["sweep", "absent.toml"],
    "sweep folder as file": ["sweep", "foreign"],
    "sweep bytes": ["sweep", "bytes.toml"],
    "sweep no TOML": ["sweep", "broken.toml"],
    "sweep of a problem": ["sweep", "easy.toml"],
    "sweep bad cell": ["sweep", "cell.toml"],
    "sweep into a file": ["sweep", "sweep.toml", "--out", "easy.toml"],
    "sweep into a foreign folder": ["sweep", "sweep.toml", "--out", "foreign"],
    "sweep into simulate's folder": ["sweep", "sweep.toml", "--out", "results"],
    "sweep resumes nothing": ["sweep", "sweep.toml", "--out", "new", "--resume"],
    "claims unknown": ["claims", "B99"],
    "claims unknown to run": ["claims", "--run", "Q1"],
    "claims preset": ["claims", "--run", "H7", "--preset", "nosuch"],
    "claims no seeds": ["claims", "--run", "--seeds", "0"],
    "claims seeds without run": ["claims", "B2", "--seeds", "3"],
    "claims into a file": ["claims", "--run", "H7", "--out", "easy.toml"],
    "claims into a foreign folder": ["claims", "--run", "H7", "--out", "foreign"],
    "claims into simulate's folder": ["claims", "--run", "H7", "--out", "results"],
    "claims damaged evidence": ["claims", "B2", "--out", "evidence"],
    "diff of one": ["diff", "report"],
    "diff of nothing": ["diff", "absent", "report"],
    "diff of a folder without a report": ["diff", "foreign", "report"],
    "diff of no JSON": ["diff", "easy.toml", "report"],
    "diff of another JSON": ["diff", "settings.json", "report"],
    "diff of bytes": ["diff", "bytes.toml", "report"],
    "diff tolerance": ["diff", "report", "report", "--tolerance", "-1"],
    "rebuild nothing": ["rebuild", "absent"],
    "rebuild a foreign folder": ["rebuild", "foreign"],
}


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def folder(tmp_path: Path, toml: Path) -> Path:
    problem = Problem.from_file(toml)
    for name in ("results", "damaged"):
        store = TrajectoryStore(tmp_path / name, {"command": "simulate", "seeds": 1})
        store.save("one", train(problem, seeds=1, steps=2))
    arrays = tmp_path / "damaged" / "trajectories" / "one" / "0000.npz"
    arrays.write_bytes(arrays.read_bytes()[:-1])
    TrajectoryStore(tmp_path / "empty", {}).prepare()
    texts = {
        "foreign/thesis.tex": "years of work",
        "settings/settings.json": '{"format": "bofcheck results"',
        "sweep.toml": "seeds = 1\nsteps = 2\n[grid]\nn_samples = [2, 4]\n",
        "cell.toml": "seeds = 1\nsteps = 2\n[grid]\nn_samples = [2, 0]\n",
        "broken.toml": "n_samples = = 4",
        "key.toml": "samples = 4",
        "value.toml": "flip_prob = 0.7",
        "type.toml": 'dim = "large"',
        ".toml": "n_samples = 4",
        "settings.json": '{"format": "bofcheck results"}',
        "evidence/claims/B2.json": '{"claims": [',
        "report/report.json": json.dumps(
            {
                "format": "bofcheck report",
                "schema": 1,
                "counts": {},
                "claims": [],
                "constants": [],
                "leave_one_out": [],
                "assumptions": [],
                "cells": [],
                "provenance": {
                    "bofcheck": "0",
                    "python": "3",
                    "platform": "",
                    "versions": {},
                    "threads": [],
                    "settings": {},
                    "train_seconds": 0.0,
                },
            }
        ),
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    return tmp_path


@pytest.mark.parametrize("args", CASES.values(), ids=CASES)
def test_bad_input_is_one_line_and_changes_nothing(
    folder: Path, bofcheck: Callable[..., tuple[int, str, str]], args: list[str]
) -> None:
    before = snapshot(folder)
    code, out, err = bofcheck(*args)
    assert code == 2, err
    assert out == ""
    assert err.startswith("bofcheck: error: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert "Traceback" not in err
    assert len(err) > len("bofcheck: error: ") + 10
    assert snapshot(folder) == before


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("preset", ["nosuch", "quick"]),
        ("engine", ["warp", "span", "direct"]),
        ("no seeds", ["--seeds", "0"]),
        ("value too large", ["value.toml", "flip_prob", "0.7", "0.5"]),
        ("unknown key", ["samples", "n_samples"]),
        ("log in words", ["often", "geometric:K", "every:K"]),
        ("verify into a file", ["easy.toml", "is a file"]),
        ("export damaged results", ["one/0000.npz", "damaged", "bofcheck rebuild"]),
        ("export over a file", ["easy.toml", "exists"]),
        ("sweep bad cell", ["cell.toml", "n_samples=0", "greater than or equal to 1"]),
        ("sweep grid", ["heat", "boundary, heatmap"]),
        ("sweep resumes nothing", ["new", "--resume"]),
        ("device of span", ["cuda", "cpu"]),
    ],
)
def test_the_line_says_what_and_what_is_allowed(
    folder: Path, bofcheck: Callable[..., tuple[int, str, str]], case: str, words: list[str]
) -> None:
    _, _, err = bofcheck(*CASES[case])
    assert [word for word in words if word not in err] == []


def test_the_same_name_for_another_problem_is_refused(
    folder: Path, toml: Path, bofcheck: Callable[..., tuple[int, str, str]]
) -> None:
    args = ["simulate", toml, "--seeds", 1, "--steps", 3, "--out", "new"]
    assert bofcheck(*args)[0] == 0
    toml.write_text(toml.read_text() + "learning_rate = 0.25\n")
    before = snapshot(folder)
    code, _, err = bofcheck(*args)
    assert code == 2
    assert "learning_rate: stored 0.1, asked 0.25" in err
    assert snapshot(folder) == before
