r"""For an author's paper: a LaTeX sentence and a booktabs table on each theorem.

The table needs ``\usepackage{booktabs}``.
"""

from __future__ import annotations

import re

from ...._citation import PAPER
from ...._version import __version__
from ..digest import Digest, TheoremDigest
from ..wording import written

_GREEK = {"σ": r"\sigma", "μ": r"\mu", "η": r"\eta", "ε": r"\varepsilon", "δ": r"\delta"}
_SIGNS = {
    "≤": r"$\leq$", "≥": r"$\geq$", "×": r"$\times$", "·": r"$\cdot$", "²": "$^2$", "⁴": "$^4$",
    "±": r"$\pm$", "−": "$-$", "½": r"$\tfrac12$", "₊": "$_+$", "₋": "$_-$", "ξ": r"$\xi$",
    "ᵀ": r"$^\top$", "‖": r"$\|$", "π": r"$\pi$", "Λ": r"$\Lambda$", "ŷ": r"$\hat y$",
    "⟨": r"$\langle$", "⟩": r"$\rangle$", "√": r"$\surd$", "→": r"$\to$", "–": "--",
    "“": "``", "”": "''", "…": r"\dots{}",
}  # fmt: skip
_SPECIAL = re.compile(r"([#$%&{}])")
_POWER = re.compile(r"([σμηεδA-Za-z]+(?:_\w+)?)\^([+-]?\d+(?:\.\d+)?)")
_NAME = re.compile(r"(?<![\w\\$])([σμηεδ](?:_\w)?|T[123])(?![\w}])")


def latex(text: str) -> str:
    r"""A sentence of the report as LaTeX.

    >>> print(latex("T1 grows as sigma_p^1.00 (law 0) in 95% of runs; test_error <= p"))
    $T_{1}$ grows as $\sigma_{p}^{1.00}$ (law 0) in 95\% of runs; test error $\leq$ p
    """
    shown = _SPECIAL.sub(r"\\\1", written(text))
    shown = _POWER.sub(lambda m: f"${_symbol(m[1])}^{{{m[2]}}}$", shown)
    shown = _NAME.sub(lambda m: f"${_symbol(m[1])}$", shown)
    pieces = shown.split("$")  # text and formulas in turn
    for rank in range(0, len(pieces), 2):
        piece = pieces[rank].replace("\\\\", r"\textbackslash{}").replace("_", " ")
        pieces[rank] = "".join(_SIGNS.get(sign, sign) for sign in piece)
    return "$".join(pieces)


def _symbol(name: str) -> str:
    base, _, index = (name if name[0] != "T" else f"T_{name[1:]}").partition("_")
    drawn = _GREEK.get(base, base if len(base) == 1 else rf"\mathrm{{{base}}}")
    return f"{drawn}_{{{index}}}" if index else drawn


def sentence(theorem: TheoremDigest, *, own: bool = False) -> str:
    """What was found of a theorem, for a paper; a user-supplied theorem is cited by its sources."""
    cited = f"{theorem.short} of {PAPER.short}"
    if own:
        sources = dict.fromkeys(line.claim.source for line in theorem.lines)
        cited = f"{theorem.short} ({'; '.join(filter(None, sources))})".removesuffix(" ()")
    return latex(f"{cited}, as read by bofcheck {__version__}, {theorem.sentence}")


def table(theorem: TheoremDigest) -> str:
    """The parts of a theorem with their verdicts, as a booktabs table."""
    rows = [
        f"{latex(line.part)} & {line.claim.id} & {latex(line.claim.word.lower())} & "
        f"{latex(line.claim.scope.value)} & {latex(line.text)} \\\\"
        for line in theorem.lines
    ]
    head = r"part & claim & verdict & scope & rests on \\"
    return "\n".join(
        (r"\begin{tabular}{llllp{7cm}}", r"\toprule", head, r"\midrule", *rows, r"\bottomrule",
         r"\end{tabular}")
    )  # fmt: skip


def parts(found: Digest, *, own: bool = False) -> list[dict[str, str]]:
    """The sentence and the table of each theorem.

    Args:
        found: the digest.
        own: whether the theorems are a user's instead of the paper's.
    """
    return [
        {"title": theorem.title, "sentence": sentence(theorem, own=own), "table": table(theorem)}
        for theorem in found.theorems
    ]
