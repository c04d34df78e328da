"""pandas: DataFrames, long or wide, and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...errors import CompareError
from ..raw import RawTable
from ..rows import CELL, STEP
from ..shapes.names import key_column


def frame_table(frame: Any, name: str = "DataFrame", run: str = "") -> RawTable:
    """A DataFrame as a table of texts; rows are counted from 1.

    Args:
        frame: a `pandas.DataFrame`; levels of its index with a name are columns too.
        name: what messages call it.
        run: the name of its run, if no column names runs.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"seed": [0, 1], "step": [0, 0], "train_loss": [0.5, None]})
        >>> table = frame_table(frame)
        >>> table.header, list(table.rows)
        (['seed', 'step', 'train_loss'], [(1, ['0', '0', '0.5']), (2, ['1', '0', 'nan'])])
    """
    index = _index(frame)
    keys: dict[int, dict[str, str]] = {}
    levels = frame.columns.nlevels
    header = list(index)
    for place, label in enumerate(frame.columns, len(index)):
        if levels > 1:
            names = (str(each or f"level {at}") for at, each in enumerate(frame.columns.names))
            keys[place] = dict(zip(names, map(str, label), strict=True))
            header.append(" / ".join(map(str, label)))
        elif frame.columns.name is not None and not isinstance(label, str):
            keys[place] = {str(frame.columns.name): str(label)}
            header.append(str(label))
        else:
            header.append(str(label).strip())
    columns = [*index.values(), *(frame.iloc[:, at] for at in range(frame.shape[1]))]
    texts = [_texts(column, title) for column, title in zip(columns, header, strict=True)]
    return RawTable(
        name, header, _rows(texts), run, keys=keys, where="row", gaps=True, kind="a DataFrame"
    )


def parquet_table(path: Path, run: str = "") -> RawTable:
    """A Parquet file as a table.

    Raises:
        CompareError: pyarrow is not installed, or the file is not Parquet.
        OSError: the file cannot be read.
    """
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise CompareError(
            f"{path}: Parquet needs pyarrow; pip install 'bofcheck[export]', or write a CSV file"
        ) from None
    with path.open("rb") as file:
        try:
            frame = parquet.read_table(file).to_pandas()
        # pyarrow has exceptions of its own, some of which are OSErrors without a reason
        except Exception as error:
            why = " ".join(str(error).split())[:120]
            raise CompareError(f"{path}: is not a Parquet file: {why}") from None
    return frame_table(frame, str(path), run)


def _index(frame: Any) -> dict[str, Any]:
    """The levels of the index that say something, as columns.

    An index without a name holds steps, unless it only counts rows of a table that names runs.
    """
    index = frame.index
    named = {
        str(name): index.get_level_values(level)
        for level, name in enumerate(index.names)
        if name is not None
    }
    columns = [str(name) for name in frame.columns]
    plain = not named and key_column(STEP, columns) is None and index.dtype.kind in "iuf"
    counted = len(index) and index[0] == 0 and index[-1] == len(index) - 1
    if counted and key_column("run", columns):
        plain = False
    return {STEP: index} if plain else named


def _texts(column: Any, title: str) -> Sequence[str]:
    """The fields of a column; NaN is nan where a number may be, and empty in a key."""
    missing = "" if title == CELL or key_column("run", [title]) else "nan"
    if column.dtype == "float32":  # 0.1 in single precision is called 0.1
        column = column.astype(str)
    return [
        missing if gap else value if isinstance(value, str) else repr(value)
        for value, gap in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]


def _rows(texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(zip(*texts, strict=True), 1):
        yield number, list(row)
