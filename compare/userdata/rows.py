"""What a file of curves says, one number at a time."""

#: Columns that say which run, step and cell a number belongs to; bofcheck itself writes ``seed``.
RUN, STEP, CELL = ("run", "seed"), "step", "cell"
#: The name of the only cell of a file without a column ``cell``.
ONE_CELL = "data"

#: Cell, run, step, quantity and value of a number; the value is None where nothing was measured.
Row = tuple[str, str, float, str, float | None]
