"""Names that people give to columns and runs, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

#: Other names of a key column, in the order of preference; case and marks do not count.
ALIASES: dict[str, tuple[str, ...]] = {
    "step": (
        "step", "steps", "global_step", "trainer_global_step", "iteration", "iterations", "iter",
        "epoch", "epochs", "t",
    ),
    "run": (
        "run", "seed", "runs", "seeds", "run_id", "run_name", "random_seed", "trial", "replicate",
        "repeat", "rep",
    ),
    "quantity": ("quantity", "metric", "metric_name", "key", "tag", "variable"),
    "value": ("value", "metric_value"),
}  # fmt: skip

#: Names under which loggers write a quantity; each means nothing else.
_QUANTITIES: dict[str, tuple[str, ...]] = {
    "train_loss": ("loss", "loss_train", "training_loss", "train_loss_step", "train_loss_epoch"),
    "test_loss": (
        "eval_loss", "loss_test", "val_loss", "valid_loss", "validation_loss", "loss_val",
        "test_loss_epoch", "val_loss_epoch",
    ),
    "test_error": ("test_err", "eval_error", "val_error", "error_test", "validation_error"),
}  # fmt: skip

#: A cell's name, then the number of a run of it: ``lr0.1-seed3``, ``wide/run_2``, ``s0``.
_NUMBERED = re.compile(
    r"(?P<cell>.*?)(?:^|[\s_\-./,:]+)(?:seeds?|runs?|rep|trial|version|s|r)[\s_\-=:]?(?P<run>\d+)",
    re.IGNORECASE,
)


def plain(name: str) -> str:
    """A column's name in small letters, with marks as underscores.

    >>> [plain(name) for name in ("Wall time", "train/loss", "_step", "trainer/global_step")]
    ['wall_time', 'train_loss', 'step', 'trainer_global_step']
    """
    flat = re.sub(r"[\s_\-./]+", "_", name.strip().lower()).strip("_")
    return flat.removeprefix("metrics_")


def key_column(key: str, header: Iterable[str]) -> str | None:
    """The column that is a key: ``"step"``, ``"run"``, ``"quantity"`` or ``"value"``.

    >>> key_column("step", ["Epoch", "Step"]), key_column("run", ["lr"])
    ('Step', None)
    """
    names = list(header)
    if key in names:
        return key
    for alias in ALIASES[key]:
        found = [name for name in names if plain(name) == alias]
        if found:
            return found[0]
    return None


def quantity_columns(wanted: Collection[str], header: Iterable[str]) -> dict[str, list[str]]:
    """The columns that may hold each wanted quantity: its own name, else the best other names.

    >>> quantity_columns(["train_loss"], ["step", "Train/Loss", "loss"])
    {'train_loss': ['Train/Loss']}
    """
    names, found = list(header), {}
    for quantity in sorted(wanted):
        if quantity in names:
            found[quantity] = [quantity]
            continue
        for alias in (plain(quantity), *_QUANTITIES.get(quantity, ())):
            same = [name for name in names if plain(name) == alias and name not in wanted]
            if same:
                found[quantity] = same
                break
    return found


def quantity_named(name: str, wanted: Collection[str]) -> str:
    """The wanted quantity that a name means; else the name as it is.

    >>> quantity_named("train/loss", {"train_loss"}), quantity_named("acc", {"train_loss"})
    ('train_loss', 'acc')
    """
    if name in wanted or not wanted:
        return name
    matches = [quantity for quantity in wanted if quantity_columns([quantity], [name])]
    return matches[0] if len(matches) == 1 else name


def cell_and_run(name: str) -> tuple[str, str]:
    """The cell and the run that a name such as ``lr0.1-seed3`` means; no cell if it names none.

    >>> [cell_and_run(name) for name in ("lr0.1_seed3", "seed 4", "g0.2-s0", "12", "my run")]
    [('lr0.1', '3'), ('', '4'), ('g0.2', '0'), ('', '12'), ('', 'my run')]
    """
    match = _NUMBERED.fullmatch(name.strip())
    return (match["cell"], match["run"]) if match else ("", name.strip())


def is_run(name: str) -> bool:
    """Whether a column's name is a run's: numbered as one, or a number.

    >>> is_run("seed_0"), is_run("17"), is_run("lr")
    (True, True, False)
    """
    return bool(_NUMBERED.fullmatch(name.strip()) or name.strip().isdigit())
