"""The findings page from reports: ``python tools/findings.py results/paper-quick …``.

With folders or report.json files, the committed JSON is first written from them, one report for
each preset. Without any, the page is made from the committed JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bofcheck.compare.report import read_comparable
from bofcheck.compare.report.beside import DiscriminationEntry
from bofcheck.compare.report.headline import GROUNDWORK, Decision, headlines
from bofcheck.compare.report.wording import not_told_apart, powers_line
from bofcheck.compare.verdict import Status
from bofcheck.theory import Provenance
from trim import SHOWN, Document, trim, write

ROOT = Path(__file__).parents[1]
#: Committed files: the reports' verdicts, and the page made from them.
NUMBERS = ROOT / "docs" / "_generated" / "findings.json"
PAGE = ROOT / "docs" / "findings.md"

#: The kind of claim for each first letter, in the order of the page.
_GROUPS = {
    "B": "Theorem 4.2, benign",
    "H": "Theorem 4.3, harmful",
    "M": "mechanism",
    "L": "the limit and the draw of the labels",
    "R": "doubts of the paper's reviewers",
    "E": "the paper's experiments",
    "X": "beyond the paper",
    "S": "set-up",
    "I": "identities",
    "A": "Assumption 4.1",
}
_WEAK = Status.HOLDS.shown(weak=True)
_VERDICTS = ("HOLDS", _WEAK, *(status.value for status in Status if status is not Status.HOLDS))
#: Sections by verdict: title and the text under it.
_SECTIONS = {
    "HOLDS": (
        "What holds",
        "Held on held-out problems, or on the experiments a sentence is about. What a verdict on a "
        "bound would have rejected is in a table of its own.",
    ),
    _WEAK: (
        "What holds in a weak test",
        "Held, but less than half of the wrong powers that were tried would have been rejected.",
    ),
    "VIOLATED": (
        "What fails",
        "Failed on held-out problems; the scope says whether they meet Assumption 4.1.",
    ),
    "ERODES": (
        "What erodes",
        "Not refuted on held-out problems, but the room between bound and data shrinks, so that "
        "further out it fails.",
    ),
    "OUT_OF_SCOPE": (
        "What is not decided here",
        "Its own hypothesis is not met, or it is about another model.",
    ),
    "VACUOUS": ("What says nothing", "True, but no better than the trivial bound."),
    "INCONCLUSIVE": (
        "What stays open",
        "Too little data, an event not reached, or it turns on a setting that the text leaves "
        "open. Never a pass.",
    ),
    "ERROR": ("What could not be checked", "The check itself failed."),
}
#: The text about the claims on the groundwork.
_GROUND = (
    "Whether the data, the model and the algebra are what the paper says, and which of the "
    "trained problems meet Assumption 4.1 at C = 1."
)
#: Tags under which a verdict judges a reading of the paper.
_READINGS = (Provenance.RECONSTRUCTED, Provenance.SOURCE)
#: Clauses of claim H8's reason: what the trained cells show, and what the limit predicts.
_ALONE = "the harm is one of the logistic loss alone: "
_PREDICTED = "predicted by the limit inside Assumption 4.1, not trained: "
_CLASSIFIES = (
    "**What Theorem 4.3 calls harmful overfitting classifies as well as what Theorem 4.2 calls "
    "benign, once d is large enough.** The harm is one of the logistic loss alone."
)


def render(document: Document) -> str:
    """The page, as Markdown.

    Args:
        document: ``reports``, one for each preset, from `findings`.
    """
    reports = document["reports"]
    lines = [
        "# Findings",
        "",
        "<!-- made by tools/findings.py from docs/_generated/findings.json; do not edit -->",
        "",
        "Every claim of the ledger, as decided by "
        + " and ".join(f"`bofcheck claims --run --preset {_preset(report)}`" for report in reports)
        + ". How: [how verdicts are made](how-verdicts-are-made). Formulas reached this project as "
        "prose: a verdict on a RECONSTRUCTED or SOURCE statement is one on that reading of the "
        "paper, not on the paper's own formula. STATED sentences are the paper's, in our words.",
        "",
    ]
    for report in reports:
        lines += [*_harm(report), *_headline(report), "", *_counts(report), ""]
    for report in reports:
        if len(reports) > 1:
            lines += [f"# Preset {_preset(report)}", ""]
        lines += _report(report)
    if len(reports) > 1:
        lines += _between(reports)
    return "\n".join(lines).rstrip() + "\n"


def findings(reports: Iterable[Any]) -> Document:
    """The committed document of some reports."""
    kept = [trim(report, SHOWN, digits=6) for report in reports]
    for report in kept:
        for claim in report["claims"]:
            if claim.get("discrimination"):
                claim["discrimination"] = {**claim["discrimination"], "constants": {}}
    return {"format": "bofcheck findings", "reports": kept}


def _preset(report: Document) -> str:
    return str(report["provenance"]["settings"]["preset"])


def _shown(claim: Document) -> str:
    """The verdict as it is shown; earlier reports know no weak tests."""
    return Status(claim["verdict"]).shown(weak=bool(claim.get("weak")))


def _headline(report: Document) -> list[str]:
    """How many sentences of each origin hold."""
    decisions = [
        Decision(
            claim["id"],
            Provenance[claim["provenance"]],
            Status(claim["verdict"]),
            bool(claim.get("weak")),
            claim["scope"] == "outside",
        )
        for claim in report["claims"]
    ]
    lines = (headline.line() for headline in headlines(decisions))
    return [f"- {line[:1].upper()}{line[1:]}." for line in lines]


def _harm(report: Document) -> list[str]:
    """What the harmful theorem's harm is, as claim H8 found and as the limit predicts it."""
    for claim in report["claims"]:
        reason = str(claim["reason"])
        if claim["id"] != "H8" or claim["verdict"] != "VIOLATED" or _ALONE not in reason:
            continue
        trained, _, foreseen = reason.partition(_ALONE)[2].partition(f"; {_PREDICTED}")
        told = f"Trained (claim H8): {trained}."
        if foreseen:
            told += f" {_PREDICTED[:1].upper()}{_PREDICTED[1:]}{foreseen}."
        return [f"{_CLASSIFIES} {told} See [the limit](limit).", ""]
    return []


def _counts(report: Document) -> list[str]:
    """Ids by verdict and kind of claim."""
    claims = report["claims"]
    used = [word for word in _VERDICTS if any(_shown(claim) == word for claim in claims)]
    rows = [f"| preset `{_preset(report)}` | {' | '.join(used)} |", "|---" * (len(used) + 1) + "|"]
    for letter, title in _GROUPS.items():
        group = [claim for claim in claims if claim["id"][0] == letter]
        cells = [", ".join(_ids(group, word)) for word in used]
        if group:
            rows.append(f"| {title} | {' | '.join(cells)} |")
    return rows


def _ids(group: Sequence[Document], verdict: str) -> Iterable[str]:
    """Ids with that verdict, with the regime if the verdict differs between regimes."""
    decided: dict[str, list[Document]] = {}
    for claim in group:
        decided.setdefault(claim["id"], []).append(claim)
    for name, entries in decided.items():
        having = [entry["regime"] for entry in entries if _shown(entry) == verdict]
        if having:
            yield name if len(having) == len(entries) else f"{name} ({having[0]})"


def _label(claim: Document, both: set[str]) -> str:
    """The id, with the regime if a claim is decided in both."""
    return f"{claim['id']} ({claim['regime']})" if claim["id"] in both else str(claim["id"])


def _report(report: Document) -> list[str]:
    claims = report["claims"]
    paper = [claim for claim in claims if claim["id"][0] not in GROUNDWORK]
    ground = [claim for claim in claims if claim["id"][0] in GROUNDWORK]
    lines = _backwards(claims)
    for word, (title, meaning) in _SECTIONS.items():
        chosen = [claim for claim in paper if _shown(claim) == word]
        if chosen:
            lines += [f"## {title}", "", meaning, ""]
            lines += _table(chosen, open_ended=word == "INCONCLUSIVE")
    lines += _bounds(paper)
    lines += _constants(report)
    if ground:
        lines += ["## Set-up, identities and assumptions", "", _GROUND, ""]
        lines += _table(ground, open_ended=False, verdicts=True)
    return lines + _made(report)


def _bounds(claims: Sequence[Document]) -> list[str]:
    """What the verdict on each bound would have rejected, and how loose the bound is."""
    rows = []
    for claim in claims:
        if not claim.get("discrimination"):
            continue
        entry = DiscriminationEntry.model_validate(claim["discrimination"])
        missed = ", ".join(each.text for each in not_told_apart(entry.found))
        rejected = f"{entry.rejected} of {entry.tried}" if entry.tried else ""
        cells = (powers_line(entry.found.shape), rejected, missed, entry.looseness)
        rows.append(f"| {claim['id']} | {_shown(claim)} | {' | '.join(map(_cell, cells))} |")
    if not rows:
        return []
    return [
        "## How sharp the bounds are",
        "",
        "The room between a bound and the data changes as each number to a power: sharp near 0, "
        "loose where it only grows towards where the theorem extends, eroding where it shrinks "
        "there. Wrong powers are the bound, or its exponent, times a number to the power ±½ or "
        "±1, or without it, judged by the same rule.",
        "",
        "| bound | verdict | powers of its room | wrong powers rejected | not told apart | "
        "looseness |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _backwards(claims: Sequence[Document]) -> list[str]:
    """Sentences of the text against the theory's direction, measured on the same cells."""
    by_id = {claim["id"]: claim for claim in claims}
    pairs = [(by_id[i], by_id[f"{i[:-1]}b"]) for i in by_id
             if i.endswith("a") and f"{i[:-1]}b" in by_id]  # fmt: skip
    if not pairs:
        return []
    lines = [
        "## What the text gets backwards",
        "",
        "Where a sentence of the text and the paper's own theory disagree, both were decided on "
        "the same runs.",
        "",
        "| | the text's sentence | verdict | the theory's direction | verdict | measured |",
        "|---|---|---|---|---|---|",
    ]
    for text, theory in pairs:
        lines.append(
            f"| {text['id'][:-1]} | {_cell(text['statement'])} ({text['source']}) | "
            f"{text['verdict']} | {_cell(theory['statement'])} | {theory['verdict']} | "
            f"{_cell(theory['reason'])} |"
        )
    wrong = [
        t["id"] for t, own in pairs if t["verdict"] == "VIOLATED" and own["verdict"] == "HOLDS"
    ]
    if wrong:
        lines += ["", f"Backwards, by these runs: {', '.join(wrong)}."]
    neither = [
        text["id"][:-1]
        for text, theory in pairs
        if "HOLDS" not in (text["verdict"], theory["verdict"])
    ]
    if neither:
        lines += ["", f"Neither direction holds throughout: {', '.join(neither)}."]
    return [*lines, ""]


def _table(claims: Sequence[Document], *, open_ended: bool, verdicts: bool = False) -> list[str]:
    both = {name for name, count in Counter(claim["id"] for claim in claims).items() if count > 1}
    lines = ["| claim | statement | number | what was seen |", "|---|---|---|---|"]
    for claim in claims:
        known = Provenance[claim["provenance"]]  # a report may be older than what was seen
        tag = known.tag(claim["seen"]) if "seen" in claim else known.value
        tag += f", {claim['source']}"
        if claim["provenance"] in _READINGS:
            tag += "; a verdict on this reading"
        seen = _cell(claim["reason"]) + (_decides(claim) if open_ended else "")
        redundant = claim["scope"] == "none" or "outside Assumption 4.1" in claim["reason"]
        scope = "" if redundant else f"; {_scope(claim['scope'])}"
        if verdicts:
            seen = f"{claim['verdict']}: {seen}"
        lines.append(
            f"| {_label(claim, both)} | {_cell(claim['statement'])} ({_cell(tag)}) | "
            f"{_number(claim)} | {seen}{scope} |"
        )
    return [*lines, ""]


def _scope(scope: str) -> str:
    where = {"inside": "inside", "outside": "outside", "both": "inside and outside"}[scope]
    return f"{where} Assumption 4.1"


def _decides(claim: Document) -> str:
    """What would decide an open claim, if its reason does not say so already."""
    if "decide" in claim["reason"]:
        return ""
    if "rungs" in claim["reason"] and "are needed" in claim["reason"]:
        return ". *More held-out cells beyond the constant would decide it.*"
    if claim["statistic"] is None:
        return ". *Cells in which the event occurs would decide it.*"
    return ". *More seeds (`--seeds`) or cells, and so narrower limits, would decide it.*"


def _number(claim: Document) -> str:
    if claim["statistic"] is None:
        return ""
    if claim["threshold"] is None:
        return _short(claim["statistic"])
    return f"{_short(claim['statistic'])}, wanted {claim['relation']} {_short(claim['threshold'])}"


def _short(number: Any) -> str:
    return f"{number:.3g}" if isinstance(number, float | int) else str(number)


def _constants(report: Document) -> list[str]:
    lines = []
    for group in report["constants"]:
        rows = [
            f"| {fit['name']} | {_short(fit['fitted'])} | {_short(fit['widened'])} | "
            f"{', '.join(fit['bounds'])} | {fit['runs']} | {_cell(fit['note'])} |"
            for fit in group["constants"]
        ]
        if rows:
            head = ["| constant | fitted | judged at | used in | runs | |", "|---" * 6 + "|"]
            lines += [f"## Constants, {group['regime']}", "", _FITTED, "", *head, *rows, ""]
    return lines


_FITTED = (
    "Fitted on calibration problems as the tightest envelope, widened by a slack fixed beforehand "
    "(2 on a factor C, ½ on a rate k), judged on others. They belong to the RECONSTRUCTED formulas."
)


def _made(report: Document) -> list[str]:
    origin = report["provenance"]
    versions = ", ".join(f"{name} {number}" for name, number in origin["versions"].items())
    return [
        "## Made with",
        "",
        f"bofcheck {origin['bofcheck']}, preset `{_preset(report)}`, Python {origin['python']}; "
        f"{versions}.",
        "",
    ]


def _between(reports: Sequence[Document]) -> list[str]:
    """Claims on which the presets disagree."""
    tables = [{(c["id"], c["regime"]): _shown(c) for c in r["claims"]} for r in reports]
    names = [f"`{_preset(report)}`" for report in reports]
    lines = ["# Where presets differ", "", f"| claim | {' | '.join(names)} |",
             "|---" * (len(names) + 1) + "|"]  # fmt: skip
    for key in dict.fromkeys(key for table in tables for key in table):
        words = [table.get(key, "") for table in tables]
        if len(set(words)) > 1:
            lines.append(f"| {key[0]} ({key[1]}) | {' | '.join(words)} |")
    return [*lines, ""]


def _cell(text: str) -> str:
    """Text for a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ").replace("*", "\\*").strip()


def main(args: Sequence[str] | None = None) -> int:
    """Write the page, and the JSON behind it if reports are given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", nargs="*", type=Path, help="report.json files or their folders")
    parser.add_argument("--json", type=Path, default=NUMBERS)
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args(args)
    if options.reports:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        write(options.json, findings(read_comparable(file) for file in options.reports))
    document = json.loads(options.json.read_text(encoding="utf-8"))
    options.out.write_text(render(document), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
