"""The measurements: the grid of sizes, and the span engine compared with itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.cell import Cell
from harness.measure import Entry

SAMPLES = (4, 20, 100, 400)
DIMS = (128, 512, 2048, 10**6)
#: Contenders outside the grid: log steps, and the limit, which `limit_steps` times.
NOT_TRAINING = ("span-look", "span-test", "limit")
#: Batches so large that only an accelerator benefits from them.
ACCELERATOR_ONLY = ("span-many", "span-many-float32")
YARDSTICKS = ("dgemm-numpy", "dgemm-torch")
#: Size at which the span engine is compared with itself.
HOME_SAMPLES, HOME_DIM, LOOK_TOKENS = 20, 512, 1000


@dataclass(frozen=True)
class Group:
    """Entries that take turns with each other.

    Attributes:
        name: ``"N=20 d=512"``, or ``"span"``.
        entries: the entries.
    """

    name: str
    entries: tuple[Entry, ...]


def plan_groups(
    names: Collection[str],
    *,
    samples: Sequence[int] = SAMPLES,
    dims: Sequence[int] = DIMS,
    devices: Sequence[str] = ("cpu",),
    runs: int = 16,
    only: Collection[str] = (),
) -> list[Group]:
    """All groups; the yardsticks take part in each.

    Args:
        names: names of all contenders.
        samples: values of N.
        dims: values of d.
        devices: where the grid's contenders run; the yardsticks run on the CPU.
        runs: seeds of a batch.
        only: contenders to keep, all if empty.

    Example:
        >>> groups = plan_groups(["loop", "span", "dgemm-numpy"], samples=[4], dims=[128])
        >>> [group.name for group in groups]
        ['N=4 d=128', 'span']
        >>> [entry.key for entry in groups[0].entries]
        ['loop@cpu', 'span@cpu', 'dgemm-numpy@cpu']
    """
    yardsticks = [name for name in names if name in YARDSTICKS]
    training = [name for name in names if name not in (*YARDSTICKS, *NOT_TRAINING)]
    kept = [name for name in training if not only or name in only]
    groups = []
    for n_samples in samples:
        for dim in dims:
            cell = Cell(n_samples, dim, runs)
            entries = [
                Entry(name, cell, device)
                for name in kept
                for device in devices
                if device != "cpu" or name not in ACCELERATOR_ONLY
            ]
            entries += [Entry(name, cell) for name in yardsticks]
            groups.append(Group(f"N={n_samples} d={dim}", tuple(entries)))
    if "span" in kept:
        groups.append(Group("span", (*_span_entries(runs), *_yardsticks(yardsticks, runs))))
    return groups


def _span_entries(runs: int) -> list[Entry]:
    """One change at a time: d, the output layer, the batch; and a log step."""

    def cell(dim: int = HOME_DIM, runs: int = runs, train: bool = False, tokens: int = 1) -> Cell:
        return Cell(HOME_SAMPLES, dim, runs, train, tokens)

    return [
        Entry("span", cell(dim=128), part="d=128"),
        Entry("span", cell(dim=10**6), part="d=10^6"),
        Entry("span", cell(), part="frozen"),
        Entry("span", cell(train=True), part="trained"),
        Entry("span", cell(runs=1), part="one run"),
        Entry("span-look", cell(tokens=LOOK_TOKENS), part="look"),
        Entry("span-test", cell(tokens=LOOK_TOKENS), part="test"),
    ]


def _yardsticks(names: Sequence[str], runs: int) -> list[Entry]:
    return [Entry(name, Cell(HOME_SAMPLES, HOME_DIM, runs)) for name in names]
