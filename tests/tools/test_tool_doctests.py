"""The examples in the tools' docstrings, which lie outside the package's own doctests."""

import doctest

import pytest

import limit_picture
import trim
import verdict_pictures


@pytest.mark.parametrize("tool", [limit_picture, trim, verdict_pictures])
def test_examples_hold(tool):
    found = doctest.testmod(tool)
    assert found.attempted > 0
    assert found.failed == 0
