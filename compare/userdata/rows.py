"""The content of a file of curves, one number at a time."""

#: Columns for the run, step and cell of a number; bofcheck itself writes ``seed`` for the run.
RUN, STEP, CELL = ("run", "seed"), "step", "cell"
#: The name of the only cell of a file without a column ``cell``.
ONE_CELL = "data"

#: Cell, run, step, quantity and value of a number; the value is None where nothing was measured.
Row = tuple[str, str, float, str, float | None]
