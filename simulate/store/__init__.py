"""Stores: where every command keeps what it has trained, in shards that never change.

`Store` is what any store offers; `TrajectoryStore` keeps it in a folder.
"""

from .base import SHARD_RUNS, Store
from .filling import fill, train_stored
from .folder import TrajectoryStore, open_store, rebuild

__all__ = [
    "SHARD_RUNS",
    "Store",
    "TrajectoryStore",
    "fill",
    "open_store",
    "rebuild",
    "train_stored",
]
