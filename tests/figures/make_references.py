"""Rebuild the reference tables and pictures: python tests/figures/make_references.py DIR.

DIR is a folder that ``bofcheck reproduce all --preset quick`` has written. Its tables are thinned
(curves to every sixth step, six digits) and drawn; what the tests compare are these drawings in
grey, averaged over small blocks. Look at the figures themselves before keeping new references.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bofcheck.compare.figures import Style, picture
from bofcheck.compare.figures.table import Table
from bofcheck.compare.papers.zhang2025.experiments import experiment_names

REFERENCE = Path(__file__).parent / "reference"
#: Dots per inch of a drawing, and side of the blocks that are averaged, in dots.
DPI, BLOCK = 60, 4


def blocks(name: str, table: Table, style: Style | None = None) -> NDArray[np.float64]:
    """A figure in grey, from 0 to 255, averaged over blocks so that letters may shift a little."""
    image = Image.open(io.BytesIO(picture(table, "png", name, style, DPI))).convert("L")
    grey = np.asarray(image, dtype=float)
    rows, columns = (side // BLOCK * BLOCK for side in grey.shape)
    cut = grey[:rows, :columns]
    parts = cut.reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK)
    return np.asarray(parts.mean(axis=(1, 3)))


def reference_table(name: str) -> Table:
    """The table a reference picture was drawn from."""
    return Table.from_csv((REFERENCE / f"{name}.csv").read_text(encoding="utf-8"))


def thinned(table: Table) -> Table:
    """Fewer rows and digits, enough to draw from."""
    steps = sorted(table.numbers("step"))
    kept = {*steps[::6], steps[-1]} if steps else set()
    rows = []
    for row in table:
        if not steps or row.get("step") in kept:
            short = {k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in row.items()}
            rows.append(short)
    return Table(tuple(rows))


def main(folder: Path) -> None:
    """Write reference/NAME.csv and reference/NAME.png."""
    REFERENCE.mkdir(exist_ok=True)
    for name in experiment_names():
        source = folder / "tables" / f"{name}.csv"
        table = thinned(Table.from_csv(source.read_text(encoding="utf-8")))
        (REFERENCE / f"{name}.csv").write_text(table.to_csv(), encoding="utf-8")
        read = Table.from_csv(table.to_csv())
        grey = Image.fromarray(blocks(name, read).round().astype(np.uint8))
        grey.save(REFERENCE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
