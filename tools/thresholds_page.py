"""The page of thresholds: ``python tools/thresholds_page.py``."""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bofcheck.compare.thresholds import Threshold, thresholds

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "thresholds.md"
#: Where thresholds are used.
COMPARE = ROOT / "compare"

_HEAD = """# Thresholds

<!-- made by tools/thresholds_page.py from compare/thresholds.py; do not edit -->

Every number that decides a verdict, as `compare/thresholds.py` has it. The slack, the tolerated
fraction and the limits that come from the list of claims were fixed before any training;
[changed rules](changed-rules) says which numbers moved, why, and what was known by then. The tests
refuse a number that moves without an entry there. The page
[how verdicts are made](how-verdicts-are-made) says what the numbers do. Of the two
numbers of a `TRANSFER_` threshold, a claim holds to the first and breaks from the second.
"""


def render(records: Sequence[Threshold]) -> str:
    """The page, as Markdown."""
    used = modules_by_name()
    lines = [
        _HEAD,
        "| threshold | value | fixed on | changed on | meaning | used in |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(record, used.get(record.name, [])) for record in records]
    return "\n".join(lines) + "\n"


def value_text(value: Any) -> str:
    """A threshold's value as the page and the changed rules write it.

    >>> value_text(0.05), value_text(2_000), value_text((0.5, 2.0)), value_text(1e-12)
    ('0.05', '2000', '0.5, 2', '1e-12')
    """
    if isinstance(value, tuple):
        return ", ".join(value_text(part) for part in value)
    return str(value) if isinstance(value, int) else f"{value:g}"


def modules_by_name() -> dict[str, list[str]]:
    """Threshold -> the modules of compare that import it from `thresholds`."""
    used: dict[str, list[str]] = {}
    for path in sorted(COMPARE.rglob("*.py")):
        module = path.relative_to(COMPARE).with_suffix("").as_posix()
        for name in _imported(path.read_text(encoding="utf-8")):
            if module != "__init__":
                used.setdefault(name, []).append(module)
    return used


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "thresholds":
            yield from (alias.name for alias in node.names)


def _row(record: Threshold, modules: Sequence[str]) -> str:
    value = value_text(record.value)
    if record.before:
        value += f" (before: {'; '.join(value_text(old) for _, old in record.before)})"
    where = ", ".join(f"`{module}`" for module in modules)
    meaning = record.meaning.replace("|", "\\|")
    return (
        f"| `{record.name}` | {value} | {record.fixed_on} | {record.changed_on} | {meaning} "
        f"| {where} |"
    )


def main(args: Sequence[str] | None = None) -> int:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args(args)
    given.out.write_text(render(list(thresholds().values())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
