"""The picture of the limit beside trained runs: ``python tools/limit_picture.py``.

A benign cell of preset quick, inside Assumption 4.1, is trained; the limit predicts each run from
its labels and start.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bofcheck.compare import Study, analyse
from bofcheck.compare.figures import Style, draw
from bofcheck.compare.figures.registry import cell_drawings
from bofcheck.compare.figures.render import render
from bofcheck.compare.figures.table import Row, Table
from bofcheck.compare.papers.zhang2025.designs import get_design
from bofcheck.simulate import train
from bofcheck.theory import benign

IMAGES = Path(__file__).parents[1] / "docs" / "images"
#: The cell, its runs, and the quantities shown.
CELL, SEEDS = "b-tight", 8
QUANTITIES = ("train_loss", "test_loss", "log_failure_prob", "attention_clean")
#: Dots per inch.
_DPI = 200


def table(steps: int | None = None, seeds: int = SEEDS) -> Table:
    """The numbers of the picture.

    Args:
        steps: gradient steps; the cell's by default.
        seeds: runs.

    >>> table(steps=20, seeds=2).select(kind="predicted").texts("quantity")[1:]
    ['test_loss', 'log_failure_prob', 'attention_clean']
    """
    (cell,) = (each for each in get_design("quick").cells["benign"] if each.name == CELL)
    made = train(cell.problem, seeds=seeds, steps=steps or cell.steps, log_at="geometric:64")
    result = analyse(cell, made, benign)
    whole = cell_drawings()["predicted"].measure(Study(benign, (result,)), result)
    kept: list[Row] = [row for row in whole.rows if row["kind"] in ("about", "event")]
    for name in QUANTITIES:
        kept += [row for row in whole.rows if row.get("quantity") == name]
    return Table(tuple(kept))


def main(args: Sequence[str] | None = None) -> int:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=IMAGES)
    given = parser.parse_args(args)
    figure = draw(table(), style=Style(width="two"))
    (given.out / "limit.png").write_bytes(render(figure, "png", _DPI))
    return 0


if __name__ == "__main__":
    sys.exit(main())
