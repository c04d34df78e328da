"""The table of every formula, made from the objects themselves when the documentation is built."""

from collections.abc import Iterable
from pathlib import Path

from bofcheck.theory import Theorem, formulas, neighbours, theorems

_HEAD = ("| name | formula | tag | source |", "|---|---|---|---|")


def formula_table() -> str:
    """Markdown: one table of what belongs to no theorem, then one a theorem."""
    benign, *_ = theorems().values()
    shared = formulas(benign).keys() & set.intersection(
        *(set(formulas(theorem)) - _own(theorem) for theorem in theorems().values())
    )
    parts = ["### Of no theorem", "", *_HEAD]
    parts += _rows(benign, (name for name in formulas(benign) if name in shared))
    encoded = [*theorems().values(), *(source.theorem for source in neighbours().values())]
    for theorem in encoded:
        parts += ["", f"### {theorem.title}", ""]
        if theorem.model:
            parts += [f"About {theorem.model}, not the transformer of this project.", ""]
        parts += _HEAD
        parts += _rows(theorem, (name for name in formulas(theorem) if name in _own(theorem)))
        parts += [
            f"| {_cell(one.name)} | ${_bars(one.latex())}$ | `{one.provenance.tag(one.seen)}` | "
            f"{_cell(one.source)} |"
            for one in (() if theorem.assumption else theorem.assumes)
        ]
    return "\n".join(parts) + "\n"


def write_formula_table(path: Path) -> None:
    """Write the table where the theory page includes it."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(formula_table(), encoding="utf-8")


def _own(theorem: Theorem) -> set[str]:
    """Names of the formulas that a theorem brings."""
    names = {one.name for one in (*theorem.statements, *theorem.readings)}
    names |= {name for name in formulas(theorem) if " = " in name and " at " in name}
    asks = theorem.condition not in theorem.assumes and theorem.condition.room.free_symbols
    return names | {"condition"} if asks else names


def _rows(theorem: Theorem, names: Iterable[str]) -> list[str]:
    rows = []
    for name in names:
        for one in formulas(theorem)[name]:
            asked = getattr(one, "condition", None)
            where = rf",\quad\text{{where }} {asked.latex()}" if asked else ""
            latex = _bars(one.latex() + where)
            tag = one.provenance.tag(one.seen)
            rows.append(f"| {_cell(name)} | ${latex}$ | `{tag}` | {_cell(one.source)} |")
    return rows


def _bars(latex: str) -> str:
    """LaTeX without the bars that would end a table's cell."""
    return latex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*").replace("_", r"\_")
