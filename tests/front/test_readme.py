"""The README's code runs, its problem file is a problem, and its commands exist."""

import re
import tomllib
from pathlib import Path

from click.testing import CliRunner

from bofcheck.cli.entry import bofcheck
from bofcheck.compare import Status, all_claims, experiments, preset_names
from bofcheck.simulate import Problem, train

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


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


def test_every_command_and_option_named_exists():
    commands = re.findall(r"^bofcheck (?!checks )([a-z]+)(.*)$", README, flags=re.MULTILINE)
    listed = {
        "verify", "claims", "reproduce", "plot", "diff", "simulate", "sweep", "export", "bound",
        "assumptions",
    }  # fmt: skip
    assert {name for name, _ in commands} == listed
    for name, rest in commands:
        shown = CliRunner().invoke(bofcheck, [name, "--help"]).output
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in shown, (name, option)


def test_every_verdict_and_preset_is_explained():
    for status in Status:
        assert f"`{status.value}`" in README
    named = set(re.findall(r"--preset (\w+(?:\|\w+)*)", README))
    assert {name for group in named for name in group.split("|")} == set(
        preset_names() + experiments.preset_names()
    )


def test_claims_shown_in_the_example_table_exist():
    shown = re.findall(r"^ ([A-Z]\d+\w?) {2,}", README, flags=re.MULTILINE)
    assert shown
    assert set(shown) <= all_claims().keys()


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_claim_written_out_in_the_contributing_guide_is_one():
    guide = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    (block,) = [b for b in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) if "CLAIM" in b]
    space = {"__name__": "bofcheck.compare.claims.m11", "__package__": "bofcheck.compare.claims"}
    exec(compile(block, "contributing.md", "exec"), space)
    assert space["CLAIM"].id == "M11"
