"""What the commands print, write and answer when all is well, and when a run fails."""

import importlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bofcheck.cli.judge import exit_code
from bofcheck.compare.figures.study_figures import PNG_DPI
from bofcheck.compare.papers.zhang2025.designs import Design
from bofcheck.simulate import Problem, open_store, train
from bofcheck.simulate import train as genuine_train

Command = Callable[..., tuple[int, str, str]]

#: The module; the package offers a function of the same name.
VERIFY = importlib.import_module("bofcheck.compare.verify")

HEAVY = ("numpy", "torch", "sympy", "numba", "matplotlib", "scipy", "xarray", "pydantic", "rich")


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["verify", "--help"], []])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    program = (
        "import sys; from bofcheck.cli.entry import run; code = run(sys.argv[1:]); "
        f"print('loaded:', code, *[m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *args], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "loaded: 0"
    assert done.stderr == ""


def test_python_m_runs_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bofcheck", "--help"], capture_output=True, text=True, check=True
    )
    for name in ("verify", "simulate", "sweep", "export", "rebuild"):
        assert f"\n  {name} " in done.stdout


def test_an_error_in_a_real_process_is_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bofcheck", "simulate", "absent.toml", "--out", "x"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert (
        done.stderr == "bofcheck: error: absent.toml: cannot be read: No such file or directory\n"
    )


def test_simulate_stores_what_train_returns(toml: Path, bofcheck: Command) -> None:
    args = ["simulate", toml, "--seeds", 2, "--steps", 30, "--log", "every:10", "--out", "r"]
    code, out, _ = bofcheck(*args)
    assert code == 0
    direct = train(Problem.from_file(toml), seeds=2, steps=30, log_at="every:10")
    stored = open_store("r").read("easy")
    assert all(stored[q].tobytes() == direct[q].tobytes() for q in direct.quantities)
    assert "diverged: 0 of 2 runs" in out
    assert "step 30" in out
    for name in ("train_loss", "test_loss", "test_error", "attention_clean"):
        assert name in out


def test_simulate_does_not_train_twice(
    toml: Path, bofcheck: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = ["simulate", toml, "--seeds", 2, "--steps", 30, "--out", "r"]
    _, first, _ = bofcheck(*args)
    monkeypatch.setattr("bofcheck.simulate.store.filling.train", None)
    code, second, err = bofcheck(*args)
    assert (code, second, err) == (0, first, "")


def test_simulate_counts_diverged_runs(toml: Path, bofcheck: Command) -> None:
    toml.write_text("learning_rate = 1e100\ntrain_output = true\nflip_prob = 0.2\n")
    code, out, _ = bofcheck("simulate", toml, "--seeds", 2, "--steps", 20, "--out", "r")
    assert code == 0
    assert "diverged: 2 of 2 runs" in out


def test_verify_writes_report_and_figures(
    tmp_path: Path, tiny_preset: Design, bofcheck: Command
) -> None:
    code, out, err = bofcheck("verify", "--fail-on", "never", "--full", "--out", "v")
    assert code == 0
    report = json.loads((tmp_path / "v" / "report.json").read_text())
    assert {one["verdict"] for one in report["claims"]} <= {*report["counts"]}
    assert report["provenance"]["settings"]["preset"] == "quick"
    for one in report["claims"]:
        assert one["id"] in out
    figures = sorted(path.name for path in (tmp_path / "v" / "figures").iterdir())
    assert "benign-errors.png" in figures
    assert "harmful-losses.pdf" in figures
    tables = {path.stem for path in (tmp_path / "v" / "tables").iterdir()}
    assert tables == {name.partition(".")[0] for name in figures}
    names = sorted(cell.name for group in tiny_preset.cells.values() for cell in group)
    assert open_store("v").names() == names
    assert all(line.startswith("bofcheck: ") for line in err.splitlines())
    first, *rest = err.splitlines()
    assert first.startswith("bofcheck: training 6 of 6 problems; then deciding ")
    assert any("%" in line for line in rest)
    assert rest[-1].startswith("bofcheck: deciding ")
    code, out, err = bofcheck("verify", "--fail-on", "never", "--out", "v")
    assert err.startswith("bofcheck: 6 problems found, nothing to train; deciding ")
    assert out.startswith("Theorem 4.2 (benign overfitting) ")
    assert len(out.splitlines()) <= 45


def test_plot_draws_figures_of_verify_again_from_their_tables_alone(
    tmp_path: Path, results: Path, bofcheck: Command
) -> None:
    shutil.copytree(results / "tables", tmp_path / "d" / "tables")
    code, out, _ = bofcheck("plot", tmp_path / "d", "--dpi", PNG_DPI)
    assert code == 0
    again = tmp_path / "d" / "figures"
    assert len(out.splitlines()) == len(list(again.iterdir())) > 0
    for path in again.iterdir():
        assert path.read_bytes() == (results / "figures" / path.name).read_bytes()
    one = (
        "--figure",
        "benign-errors",
        "--width",
        "one",
        "--style",
        "grey",
        "--out",
        tmp_path / "o",
    )
    assert bofcheck("plot", tmp_path / "d", *one)[0] == 0
    small = tmp_path / "o" / "benign-errors.png"
    assert int.from_bytes(small.read_bytes()[16:20]) == 1020  # 3.4 in at 300 dpi
    (tmp_path / "d" / "tables" / "benign-errors.csv").write_text("drawing,panel\nos,a\n")
    code, _, err = bofcheck("plot", tmp_path / "d", "--figure", "benign-errors")
    assert code == 2
    assert err.endswith("is not a table of benign-errors; rerun the command that wrote it\n")


def test_verify_json_is_the_report_and_nothing_else(
    tmp_path: Path, tiny_preset: Design, bofcheck: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.cell_drawings", dict)
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.verdict_drawings", dict)
    args = ["verify", "--regime", "benign", "--json"]
    code, out, _ = bofcheck(*args)
    folder = tmp_path / "results" / "verify-benign-quick"
    assert out == (folder / "report.json").read_text()
    counts = json.loads(out)["counts"]
    assert code == exit_code(counts, "violated")
    # the second time everything comes from the store: same report to the last byte, also when
    # the preset's own number of runs is written out
    for again in (args, [*args, "--seeds", tiny_preset.seeds]):
        (*same, said) = bofcheck(*again)
        assert same == [code, out]
        assert said.startswith("bofcheck: 3 problems found, nothing to train; deciding ")
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("counts", "fail_on", "code"),
    [
        ({"HOLDS": 1}, "violated", 0),
        ({"INCONCLUSIVE": 1, "VACUOUS": 1, "OUT_OF_SCOPE": 1}, "violated", 0),
        ({"VIOLATED": 1}, "violated", 1),
        ({"VIOLATED": 1, "ERROR": 1}, "violated", 1),
        ({"ERROR": 1}, "violated", 3),
        ({"INCONCLUSIVE": 1}, "inconclusive", 1),
        ({"HOLDS": 3, "ERODES": 1}, "violated", 1),
        ({"ERODES": 1}, "never", 0),
        ({"VIOLATED": 1}, "inconclusive", 1),
        ({"ERROR": 1}, "inconclusive", 3),
        ({"VACUOUS": 1}, "inconclusive", 0),
        ({"VIOLATED": 1, "ERROR": 1, "INCONCLUSIVE": 1}, "never", 0),
    ],
)
def test_exit_codes(counts: dict[str, int], fail_on: str, code: int) -> None:
    assert exit_code(counts, fail_on) == code


def interrupted_train(at: int) -> Callable[..., Any]:
    calls = 0

    def train_until(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at:
            raise KeyboardInterrupt
        return genuine_train(*args, **kwargs)

    return train_until


def test_an_interrupted_verification_goes_on_where_it_stopped(
    tmp_path: Path, tiny_preset: Design, bofcheck: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.cell_drawings", dict)
    monkeypatch.setattr("bofcheck.compare.figures.study_figures.verdict_drawings", dict)
    args = ["verify", "--fail-on", "never", "--out", "v", "--json"]
    with monkeypatch.context() as patch:
        patch.setattr(VERIFY, "train", interrupted_train(3))
        code, out, err = bofcheck(*args)
    assert (code, out) == (130, "")
    last = err.splitlines()[-1]
    assert last.startswith("bofcheck: interrupted; 2 finished cells kept in v;")
    assert "same command again" in last
    kept = {path: path.read_bytes() for path in (tmp_path / "v" / "trajectories").glob("*/*")}
    assert len(kept) == 2

    trained: list[Problem] = []

    def counting(problem: Problem, **kwargs: Any) -> Any:
        trained.append(problem)
        return genuine_train(problem, **kwargs)

    monkeypatch.setattr(VERIFY, "train", counting)
    code, _, _ = bofcheck(*args)
    assert code == 0
    cells = [cell for group in tiny_preset.cells.values() for cell in group]
    assert trained == [cell.problem for cell in cells[2:]]
    assert all(path.read_bytes() == content for path, content in kept.items())


def test_ctrl_c_in_a_real_process(toml: Path, tmp_path: Path) -> None:
    args = ["simulate", toml, "--steps", "1000000000", "--log", "every:5000", "--seeds", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "bofcheck", *map(str, args), "--out", str(tmp_path / "r")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "0%" in process.stderr.readline()  # training has begun
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1].startswith("bofcheck: interrupted; 0 finished cells kept in ")
    assert "Traceback" not in err
    assert not (tmp_path / "r").exists()


def test_a_failing_run_is_one_line_and_code_3(
    toml: Path, bofcheck: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError("first\nsecond")

    monkeypatch.setattr("bofcheck.simulate.store.filling.train", broken)
    code, out, err = bofcheck("simulate", toml, "--out", "r")
    assert (code, out) == (3, "")
    assert err.count("\n") == 1
    assert "ZeroDivisionError: first second" in err
    assert "BOFCHECK_DEBUG=1" in err
    monkeypatch.setenv("BOFCHECK_DEBUG", "1")
    code, _, err = bofcheck("simulate", toml, "--out", "r")
    assert code == 3
    assert "Traceback" in err


def test_a_full_disk_is_a_failed_run(
    toml: Path, bofcheck: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bofcheck.simulate.store.folder.write_atomically", full)
    code, _, err = bofcheck("simulate", toml, "--steps", 2, "--out", "r")
    assert code == 3
    assert err.splitlines()[-1].endswith("cannot be written: No space left on device")


@pytest.mark.parametrize(("args", "code"), [("easy.toml", 0), ("none.toml", 2)])
def test_a_closed_standard_error_says_nothing_and_fails_nothing(
    toml: Path, tmp_path: Path, args: str, code: int
) -> None:
    call = f"{sys.executable} -m bofcheck simulate {args} --steps 2 --seeds 1 --out r --json 2>&-"
    done = subprocess.run(["sh", "-c", call], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == code
    assert bool(done.stdout) is (code == 0)
    assert not done.stdout or json.loads(done.stdout)


@pytest.mark.parametrize("command", ["--help", "simulate easy.toml --steps 2 --seeds 1 --out r"])
def test_a_closed_pipe_is_no_traceback_and_no_verdict(
    toml: Path, tmp_path: Path, command: str
) -> None:
    # the reader is gone before the first byte; a code of 1 would mean a violated claim
    call = f"{sys.executable} -m bofcheck {command}"
    done = subprocess.run(
        ["sh", "-c", f"{{ sleep 0.3; {call}; echo code $? >&2; }} | true"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stderr.splitlines()[-2:] == [
        "bofcheck: error: standard output was closed before all was printed",
        "code 3",
    ]
    assert "Traceback" not in done.stderr
