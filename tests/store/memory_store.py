"""The plainest store there can be: it passes the same tests, and others are compared with it."""

from dataclasses import replace

from bofcheck.simulate import ShardExistsError, StoreError, Trajectory
from bofcheck.simulate.store import Store
from bofcheck.simulate.store.shardfile import NAME
from bofcheck.simulate.store.shards import Head, Shard


class MemoryStore(Store):
    """Shards in a dictionary that outlives the store, like a folder does."""

    def __init__(self, kept: dict[tuple[str, int], Shard], settings: dict) -> None:
        self.settings = settings
        self._kept = kept

    def where(self, name: str) -> str:
        if NAME.fullmatch(name) is None:
            raise StoreError(f"cell name {name!r}: not allowed")
        return f"memory, {name}"

    def index(self) -> dict[str, list[bool]]:
        found: dict[str, list[bool]] = {}
        for (name, rank), shard in self._kept.items():
            there = found.get(name, [])
            last = max((at + 1 for at, exists in enumerate(there) if exists), default=0)
            found[name] = [*there, *[False] * shard.of][: max(last, shard.of)]
            found[name][rank] = True
        return found

    def add(self, shard: Shard) -> None:
        if (shard.cell, shard.rank) in self._kept:
            raise ShardExistsError(f"{self.where(shard.cell)}: already stored")
        copied = {name: array.copy() for name, array in shard.trajectory.quantities.items()}
        kept = replace(shard, trajectory=replace(shard.trajectory, quantities=copied))
        self._kept[shard.cell, shard.rank] = kept

    def shard(self, name: str, rank: int) -> Trajectory:
        return self._kept[name, rank].trajectory

    def head(self, name: str, rank: int) -> Head:
        one = self._kept[name, rank].trajectory
        return Head(one.problem, one.seeds, one.steps, tuple(one.quantities), dict(one.provenance))
