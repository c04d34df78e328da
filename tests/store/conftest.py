"""Every kind of store, opened as often as a test likes on what was kept before."""

from collections.abc import Callable
from pathlib import Path

import pytest
from memory_store import MemoryStore

from bofcheck.simulate import TrajectoryStore
from bofcheck.simulate.store import Store

Open = Callable[[], Store]

FACTORIES: dict[str, Callable[[Path, dict], Open]] = {
    "folder": lambda path, kept: lambda: TrajectoryStore(path / "r", {"a": 1}),
    "memory": lambda path, kept: lambda: MemoryStore(kept, {"a": 1}),
}


@pytest.fixture(params=FACTORIES)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Open the same store again, as another process would."""
    return FACTORIES[request.param](tmp_path, {})
