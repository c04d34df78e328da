"""The README's code runs, its problem file is a problem, and its commands exist."""

import importlib
import io
import json
import re
import shlex
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from bofcheck.cli.entry import bofcheck as bofcheck_group
from bofcheck.compare import Status, design_names
from bofcheck.compare.figures import cell_drawings
from bofcheck.compare.report import Report
from bofcheck.compare.report.digest import digest
from bofcheck.compare.report.first_screen import print_digest
from bofcheck.simulate import Problem, train
from bofcheck.simulate.sweep import Sweep

ROOT = Path(__file__).parents[2]
REAL = Path(__file__).parent / "verified.json"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def test_python_blocks_run():
    found = blocks("python")
    assert found
    for block in found:
        exec(compile(block, "README.md", "exec"), {})


def written(name):
    """What the README's shell writes into a file."""
    (text,) = re.findall(rf"^cat > {name} << 'END'\n(.*?)^END$", README, re.DOTALL | re.MULTILINE)
    return text


def test_the_problem_file_trains():
    text = written("problem.toml")
    assert tomllib.loads(text)["dim"] == 2e9
    problem = Problem.from_toml(text)
    assert abs(problem.snr - 1) < 1e-3
    assert not train(problem, seeds=1, steps=3).diverged.any()


def commands():
    """Every command line shown, without its comment; the example output is none."""
    found = [
        line.partition("#")[0].strip()
        for block in blocks("")
        for line in block.splitlines()
        if line.startswith(("bofcheck ", "make ", "python ", "pip "))
    ]
    assert len(found) > 8
    return found


@pytest.fixture
def small(monkeypatch, tmp_path, tiny_preset):
    """The README's problem file, and the same commands on fewer and smaller problems."""
    for name in ("problem.toml", "mine.toml"):
        (tmp_path / name).write_text(written(name))
    (numbers,) = re.findall(r'^echo "(.*)" > numbers.toml$', README, re.MULTILINE)
    (tmp_path / "numbers.toml").write_text(numbers + "\n")
    attention = {"attention": cell_drawings()["attention"]}
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.cell_drawings", lambda: attention)
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.verdict_drawings", dict)
    grids = importlib.import_module("bofcheck.simulate.grids")
    problems = {f"N={n}": Problem(n_samples=n, dim=100, test_tokens=8) for n in (2, 4)}
    for name in grids.grid_names():
        grid = grids.get_grid(name)
        quick = Sweep(name, problems, seeds=2, steps=3)
        monkeypatch.setattr(grid_module(name), "GRID", replace(grid, presets={"quick": quick}))
    return tmp_path


def grid_module(name):
    return importlib.import_module(f"bofcheck.simulate.grids.{name}")


def test_every_command_shown_runs_in_the_order_shown(bofcheck, small):
    ran = set()
    for line in commands():
        program, *args = shlex.split(line)
        if program == "make":
            done = subprocess.run(
                ["make", "--dry-run", *args], cwd=ROOT, capture_output=True, text=True, check=True
            )
            assert "bofcheck verify" in done.stdout or "pytest" in done.stdout
            continue
        assert program == "bofcheck", f"{line}: say here how it is tried"
        code, out, err = bofcheck(*args)
        # 1: a claim is violated on so small a preset, which is a result
        assert code in ((0, 1) if args[0] in ("verify", "claims") else (0,)), (line, err)
        assert out.strip(), line
        ran.add(args[0])
    assert ran >= {"verify", "simulate", "sweep", "export", "report", "bound", "assumptions"}
    assert (small / "results" / "verify-benign-quick" / "report.html").is_file()
    assert (small / "mine.csv").is_file()
    decided = json.loads((small / "results" / "verify-mine-mine" / "report.json").read_text())
    assert decided["claims"][0]["verdict"] != "INCONCLUSIVE"


def test_make_verify_calls_what_the_readme_says():
    done = subprocess.run(
        ["make", "--dry-run", "verify"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "bofcheck verify --regime both --preset quick" in done.stdout
    assert "`bofcheck verify --regime both`" in README


def test_every_option_named_exists():
    for line in commands():
        _, name, *rest = [*shlex.split(line), ""]
        for option in [word for word in rest if word.startswith("--")]:
            assert option in CliRunner().invoke(bofcheck_group, [name, "--help"]).output, line


def test_every_verdict_and_preset_is_explained():
    for status in Status:
        assert f"`{status.value}`" in README
    for name in design_names():
        assert re.search(rf"\b{name}\b", README)
    named = re.findall(r"--preset (\w+)", README)
    assert set(named) <= set(design_names())


def test_what_it_says_was_found_is_what_verify_prints():
    """Each line of the example is one of the first screen, of the report kept for the tests."""
    document = Report.model_validate_json(REAL.read_text("utf-8"))
    stream = io.StringIO()
    print_digest(digest(document), Console(file=stream, width=80))
    (shown,) = [block for block in blocks("") if block.startswith("Theorem 4.2")]
    lines = stream.getvalue().splitlines()
    assert all(line in lines for line in shown.splitlines())
    found = README.partition("## Set up")[0]
    for number in ("e²⁷", "t^-1.5", "σ_p^1.00", "w^-1.00", "0.23%", "0.06%", "95%"):
        assert number in found
    predicted = digest(document).predicted
    assert "0.23% " in predicted
    assert "0.06% " in predicted


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
