"""The README's code runs, its problem file is a problem, and its commands exist."""

import importlib
import re
import shlex
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bofcheck.cli.entry import bofcheck as bofcheck_group
from bofcheck.compare import Status, all_claims, design_names
from bofcheck.compare.figures import cell_drawings
from bofcheck.simulate import Problem, train
from bofcheck.simulate.sweep import Sweep

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def test_python_blocks_run():
    found = blocks("python")
    assert found
    for block in found:
        exec(compile(block, "README.md", "exec"), {})


def test_the_problem_file_trains():
    (text,) = blocks("toml")
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
    (tmp_path / "problem.toml").write_text(blocks("toml")[0])
    page = (ROOT / "docs" / "own-theorem.md").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0])
    numbers = "N = 20\nmu = 1\nsigma_p = 0.05\nd = 400\np = 0.1\neta = 0.1\n"
    (tmp_path / "numbers.toml").write_text(numbers)
    rows = [f"{run},{step},{0.1 + 0.4 / (1 + step)},{1 / (1 + step)}"
            for run in range(20) for step in range(5)]  # fmt: skip
    (tmp_path / "curves.csv").write_text("\n".join(["run,step,test_error,train_loss", *rows]))
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


def test_claims_shown_in_the_example_table_exist():
    shown = re.findall(r"^ ([A-Z]\d+\w?) {2,}", README, flags=re.MULTILINE)
    assert shown
    assert set(shown) <= all_claims().keys()


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
