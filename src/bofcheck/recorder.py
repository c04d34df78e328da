"""`Recorder`: write curves while a loop trains, a line a step, so that a killed loop loses one."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .compare import CompareError


class Recorder:
    """Appends rows to a file of curves that `bofcheck.check` reads.

    Every call of `log` is one write of one whole line to the system, so that what was logged stays
    when the process is killed. An existing file is continued; half a line at its end, which only a
    full disk or a crash of the machine leaves, is removed.

    Args:
        path: ``.csv``, or ``.jsonl``, in which later rows may have other keys.
        parquet: also write a Parquet file of all rows on `close`.

    Raises:
        CompareError: the path has another ending, or a row does not fit.
        OSError: the file cannot be written.

    Example:
        >>> import tempfile
        >>> import bofcheck
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "curves.csv"
        ...     with Recorder(path) as recorder:
        ...         for step in (0, 10):
        ...             recorder.log(run=3, step=step, train_loss=0.5 / (1 + step), gamma=0.1)
        ...     print(path.read_text(), end="")
        run,step,train_loss,gamma
        3,0,0.5,0.1
        3,10,0.045454545454545456,0.1
    """

    def __init__(self, path: str | Path, *, parquet: str | Path | None = None) -> None:
        self.path, self.parquet = Path(path), None if parquet is None else Path(parquet)
        if self.path.suffix not in (".csv", ".jsonl"):
            raise CompareError(f"{path}: a recorder writes .csv or .jsonl files")
        self._header = self._continued()
        self._file = self.path.open("ab", buffering=0)

    def _continued(self) -> list[str]:
        """The columns of an existing file, without half a line at its end."""
        if not self.path.exists():
            return []
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            with self.path.open("r+b") as file:
                file.truncate(len(whole))
        first = whole.decode("utf-8-sig").partition("\n")[0]
        return next(csv.reader([first]), []) if self.path.suffix == ".csv" else []

    def log(self, run: object, step: float, **values: Any) -> None:
        """Write one row.

        Args:
            run: the name or number of the run, such as its seed.
            step: gradient steps taken.
            values: quantities, numbers of the problem, and ``cell`` if you like; arrays of one
                number, of NumPy or PyTorch, are numbers. None was not measured, NaN diverged.

        Raises:
            CompareError: a value is not a number, or a CSV file has no such column.
        """
        row = {"run": _plain("run", run), "step": _plain("step", step)}
        row |= {name: _plain(name, value) for name, value in values.items()}
        if self.path.suffix == ".jsonl":
            kept = {name: value for name, value in row.items() if value is not None}
            self._file.write(json.dumps(kept).encode() + b"\n")
            return
        if not self._header:
            self._header = list(row)
            self._file.write(_line(self._header))
        unknown = [name for name in row if name not in self._header]
        if unknown:
            raise CompareError(
                f"{self.path}: has no column {unknown[0]}: a CSV file has the columns of its first "
                f"row ({', '.join(self._header)}); name it there, with None, or record .jsonl"
            )
        self._file.write(_line(_text(row.get(name)) for name in self._header))

    def close(self) -> None:
        """Close the file, and write the Parquet file if one was asked for."""
        if self._file.closed:
            return
        self._file.close()
        if self.parquet is not None:
            import pandas as pd

            lines = self.path.suffix == ".jsonl"
            frame = pd.read_json(self.path, lines=True) if lines else pd.read_csv(self.path)
            frame.to_parquet(self.parquet)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _plain(name: str, value: Any) -> Any:
    """A number or text of Python.

    Raises:
        CompareError: it is neither.
    """
    if hasattr(value, "item"):
        try:
            value = value.item()
        except (RuntimeError, ValueError):
            raise CompareError(f"{name}: holds several numbers; log one, such as a mean") from None
    texts = name in ("run", "cell")
    if value is None and not texts and name != "step":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise CompareError(f"{name} = {str(value)[:40]}: is not a number")
    if isinstance(value, str) and not texts:
        raise CompareError(f"{name} = {value[:40]!r}: is not a number")
    if name == "step" and not (math.isfinite(float(value)) and float(value) >= 0):
        raise CompareError(f"step = {value}: must be at least 0")
    return value


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(value)


def _line(fields: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(fields)
    return text.getvalue().encode()
