"""The examples in the tools' docstrings, which lie outside the package's own doctests."""

import doctest

import trim


def test_examples_hold():
    found = doctest.testmod(trim)
    assert found.attempted > 0
    assert found.failed == 0
