"""The examples in the benchmarks' docstrings, which lie outside the package's own doctests."""

import doctest
import importlib

import pytest

MODULES = ["figures", "formats", "plan"]
MODULES += [f"harness.{name}" for name in ("cell", "machine", "rounds", "torch_start")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name):
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0
