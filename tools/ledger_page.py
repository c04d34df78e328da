"""The page of the ledger: ``python tools/ledger_page.py``."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bofcheck._registry import discover
from bofcheck.compare.claim import Claim
from bofcheck.compare.figures import figure_names, get_drawing
from bofcheck.compare.papers.zhang2025 import ledger
from bofcheck.compare.report.formulas import ledger_formulas

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "ledger.md"
#: The verdicts of preset quick, as pinned.
PINS = ROOT / "tests" / "pins" / "quick.json"
#: Where the modules of the ledger are.
_FOLDER = "compare/papers/zhang2025/ledger"

_HEAD = """# The ledger

<!-- made by tools/ledger_page.py from the ledger and tests/pins/quick.json; do not edit -->

Every claim: what it says and how it reached this project, the file that holds it, the first
sentence of its rule, its formulas, the figures that bear on it, and its verdict on preset `quick`.
`bofcheck claims ID` prints a claim in full. The numbers behind the verdicts are on the page
[findings](findings), the numbers that decide on the page [thresholds](thresholds).
"""


def render(claims: Mapping[str, Claim], verdicts: Mapping[str, Mapping[str, str]]) -> str:
    """The page, as Markdown.

    Args:
        claims: id -> claim, in the ledger's order.
        verdicts: id -> regime -> verdict.
    """
    files = _files()
    figures = {name: get_drawing(name).claims for name in figure_names()}
    lines = [
        _HEAD,
        "| claim | statement | provenance | file | rule | formulas | figures | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, claim in claims.items():
        formulas = dict.fromkeys(formula for formula, _ in ledger_formulas(claim))
        bearing = [figure for figure, ids in figures.items() if name in ids]
        cells = [
            name,
            claim.statement,
            f"{claim.provenance.tag(claim.seen)}: {claim.source}",
            f"`{files[name]}`",
            first_sentence(claim.rule),
            ", ".join(formulas),
            ", ".join(bearing),
            _verdict(verdicts.get(name, {})),
        ]
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def first_sentence(rule: str) -> str:
    """The first sentence of a rule.

    >>> first_sentence("Eq. (1) agrees with 0.5 of the forms. HOLDS where it does.")
    'Eq. (1) agrees with 0.5 of the forms.'
    """
    match = re.match(r".*?\.(?=\s+[A-Z]|$)", rule.split("\n\n")[0])
    return match[0] if match else rule.split("\n\n")[0]


def pinned_verdicts(path: Path = PINS) -> dict[str, dict[str, str]]:
    """Claim id -> regime -> verdict, of the pinned report."""
    verdicts: dict[str, dict[str, str]] = {}
    for entry in json.loads(path.read_text(encoding="utf-8"))["claims"]:
        verdicts.setdefault(entry["id"], {})[entry["regime"]] = entry["verdict"]
    return verdicts


def _files() -> dict[str, str]:
    modules = discover(ledger.__name__, "CLAIMS", tuple)
    return {
        claim.id: f"{_FOLDER}/{module}.py" for module, claims in modules.items() for claim in claims
    }


def _verdict(by_regime: Mapping[str, str]) -> str:
    words = list(dict.fromkeys(by_regime.values()))
    if len(words) == 1:
        return words[0]
    return ", ".join(f"{word} ({regime})" for regime, word in by_regime.items())


def _cell(text: str) -> str:
    """Text for a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ").replace("*", "\\*").strip()


def main(args: Sequence[str] | None = None) -> int:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args(args)
    given.out.write_text(render(ledger.all_claims(), pinned_verdicts()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
