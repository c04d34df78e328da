"""The worked example of the page on your curves runs, and prints what the page says it prints."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "your-curves.md").read_text(encoding="utf-8")


def test_the_page_runs_from_top_to_bottom_and_prints_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    first, *rest = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    said = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)[0]
    space = {}
    exec(first, space)
    assert capsys.readouterr().out == said
    for block in rest:
        exec(block, space)
    out = capsys.readouterr().out
    assert "\\toprule" in out
    assert "D1 = -0.009 at t = 1000, below 0, with C = 1" in out
    assert Path("results/mine/report.html").is_file()
    assert len(Path("curves.csv").read_text().splitlines()) == 7
