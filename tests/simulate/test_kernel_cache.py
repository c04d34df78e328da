"""Compiled kernels are kept where that can be done; where it cannot, they are compiled again."""

import importlib.util
import itertools
import sys
from pathlib import Path

import pytest
from numba.core import caching, config

from bofcheck.simulate.numerics.jit import KernelCache

KERNEL = """
from bofcheck.simulate.numerics.jit import njit

@njit(cache=True)
def triple(x):
    return 3 * x
"""
_count = itertools.count()


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Load a module with a kernel, as a fresh process would; its cache is in a folder ``cache``."""
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "kernels.py"
    path.write_text(KERNEL)

    def load():
        name = f"kernels_{next(_count)}"
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        return module.triple

    return load


def files(folder: Path, ending: str) -> list[Path]:
    return sorted(folder.rglob(f"*.{ending}"))


def hits(function) -> int:
    return sum(function.stats.cache_hits.values())


def test_a_kernel_is_compiled_once(kernel, tmp_path):
    first = kernel()
    assert (first(7), hits(first)) == (21, 0)
    assert files(tmp_path, "nbc")
    second = kernel()
    assert (second(7), hits(second)) == (21, 1)


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", [b"", b"half", b"\x80\x04."])
def test_a_damaged_cache_is_written_again(kernel, tmp_path, ending, damage):
    assert kernel()(7) == 21
    for path in files(tmp_path, ending):
        path.write_bytes(damage)
    again = kernel()
    assert (again(7), hits(again)) == (21, 0)
    healed = kernel()
    assert (healed(7), hits(healed)) == (21, 1)


def test_no_folder_for_a_cache(kernel, tmp_path, monkeypatch):
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    assert kernel()(7) == 21
    assert not files(tmp_path, "nbi")


def test_a_disk_that_is_full(kernel, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "_save_data", full)
    assert kernel()(7) == 21
    assert not files(tmp_path, "nbc")


def test_every_kernel_that_asks_for_a_cache_has_this_one():
    from bofcheck.simulate.engines.span import kernel, observe, tail
    from bofcheck.simulate.models import attention
    from bofcheck.simulate.numerics import product
    from bofcheck.simulate.rare_error import aim, lines

    for module in (kernel, observe, tail, attention, product, aim, lines):
        source = Path(module.__file__).read_text()
        cached = [
            value for value in vars(module).values()
            if isinstance(getattr(value, "_cache", None), KernelCache)
            and value.__module__ == module.__name__
        ]  # fmt: skip
        assert len(cached) == source.count("cache=True")
        assert cached
