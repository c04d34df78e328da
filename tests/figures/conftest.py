"""Reference tables, and a results folder with one run of each cell of two small figures."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bofcheck.cli.entry import run
from bofcheck.compare.experiments.table import Table

REFERENCE = Path(__file__).parent / "reference"

Command = Callable[..., tuple[int, str, str]]


def reference_table(name: str) -> Table:
    return Table.from_csv((REFERENCE / f"{name}.csv").read_text(encoding="utf-8"))


@pytest.fixture
def bofcheck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run a command in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def command(*args: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `reproduce fig5 excess --seeds 2` leaves behind."""
    out = tmp_path_factory.mktemp("reproduced") / "results"
    assert run(["reproduce", "fig5", "excess", "--seeds", "2", "--out", str(out)]) == 0
    return out
