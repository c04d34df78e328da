"""The notebooks are complete, short, and run; every build of the documentation runs them."""

import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.md"))


def cells(path):
    return re.findall(r"```\{code-cell\}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def test_there_are_three_and_the_index_lists_them():
    assert [path.stem for path in NOTEBOOKS] == ["bounds", "own-curves", "step-by-step"]
    index = (NOTEBOOKS[0].parents[1] / "index.md").read_text(encoding="utf-8")
    assert all(f"notebooks/{path.stem}" in index for path in NOTEBOOKS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path, tmp_path, monkeypatch, capsys):
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    space = {}
    for cell in cells(path):
        code = "\n".join(line for line in cell.splitlines() if not line.startswith("%"))
        exec(compile(code, path.name, "exec"), space)
    import matplotlib.pyplot as plt

    plt.close("all")
    said = capsys.readouterr().out
    expected = {"bounds": "log(excess): -", "own-curves": "VIOLATED", "step-by-step": "HOLDS"}
    assert expected[path.stem] in said
