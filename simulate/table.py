"""A store as one flat table of text: a row for each cell, seed and logged step."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from .observables import QUANTITIES
from .store import TrajectoryStore

#: Columns that say which row it is; one column per quantity follows, then ``diverged_at``.
KEYS = ("cell", "seed", "step")


def csv_chunks(store: TrajectoryStore) -> Iterator[bytes]:
    """The store as CSV (RFC 4180), header first, one chunk a run.

    Numbers are written with as many digits as it takes to read back the same float64; what
    was not logged because a run had diverged is ``nan``. ``diverged_at`` is -1 for a run that
    has not diverged.

    Raises:
        StoreError: a cell is damaged.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import Problem, train
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {})
        ...     store.save("a", train(Problem(n_samples=4, dim=100), seeds=1, steps=1))
        ...     lines = b"".join(csv_chunks(store)).decode().splitlines()
        >>> lines[0][:33], lines[1].split(",")[:3], len(lines)
        ('cell,seed,step,train_loss,test_lo', ['a', '0', '0'], 3)
    """
    yield _lines([[*KEYS, *QUANTITIES, "diverged_at"]])
    for name in store.names():
        trajectory = store.read(name)
        steps = trajectory.steps.tolist()
        for run, seed in enumerate(trajectory.seeds.tolist()):
            columns = [trajectory[quantity][run].tolist() for quantity in QUANTITIES]
            diverged_at = int(trajectory.diverged_at[run])
            yield _lines(
                [name, seed, step, *values, diverged_at]
                for step, *values in zip(steps, *columns, strict=True)
            )


def _lines(rows: Iterator[list[object]] | list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
