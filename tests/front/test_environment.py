"""Read-only folders, other programs' variables, odd file names, streams that are closed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core import config

from bofcheck.cli.environment import MOST_THREADS

ROOT = Path(__file__).parents[2]
THEOREM = """
name = "plain"
title = "plain"
source = "made for this test"
provenance = "DERIVED"
model = "a model of its own"
[symbols]
h = "rate"
[constants]
C = "start"
[[stages]]
name = "all"
[[stages.bounds]]
name = "X1"
quantity = "train_loss"
floor = "0"
excess = "C*exp(-h*t)"
"""
#: Settings of other programs, folders that do not exist, an output that knows no Greek.
HOSTILE = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/dev/null/nowhere",
    "NUMBA_CACHE_DIR": "/dev/null/nowhere",
    "TMPDIR": "/dev/null/nowhere",
    "HOME": "/dev/null/nowhere",
    "XDG_CACHE_HOME": "relative",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "1",
    "PYTHONIOENCODING": "ascii",
    "LC_ALL": "C",
    "COLUMNS": "wide",
    "TERM": "nonsense",
    "OMP_NUM_THREADS": "many",
}


@pytest.fixture(autouse=True)
def numba_as_before():
    """Let Numba read its settings again once a test has put the variables back."""
    yield
    config.reload_config()


def process(*command, folder, clean=True, **more):
    """A command in a process of its own, with few variables beside those given."""
    kept = ("PATH", "NUMBA_CACHE_DIR") if clean else os.environ
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"PYTHONPATH": str(ROOT / "src"), **more}
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, check=False)


def bofcheck_in(folder, *args, **more):
    return process(sys.executable, "-m", "bofcheck", *args, folder=folder, **more)


def one_line(err, *words):
    text = err if isinstance(err, str) else err.decode()
    assert text.startswith("bofcheck: error: ")
    assert text.count("\n") == 1
    for word in words:
        assert word in text


def write_case(folder, suffix=""):
    """A theorem's file, its numbers, and curves that decide it; names end with the suffix."""
    theorem, numbers, data = (f"{name}{suffix}" for name in ("th", "num", "curves"))
    (folder / f"{theorem}.toml").write_text(THEOREM)
    (folder / f"{numbers}.toml").write_text("h = 0.01\n")
    rows = [
        f"{run},{step},{(1 + run / 99) * 0.98**step}"
        for run in range(40)
        for step in range(0, 99, 9)
    ]
    (folder / f"{data}.csv").write_text("\n".join(("run,step,train_loss", *rows)))
    return [
        "verify", "--theorem", f"{theorem}.toml", "--data", f"{data}.csv",
        "--problem", f"{numbers}.toml",
    ]  # fmt: skip


def test_what_is_set_for_other_programs_and_names_that_are_no_text(tmp_path):
    command = write_case(tmp_path, os.fsdecode(b"\xfc"))
    out = tmp_path / os.fsdecode(b"aus\xff")
    done = bofcheck_in(tmp_path, *command, "--out", str(out), **HOSTILE)
    assert done.returncode == 0, done.stderr
    assert b"rror" not in done.stderr.replace(b"test_error", b"")
    assert b"arning" not in done.stderr
    written = json.loads((out / "report.json").read_bytes())
    settings = written["provenance"]["settings"]
    assert settings["data"] == r"curves\xfc.csv"
    assert settings["files"]["theorem"]["path"] == str(tmp_path / r"th\xfc.toml")
    assert r"curves\xfc.csv" in (out / "report.html").read_text("utf-8")
    assert (out / "figures" / "plain-X1.png").is_file()


def test_names_that_are_no_text_in_every_command(bofcheck, toml, tmp_path):
    odd = os.fsdecode(b"\xe4\xff")
    problem = toml.rename(tmp_path / f"easy{odd}.toml")
    (tmp_path / f"two{odd}.toml").write_text(
        "seeds = 1\nsteps = 2\n[problem]\nn_samples = 2\ndim = 100\n[grid]\nsignal_norm = [1, 2]\n"
    )
    store, table = tmp_path / f"store{odd}", tmp_path / f"all{odd}"
    lines = [
        ["assumptions", problem],
        ["simulate", problem, "--steps", 2, "--seeds", 1, "--out", store],
        ["simulate", problem, "--steps", 2, "--seeds", 1, "--out", store],
        ["rebuild", store],
        ["sweep", f"two{odd}.toml"],
        *(["export", store, "--to", form, "--out", f"{table}.{form}"]
          for form in ("csv", "netcdf", "npz", "parquet")),
    ]  # fmt: skip
    for line in lines:
        code, out, err = bofcheck(*line, "--json", "-q")
        assert (code, err) == (0, ""), line
        assert json.loads(out)
    assert json.loads(out)["file"].endswith(r"all\xe4\xff.parquet")
    code, out, err = bofcheck("simulate", f"none{odd}.toml", "--out", "new")
    assert code == 2
    one_line(err, r"none\xe4\xff.toml")


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("NUMBA_DISABLE_JIT", "1", False),
        ("NUMBA_DISABLE_JIT", "yes", False),
        ("NUMBA_DISABLE_JIT", "", False),
        ("NUMBA_DISABLE_JIT", "0", True),
        ("NUMBA_OPT", "fast", False),
        ("NUMBA_DEBUG_CACHE", "x", False),
        ("OMP_NUM_THREADS", "0", False),
        ("OMP_NUM_THREADS", f"2,{MOST_THREADS + 1}", False),
        ("OMP_NUM_THREADS", "2,1", True),
        ("OMP_STACKSIZE", "999G", False),
        ("GOMP_STACKSIZE", "2000000", False),
        ("OMP_STACKSIZE", "4 M", True),
        ("OMP_STACKSIZE", "large", True),
        ("NUMBA_CPU_FEATURES", "avx2", False),
        ("NUMBA_CPU_FEATURES", "+avx2,,", False),
        ("NUMBA_CPU_FEATURES", "+sse4.2,-fma", True),
        ("NUMBA_CPU_FEATURES", "", True),
    ],
)
def test_settings_under_which_a_library_fails(bofcheck, monkeypatch, name, value, accepted):
    monkeypatch.setenv(name, value)
    code, out, err = bofcheck("cite")
    if accepted:
        assert (code, err) == (0, "")
    else:
        assert (code, out) == (2, "")
        one_line(err, name, repr(value) if value != "1" else "unset")
    assert bofcheck("cite", "--help")[0] == 0


def test_a_settings_file_of_numba_counts_like_its_variables(bofcheck, tmp_path):
    (tmp_path / ".numba_config.yaml").write_text("disable_jit: 1\n")
    code, _, err = bofcheck("cite")
    (tmp_path / ".numba_config.yaml").unlink()
    assert code == 2
    one_line(err, "NUMBA_DISABLE_JIT", ".numba_config.yaml")
    assert bofcheck("cite")[0] == 0


def test_a_working_folder_that_is_gone(bofcheck, tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for line in (["cite"], ["claims", "B2"], ["verify", "--out", tmp_path / "new"]):
        code, out, err = bofcheck(*line)
        assert (code, out) == (3, "")
        one_line(err, "working folder")
    assert not (tmp_path / "new").exists()


def test_an_interpreter_that_drops_the_rules(tmp_path):
    done = process(sys.executable, "-OO", "-m", "bofcheck", "claims", "B2", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    one_line(done.stderr, "PYTHONOPTIMIZE")


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("cite > /dev/full", 3, "standard output cannot be written (No space left on device)"),
        ("cite --json > /dev/full", 3, "standard output cannot be written"),
        ("cite >&-", 0, ""),
        ("cite <&- >&- 2>&-", 0, ""),
        ("nonsense 2>/dev/full", 2, ""),
        ("nonsense >&- 2>&-", 2, ""),
    ],
)
def test_streams_that_take_nothing(tmp_path, line, code, words):
    call = f"{sys.executable} -m bofcheck {line}; echo code $? >&3"
    done = subprocess.run(
        ["sh", "-c", f"exec 3>code; {call}"], cwd=tmp_path, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}, check=True,
    )  # fmt: skip
    assert (tmp_path / "code").read_text() == f"code {code}\n"
    if words:
        one_line(done.stderr, words)
    else:
        assert done.stderr == ""


def test_an_unknown_request_for_completions_is_no_verdict(tmp_path):
    done = bofcheck_in(tmp_path, "cite", _BOFCHECK_COMPLETE="nonsense")
    assert done.returncode == 2


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare of util-linux")
def test_a_read_only_installation_and_home(tmp_path):
    """No cache of kernels or fonts can be kept anywhere but in the temporary folder."""
    command = write_case(tmp_path)
    (tmp_path / "easy.toml").write_text("n_samples = 2\ndim = 100\ntest_tokens = 8\n")
    (tmp_path / "home").mkdir()
    lines = [
        ["claims", "B2"], ["assumptions", "easy.toml"], ["diff", "a", "b"],
        [*command, "--out", "out", "-q"],
    ]  # fmt: skip
    program = (
        "import sys; from bofcheck.cli.entry import run, settle_process; settle_process(); "
        f"codes = [run(line) for line in {lines!r}]; print(codes, file=sys.stderr)"
    )
    script = f"""
    for place in {ROOT} {tmp_path}/home; do
      mount --bind $place $place && mount -o remount,ro,bind $place || exit 99
    done
    HOME={tmp_path}/home exec {sys.executable} -c "$PROGRAM"
    """
    done = process(
        "unshare", "-m", "sh", "-c", script,
        folder=tmp_path, NUMBA_CACHE_DIR="/proc/no", PROGRAM=program,
    )  # fmt: skip
    if b"bofcheck" not in done.stderr and done.returncode in (1, 99):
        pytest.skip(f"nothing may be mounted here: {done.stderr.decode().strip()}")
    told = done.stderr.decode().splitlines()
    assert told[1:] == ["[0, 0, 2, 0]"]
    assert told[0].startswith("bofcheck: error: a: no such report")


def test_a_results_folder_that_cannot_be_written_is_refused_first(bofcheck, tmp_path, monkeypatch):
    command = write_case(tmp_path)
    (tmp_path / "file").write_text("mine")
    for line, words in (
        ([*command, "--out", "/proc/nowhere"], "cannot be written"),
        ([*command, "--out", "file"], "is a file"),
        ([*command, "--out", "file/below"], "is a file"),
        (["claims", "B2", "--out", "file"], "is a file"),
        (["claims", "--out", "file"], "is a file"),
        (["claims", "B2", "--run", "--out", "file"], "is a file"),
    ):
        monkeypatch.setattr("bofcheck.compare.verify", None)  # nothing is decided
        code, out, err = bofcheck(*line)
        assert (code, out) == (2, ""), line
        one_line(err, words)
    assert (tmp_path / "file").read_text() == "mine"
