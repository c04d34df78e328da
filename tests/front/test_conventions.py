"""What all commands have in common: help, examples, --json, --quiet, colour, completion."""

import contextlib
import json
import os
import pty
import re
import resource
import shlex
import shutil
import subprocess
import sys

import click
import pytest

from bofcheck._citation import FORMS
from bofcheck.cli.entry import bofcheck as group
from bofcheck.compare.papers.zhang2025.designs import design_names
from bofcheck.compare.papers.zhang2025.experiments import experiment_names, preset_names
from bofcheck.compare.papers.zhang2025.ledger import all_claims
from bofcheck.simulate import engine_names
from bofcheck.simulate.exports import export_names
from bofcheck.simulate.grids import grid_names
from bofcheck.simulate.self_check import LIMIT, Agreement, engine_agreement
from bofcheck.theory import neighbours, theorems

HEAVY = ("numpy", "torch", "sympy", "numba", "matplotlib", "scipy", "xarray", "pydantic", "rich")
NAMES = group.list_commands(None)
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def command(name):
    return group.get_command(None, name)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_the_common_options_and_examples(bofcheck, name):
    code, out, err = bofcheck(name, "--help")
    assert (code, err) == (0, "")
    for part in ("--json", "-q, --quiet", "-h, --help", "\nExamples:\n"):
        assert part in out
    assert max(len(line) for line in out.partition("Examples:")[0].splitlines()) <= 80
    summary = command(name).get_short_help_str(60)
    assert f"  {name:<{max(map(len, NAMES))}}  {summary}\n" in bofcheck("--help")[1]
    assert not summary.endswith("...")


@pytest.mark.parametrize("name", NAMES)
def test_every_example_in_a_help_is_understood(name, monkeypatch):
    monkeypatch.setattr("bofcheck.simulate.read_model", lambda path: None)
    assert command(name).examples
    for example in command(name).examples:
        line = re.sub(r'^eval "\$\((.*)\)"$', r"\1", example)
        first, second, *rest = shlex.split(re.sub(r" >>? .*", "", line))
        assert (first, second) == ("bofcheck", name)
        command(name).make_context(name, rest)


def test_no_help_imports_anything_heavy_or_takes_long():
    program = (
        "import sys; from bofcheck.cli.entry import run; "
        "codes = [run(['--help'])] + [run([name, '--help']) for name in sys.argv[1:]]; "
        f"print('loaded:', *codes, *[m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *NAMES], capture_output=True, text=True, check=True
    )
    zeros = " 0" * (len(NAMES) + 1)
    assert done.stdout.splitlines()[-1] == f"loaded:{zeros}"
    # processor time of a fresh process, which other work on the machine does not add to
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "bofcheck", "--help"], capture_output=True, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < 0.3


@pytest.fixture
def lines(toml, results, tmp_path, tiny_preset, monkeypatch):
    """One good command line for each command; those that train come first."""
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.cell_drawings", dict)
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.verdict_drawings", dict)
    agreement = Agreement(1e-15, "v_plus", LIMIT, 0.1)
    monkeypatch.setattr("bofcheck.simulate.self_check.engine_agreement", lambda: agreement)
    (tmp_path / "wide.toml").write_text("n_samples = 4\nkey_dim = 1000\ninit_std_qk = 0.01\n")
    (tmp_path / "two.toml").write_text("seeds = 1\nsteps = 2\n[grid]\nn_samples = [2, 4]\n")
    shutil.copytree(results, tmp_path / "verified")
    return {
        "simulate": ["simulate", "easy.toml", "--steps", 2, "--seeds", 1, "--out", "r"],
        "predict": ["predict", "wide.toml", "--steps", 2, "--labels", "2,0,0"],
        "verify": ["verify", "--regime", "benign", "--fail-on", "never", "--out", "v"],
        "sweep": ["sweep", "two.toml", "--out", "s"],
        "export": ["export", "r", "--to", "csv", "--out", "r.csv"],
        "rebuild": ["rebuild", "r"],
        "report": ["report", "verified"],
        "claims": ["claims", "A3", "--run", "--out", "c"],
        "diff": ["diff", "verified", "verified"],
        "reproduce": ["reproduce", "fig6", "--seeds", 1, "--out", "p"],
        "transfer": ["transfer", "--only", "output", "--out", "t"],
        "plot": ["plot", "p", "--figure", "fig6"],
        "bound": ["bound", "benign", "--stage", 2],
        "design": ["design", "magen2024"],
        "assumptions": ["assumptions", "easy.toml"],
        "cite": ["cite"],
        "theorems": ["theorems"],
        "new": ["new", "problem", "begun.toml"],
        "completion": ["completion", "bash"],
        "doctor": ["doctor"],
    }


def test_quiet_and_json_mean_the_same_everywhere(bofcheck, lines, tmp_path):
    assert lines.keys() == set(NAMES)
    kept = {"export": "r.csv", "new": "begun.toml"}  # which are not replaced
    for name, line in lines.items():
        assert bofcheck(*line, "--quiet") == (0, "", ""), name
        if name in kept:
            (tmp_path / kept[name]).unlink()
        code, out, err = bofcheck(*line, "--json", "-q")
        assert (code, err) == (0, ""), name
        assert isinstance(json.loads(out, parse_constant=pytest.fail), dict), name
        if name in kept:
            (tmp_path / kept[name]).unlink()
        code, out, _ = bofcheck(*line)
        assert code == 0
        assert out.strip(), name
        assert "\x1b" not in out, name


@pytest.mark.parametrize("name", NAMES)
def test_quiet_still_prints_errors(bofcheck, name):
    code, out, err = bofcheck(name, "--quiet", "--nonsense")
    assert (code, out) == (2, "")
    assert err.startswith("bofcheck: error: ")


def at_a_terminal(args, width, folder, **more):
    """What a command prints where somebody watches."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm-256color", **more}
    with subprocess.Popen(
        [sys.executable, "-m", "bofcheck", *args],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder,
    ) as process:  # fmt: skip
        os.close(theirs)
        printed = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while data := os.read(ours, 65536):
                printed += data
    os.close(ours)
    assert process.returncode == 0
    return printed.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("args", "width"),
    [
        ("assumptions easy.toml", 60),
        ("assumptions easy.toml", 80),
        ("simulate easy.toml --steps 2 --seeds 1 --out r", 60),
        ("bound benign --stage 3", 60),
        ("design magen2024", 80),
    ],
)
def test_tables_fit_the_terminal(toml, tmp_path, args, width):
    text = ESCAPE.sub("", at_a_terminal(args.split(), width, tmp_path))
    shown = [line.rpartition("\r")[2] for line in text.splitlines()]  # a bar writes over itself
    formula = next((line for line in shown if "<=" in line and "exp(" in line), "")
    assert max((len(line) for line in shown if line != formula), default=0) <= width
    assert "…" not in text


def test_no_colour_where_it_is_not_wanted(toml, tmp_path):
    args = ["simulate", "easy.toml", "--steps", "2", "--seeds", "1", "--out", "r"]
    colour = re.compile(r"\x1b\[[0-9;]*[349][0-7]m|38;5")
    assert colour.search(at_a_terminal(args, 80, tmp_path))
    shutil.rmtree(tmp_path / "r")
    assert not colour.search(at_a_terminal(args, 80, tmp_path, NO_COLOR="1"))


def complete(words, shell="bash"):
    done = subprocess.run(
        [sys.executable, "-c", "from bofcheck.cli import main; main()"],
        env={**os.environ, "_BOFCHECK_COMPLETE": f"{shell}_complete", "COMP_WORDS": words,
             "COMP_CWORD": str(words.count(" "))},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_a_shell_completes_commands_options_and_names():
    assert complete("bofcheck si") == ["simulate"]
    assert set(complete("bofcheck ")) == set(NAMES)
    assert "--json" in complete("bofcheck verify --")
    assert complete("bofcheck verify --engine ") == ["span", "direct"]
    assert complete("bofcheck sweep --grid h") == ["heatmap"]
    assert complete("bofcheck bound h") == ["harmful", "huang2025"]
    assert complete("bofcheck verify --theorem k") == ["kou2023"]
    assert complete("bofcheck claims X1") == [name for name in all_claims() if name[:2] == "X1"]


@pytest.mark.parametrize(
    ("name", "parameter", "known", "shown"),
    [
        ("simulate", "engine", engine_names(), True),
        ("verify", "preset", design_names(), True),
        ("export", "form", export_names(), True),
        ("sweep", "grid", grid_names(), True),
        ("sweep", "preset", ["quick", "paper"], True),
        ("reproduce", "names", [*experiment_names(), "all"], False),
        ("reproduce", "preset", preset_names(), True),
        ("bound", "regime", [*theorems(), *neighbours()], False),
        ("design", "theorem", [*theorems(), *neighbours()], False),
        ("design", "preset", design_names(), True),
        ("verify", "theorem", [*theorems(), *neighbours()], False),
        ("claims", "ids", list(all_claims()), False),
        ("claims", "preset", sorted({*design_names(), *preset_names()}), False),
    ],
)
def test_names_are_those_of_the_registries(name, parameter, known, shown):
    (found,) = (each for each in command(name).params if each.name == parameter)
    context = click.Context(command(name))
    offered = [item.value for item in found.shell_complete(context, "")]
    assert sorted(offered) == sorted(known)
    assert [item.value for item in found.shell_complete(context, known[0])] == [
        entry for entry in offered if entry.startswith(known[0])
    ]
    if shown:
        assert sorted(found.metavar.split("|")) == sorted(known)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_asks_bofcheck(bofcheck, shell):
    code, out, err = bofcheck("completion", shell)
    assert (code, err) == (0, "")
    assert f"_BOFCHECK_COMPLETE={shell}_complete" in out
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=out, text=True, capture_output=True)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_cite_prints_each_form(bofcheck):
    assert bofcheck("cite") == (0, FORMS["bibtex"]() + "\n", "")
    for name, make in FORMS.items():
        assert bofcheck("cite", "--format", name) == (0, make() + "\n", "")
        assert "2502.12508" in make()
    forms = json.loads(bofcheck("cite", "--json")[1])
    assert forms == {name: make() for name, make in FORMS.items()}


def test_doctor_says_what_there_is_and_that_the_engines_agree(bofcheck):
    code, out, err = bofcheck("doctor", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["ok"] is True
    assert found["self_check"]["largest_difference"] <= LIMIT
    assert found["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    for name in ("numba", "numpy", "sympy", "torch"):
        assert found["versions"][name][0].isdigit()
    assert found["threads"]["training"] >= 1


def test_doctor_fails_where_the_engines_disagree_or_one_is_broken(bofcheck, monkeypatch):
    apart = Agreement(1e-3, "test_loss", LIMIT, 0.1)
    monkeypatch.setattr("bofcheck.simulate.self_check.engine_agreement", lambda: apart)
    code, out, _ = bofcheck("doctor")
    assert code == 3
    assert "DISAGREE: largest relative difference 0.001 (test_loss)" in out

    def broken():
        raise ImportError("no torch here")

    monkeypatch.setattr("bofcheck.simulate.self_check.engine_agreement", broken)
    code, out, _ = bofcheck("doctor")
    assert code == 3
    assert "no torch here" in out
    code, out, err = bofcheck("doctor", "--quiet")
    assert (code, out) == (3, "")
    assert "no torch here" in err


def test_the_self_check_sees_an_engine_that_is_wrong(monkeypatch):
    import bofcheck.simulate.self_check as selfcheck

    def slightly_off(problem, *, engine, **rest):
        changed = problem.replace(learning_rate=0.5 * (1 + 1e-6)) if engine == "span" else problem
        return train(changed, engine=engine, **rest)

    train = selfcheck.train
    monkeypatch.setattr(selfcheck, "train", slightly_off)
    assert not engine_agreement(20).holds
