"""What the tutorial tells a newcomer to type works; verify itself is tested elsewhere."""

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from bofcheck.cli.entry import bofcheck, run

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")


def test_every_command_but_verify_runs_as_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (problem,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    Path("problem.toml").write_text(problem)
    commands = [shlex.split(line)[1:] for line in re.findall(r"^bofcheck .*$", PAGE, re.MULTILINE)]
    assert len(commands) == 7
    for args in commands:
        if args[0] != "verify":
            assert run(args) == 0, capsys.readouterr().err
    assert Path("first.csv").stat().st_size > 1000
    said = capsys.readouterr().out
    assert "RECONSTRUCTED" in said
    assert "median over 4 runs" in said


def test_options_of_verify_exist():
    shown = CliRunner().invoke(bofcheck, ["verify", "--help"]).output
    for line in re.findall(r"^bofcheck verify.*$", PAGE, re.MULTILINE):
        assert all(option in shown for option in re.findall(r"--[a-z]+", line))
