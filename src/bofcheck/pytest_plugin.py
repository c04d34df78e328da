"""``pytest --bofcheck mine.toml``: what the bounds of every theorem must satisfy.

For each bound, at admissible numbers that hypothesis draws: it is a number, an upper bound is not
below the least value that its quantity can have, and where the file states which constants follow
from others, the stages meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

#: Draws for each test.
DRAWS = 100


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("bofcheck").addoption(
        "--bofcheck",
        action="append",
        default=[],
        metavar="FILE",
        help="test the bounds of the theorem in FILE (.toml; .py is executed)",
    )


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the tests of each theorem that was named."""
    for name in config.getoption("--bofcheck"):
        file: Any = _TheoremFile.from_parent(session, path=Path(name).resolve())
        items.extend(file.collect())


class _TheoremFile(pytest.File):
    """A theorem's file."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each bound and what it must satisfy."""
        from .testing import assert_continuous, moments
        from .theory import TheoryError, read_theorem

        try:
            theorem = read_theorem(self.path)
        except TheoryError as error:
            raise pytest.UsageError(str(error)) from None
        for bound in theorem.bounds:
            if bound.logged:  # it has other measured quantities in it
                continue
            draws = moments(theorem, bound)
            yield _item(self, f"{bound.name} is a number", draws, _finite(bound))
            least = _least(bound.quantity)
            if bound.kind == "upper" and least is not None:
                said = f"{bound.name} is not below {least:g}"
                yield _item(self, said, draws, _not_below(bound, least))
        if theorem.continuity and theorem.bounds:

            def meet(numbers: dict[str, float]) -> None:
                assert_continuous(theorem, numbers)

            yield _item(self, "stages meet", moments(theorem, theorem.bounds[0]), meet)


def _least(quantity: str) -> float | None:
    import math

    from .compare.userdata.ranges import RANGES

    low = RANGES.get(quantity, (-math.inf, math.inf))[0]
    return low if math.isfinite(low) else None


def _finite(bound: Any) -> Callable[[dict[str, float]], None]:
    from .testing import assert_finite

    return lambda numbers: assert_finite(bound, numbers)


def _not_below(bound: Any, least: float) -> Callable[[dict[str, float]], None]:
    from .testing import assert_never_below

    return lambda numbers: assert_never_below(bound, least, numbers)


def _item(
    parent: _TheoremFile, name: str, draws: Any, says: Callable[[dict[str, float]], None]
) -> pytest.Item:
    item: Any = _Test.from_parent(parent, name=name)
    item.draws, item.says = draws, says
    return item  # type: ignore[no-any-return]


class _Test(pytest.Item):
    """One property of one bound."""

    draws: Any
    says: Callable[[dict[str, float]], None]

    def runtest(self) -> None:
        """Draw numbers and test the property."""
        from hypothesis import HealthCheck, given, settings

        quiet = [HealthCheck.filter_too_much, HealthCheck.too_slow]

        @settings(
            max_examples=DRAWS, deadline=None, derandomize=True, database=None,
            suppress_health_check=quiet,
        )  # fmt: skip
        @given(self.draws)
        def test(numbers: dict[str, float]) -> None:
            self.says(numbers)

        test()

    def repr_failure(self, excinfo: Any, style: Any = None) -> str:
        """The smallest counterexample, in one line."""
        return f"{self.path.name}: {excinfo.value}"

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it comes from."""
        return self.path, None, f"{self.path.name}: {self.name}"
