"""Hostile files and arguments: one line, exit code 2, nothing written, nothing executed."""

from pathlib import Path

import pytest

HUGE = "1" + 100 * "0"
HEAD = "seeds = 1\nsteps = 2\n"

#: What stands in problem.toml, and words of the answer.
PROBLEMS = {
    "a number of 101 digits": (f"n_samples = {HUGE}", "n_samples = 1000000000..."),
    "1e100 samples": ("n_samples = 1e100", "n_samples = 1e+100"),
    "negative samples": ("n_samples = -4", "greater than or equal to 1"),
    "half a sample": ("n_samples = 4.5", "valid integer"),
    "samples true": ("n_samples = true", "valid integer"),
    "samples as text": ('n_samples = "4"', "valid integer"),
    "samples as a list": ("n_samples = [4]", "valid integer"),
    "samples as a table": ("n_samples = {a = 1}", "valid integer"),
    "samples as a date": ("n_samples = 2020-01-01", "valid integer"),
    "noise nan": ("noise_std = nan", "finite"),
    "noise infinite": ("noise_std = -inf", "finite"),
    "noise that underflows": ("noise_std = 1e-400", "greater than 0"),
    "rate 0": ("learning_rate = 0", "greater than 0"),
    "half of the labels flipped": ("flip_prob = 0.5", "less than 0.5"),
    "negative flips": ("flip_prob = -0.1", "greater than or equal to 0"),
    "seed too large": ("seed = 1e30", "valid integer"),
    "dimension too large": ("dim = 1e16", "less than or equal to"),
    "dtype": ('dtype = "float16"', "'float64' or 'float32'"),
    "start and init": ('init = "torch-default"', "materialised"),
    "arrays too large": ('start = "materialised"\ndim = 1e9', "lower dim"),
    "resampled arrays": ('test_draw = "resampled"\nstart = "materialised"', "sampled"),
    "no room beside the signals": ('noise = "orthogonal"\ndim = 2', "at least 3"),
    "samples that do not fit": ("n_samples = 100000\ndim = 1e9", "lower n_samples"),
    "tokens that do not fit": ("test_tokens = 100000\ndim = 1e9\nkey_dim = 1e6", "resampled"),
    "a key twice": ("dim = 4\ndim = 5", "not valid TOML"),
    "a Greek key": ('"Ν" = 4', "unknown key"),
    "an emoji": ('noise = "😀"', "'isotropic' or 'orthogonal'"),
    "an empty text": ('noise = ""', "'isotropic' or 'orthogonal'"),
    "a text without end": (f'noise = "{20000 * "x"}"', "..."),
    "a key without end": (f"{3000 * 'k'} = 1", "unknown key"),
    "a zero byte": ('noise = "\\u0000"', "'isotropic' or 'orthogonal'"),
    "a control character": ('noise = "\x07"', "not valid TOML"),
    "digits without end": (f"dim = {5000 * '9'}", "too many digits"),
    "brackets without end": (f"dim = {9999 * '['}", "TOML"),
    "a dunder": ("__class__ = 1", "unknown key"),
    "code": ("dim = __import__('os').system('touch owned')", "not valid TOML"),
    "two tables": ("[problem]\ndim = 4\n[other]\nx = 1", "[problem]"),
    "a problem that is a number": ("problem = 4", "problem"),
    "half a line": ("n_samples", "not valid TOML"),
    "surrogates": (b'noise = "\xed\xa0\x80"', "not UTF-8"),
    "UTF-16": ("dim = 4".encode("utf-16"), "not UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00", "not UTF-8"),
}

#: What stands in sweep.toml.
SWEEPS = {
    "1e100 seeds": ("seeds = 1e100\nsteps = 2\n[grid]\ndim = [4]", "seeds = 1e+100"),
    "seeds as text": ('seeds = "2"\nsteps = 2\n[grid]\ndim = [4]', "whole number"),
    "negative steps": ("seeds = 1\nsteps = -2\n[grid]\ndim = [4]", "whole number"),
    "steps of 101 digits": (f"seeds = 1\nsteps = {HUGE}\n[grid]\ndim = [4]", "1000000000..."),
    "no seeds": ("steps = 2\n[grid]\ndim = [4]", "seeds is missing"),
    "an empty axis": (f"{HEAD}[grid]\ndim = []", "at least one value"),
    "an axis that is no list": (f"{HEAD}[grid]\ndim = 4", "list of values"),
    "an unknown axis": (f"{HEAD}[grid]\nsamples = [2]", "not a field of a problem"),
    "a value twice": (f"{HEAD}[grid]\ndim = [4, 4]", "twice"),
    "a value of another type": (f'{HEAD}[grid]\ndim = [4, "a"]', "valid integer"),
    "a nested list": (f"{HEAD}[grid]\ndim = [[4]]", "valid integer"),
    "a value nan": (f"{HEAD}[grid]\nnoise_std = [nan]", "finite"),
    "a value of 101 digits": (f"{HEAD}[grid]\nn_samples = [{HUGE}]", "1000000000..."),
    "a field in both": (f"{HEAD}[problem]\ndim = 4\n[grid]\ndim = [4]", "keep it in one"),
    "log as a number": (f"log = 5\n{HEAD}[grid]\ndim = [4]", "must be text"),
    "log in words": (f'log = "often"\n{HEAD}[grid]\ndim = [4]', "geometric:K"),
    "grid as a list": (f"grid = [1]\n{HEAD}", "must be a table"),
    "problem as text": (f'problem = "x"\n{HEAD}[grid]\ndim = [4]', "must be a table"),
    "a name that is a path": (f'{HEAD}[grid]\nnoise = ["../../x"]', "'isotropic'"),
    "a cell that does not fit": (f"{HEAD}[problem]\ndim = 1e9\n[grid]\nn_samples = [4, 1e5]", "GB"),
    "too many cells": (
        f"{HEAD}[grid]\nn_samples = {list(range(1, 400))}\ntest_tokens = {list(range(1, 400))}",
        "159,201 cells",
    ),
}

NEW = ["--out", "new"]
#: Arguments, with problem.toml a good one.
ARGUMENTS = {
    "out empty": (["simulate", "problem.toml", "--out", ""], "not a path"),
    "out blank": (["verify", "--out", " "], "not a path"),
    "out with a zero byte": (["sweep", "--grid", "heatmap", "--out", "a\0b"], "not a path"),
    "out too long": (["simulate", "problem.toml", "--out", 300 * "a"], "255 bytes"),
    "out is a device": (["verify", "--out", "/dev/null"], "is a file"),
    "export out empty": (["export", "x", "--to", "csv", "--out", ""], "not a path"),
    "problem empty": (["simulate", "", *NEW], "not a path"),
    "assumptions of nothing": (["assumptions", ""], "not a path"),
    "two problems": (["assumptions", "problem.toml", "problem.toml"], "extra argument"),
    "constant infinite": (["assumptions", "problem.toml", "--constant", "inf"], "finite"),
    "constant empty": (["assumptions", "problem.toml", "--constant", ""], "float"),
    "rebuild nothing": (["rebuild", ""], "not a path"),
    "report of nothing": (["report", ""], "not a path"),
    "report of an absent folder": (["report", "absent"], "not a folder"),
    "report of a file": (["report", "problem.toml"], "not a folder"),
    "report without a report": (["report", "."], "report.json: no such report"),
    "form of citing": (["cite", "--format", "mla"], "'bibtex', 'apa', 'text'"),
    "cite too much": (["cite", "me"], "extra argument"),
    "no shell": (["completion"], "SHELL"),
    "another shell": (["completion", "powershell"], "'bash', 'zsh', 'fish'"),
    "doctor who": (["doctor", "who"], "extra argument"),
    "stage of 101 digits": (["bound", "benign", "--stage", HUGE], "1, 2, 3"),
    "half a stage": (["bound", "benign", "--stage", "1.5"], "integer"),
    "half a sample set": (["bound", "benign", "--stage", "1", "--set", "N=2.5"], "whole number"),
    "less than one dimension": (["bound", "benign", "--stage", "1", "--set", "d=0.5"], "whole"),
    "a comma": (["bound", "benign", "--stage", "1", "--set", "p=0,1"], "[0, 0.5)"),
    "too large for a float": (["bound", "benign", "--stage", "1", "--set", "mu=1e400"], "above 0"),
    "code set": (["bound", "benign", "--stage", "1", "--set", "p=__import__('os')"], "[0, 0.5)"),
    "a Greek name": (["bound", "benign", "--stage", "1", "--set", "μ=1"], "unknown symbol μ"),
    "nothing set": (["bound", "benign", "--stage", "1", "--set", ""], "NAME=VALUE"),
    "two equals signs": (["bound", "benign", "--stage", "1", "--set", "p=0.1=0.2"], "[0, 0.5)"),
    "seeds of 101 digits": (["simulate", "problem.toml", "--seeds", HUGE, *NEW], "range"),
    "steps as a float": (["simulate", "problem.toml", "--steps", "1e3", *NEW], "1e3"),
    "log without end": (
        ["simulate", "problem.toml", "--log", "every:1", "--steps", "9999999999", *NEW],
        "at most 1,000,000",
    ),
    "log that does not fit": (
        ["simulate", "problem.toml", "--seeds", "100000", "--log", "geometric:99999",
         "--steps", "1000000000000", *NEW],
        "log less often",
    ),
    "Arabic digits": (["simulate", "problem.toml", "--log", "every:٣", *NEW], "geometric:K"),
    "engine empty": (["simulate", "problem.toml", "--engine", "", *NEW], "direct, span"),
    "engine that is a path": (["simulate", "problem.toml", "--engine", "../span", *NEW], "span"),
    "device empty": (["simulate", "problem.toml", "--device", "", *NEW], "cpu"),
    "direct without arrays": (["simulate", "problem.toml", "--engine", "direct", *NEW], "arrays"),
    "grid empty": (["sweep", "--grid", ""], "boundary, heatmap"),
    "grid that is a path": (["sweep", "--grid", "../grid"], "boundary, heatmap"),
    "preset of a grid empty": (["sweep", "--grid", "heatmap", "--preset", ""], "quick"),
    "preset empty": (["verify", "--preset", ""], "paper, quick, theory"),
    "preset with a dot": (["verify", "--preset", "a.b"], "paper, quick, theory"),
    "regime empty": (["verify", "--regime", ""], "'benign', 'harmful', 'both'"),
    "form that is a path": (["export", "x", "--to", "../csv", "--out", "new"], "csv, netcdf"),
    "no command": ([""], "No such command"),
    "option of the group": (["--json"], "No such option"),
}  # fmt: skip


def refused(bofcheck, folder, args, words):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    code, out, err = bofcheck(*args)
    assert (code, out) == (2, ""), err
    assert err.startswith("bofcheck: error: ")
    assert err.count("\n") == 1
    assert words in err
    assert len(err) < 1050
    assert HUGE not in err or HUGE in args
    assert "Traceback" not in err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def written(folder: Path, name: str, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)


@pytest.mark.parametrize(("content", "words"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_hostile_problem_is_refused(bofcheck, tmp_path, content, words):
    written(tmp_path, "problem.toml", content)
    refused(bofcheck, tmp_path, ["simulate", "problem.toml", "--out", "new"], words)


@pytest.mark.parametrize(("content", "words"), SWEEPS.values(), ids=SWEEPS)
def test_a_hostile_sweep_is_refused(bofcheck, tmp_path, content, words):
    written(tmp_path, "sweep.toml", content)
    refused(bofcheck, tmp_path, ["sweep", "sweep.toml", "--out", "new"], words)


@pytest.mark.parametrize(("args", "words"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_hostile_arguments_are_refused(bofcheck, tmp_path, args, words):
    written(tmp_path, "problem.toml", "n_samples = 4\ndim = 1e6\ntest_tokens = 8\n")
    refused(bofcheck, tmp_path, args, words)


@pytest.mark.parametrize("value", ["0", "-1", "many", "", "1e3", "99999"])
def test_a_number_of_threads_numba_would_stumble_over(bofcheck, tmp_path, monkeypatch, value):
    monkeypatch.setenv("NUMBA_NUM_THREADS", value)
    refused(bofcheck, tmp_path, ["bound", "benign", "--stage", "1"], "NUMBA_NUM_THREADS")
    assert bofcheck("bound", "--help")[0] == 0
