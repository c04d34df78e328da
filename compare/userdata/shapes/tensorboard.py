"""What TensorBoard downloads: Wall time, Step and Value of one tag of one run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from ...errors import CompareError
from ..raw import RawTable
from ..rows import CELL, ONE_CELL
from .names import cell_and_run, plain, quantity_named
from .shape import Row, Shape

_HEADER = {"wall_time", "step", "value"}
#: How TensorBoard names the file: ``run-NAME-tag-TAG.csv``.
_NAME = re.compile(r"run[-_](?P<run>.+)[-_]tag[-_](?P<tag>.+)")


def tensorboard_shape(
    raw: RawTable, header: Sequence[str], wanted: Collection[str]
) -> Shape | None:
    """The shape of TensorBoard's CSV; None if it has another.

    The tag and the run are in the name that TensorBoard gives the file; a file of another name is
    a run of that name, of the only quantity that is wanted.

    Raises:
        CompareError: it is unknown which quantity it holds.
    """
    if {plain(name) for name in header} != _HEADER:
        return None
    named = _NAME.fullmatch(raw.run)
    run = named["run"] if named else raw.run or ONE_CELL
    only = next(iter(wanted)) if len(wanted) == 1 else ""
    quantity = raw.quantity or (quantity_named(named["tag"], wanted) if named else only)
    if not quantity:
        raise CompareError(
            f"{raw.name}: which quantity is Value ({', '.join(sorted(wanted)) or 'unknown'})? Name "
            f"it: --columns quantity={min(wanted, default='train_loss')}"
        )
    cell, number = cell_and_run(run)
    places = [[plain(name) for name in header].index(key) for key in ("step", "value")]

    def expand(row: Row) -> Iterable[Row]:
        yield [cell or ONE_CELL, number, quantity, *(row[place] for place in places)]

    said = f"read as TensorBoard's: {quantity}, a file a run"
    return Shape([CELL, "run", "quantity", "step", "value"], said, expand)
