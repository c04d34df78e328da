"""Stores: where every command keeps trained cells, in shards that never change.

`Store` is the contract of every store; `TrajectoryStore` keeps shards in a folder.
"""

from .base import SHARD_RUNS, Store
from .filling import Progress, fill_cells, train_stored
from .folder import TrajectoryStore, open_store, rebuild
from .orders import CellOrder, Executor, Report, ShardTask

__all__ = [
    "SHARD_RUNS",
    "CellOrder",
    "Executor",
    "Progress",
    "Report",
    "ShardTask",
    "Store",
    "TrajectoryStore",
    "fill_cells",
    "open_store",
    "rebuild",
    "train_stored",
]
