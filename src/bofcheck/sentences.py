"""One sentence for a paper on each bound and each time of a theorem that was checked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import sympy

if TYPE_CHECKING:
    from .compare import Study
    from .compare.discrimination import NumberShape
    from .compare.verdict import Verdict
    from .theory import Bound

_WORDS = {
    "HOLDS": "holds",
    "VIOLATED": "is violated",
    "ERODES": "erodes: its room shrinks, so that further out it fails",
    "VACUOUS": "is true, but no better than the trivial bound",
    "INCONCLUSIVE": "is undecided",
    "OUT_OF_SCOPE": "is out of scope",
    "ERROR": "could not be checked",
}


def bound_of(study: Study, claim: str) -> Bound | None:
    """The bound with a claim's id; None if the claim is about a time."""
    return next((bound for bound in study.theorem.bounds if bound.name == claim), None)


def stage_of(study: Study, claim: str) -> str:
    """The stage that a claim is about: that of its bound, or empty for a time."""
    for stage in study.theorem.stages:
        if any(bound.name == claim for bound in stage.bounds):
            return stage.name
    return ""


def claimed_power(bound: Bound) -> float | None:
    """The power of t in a bound's excess; None if it has none or no single one.

    >>> from bofcheck.theory.theorem_file.builder import theorem
    >>> mine = theorem("mine").upper("train_loss", "C/t").upper("train_loss", "C*exp(-k*t)").build()
    >>> [claimed_power(bound) for bound in mine.bounds]
    [-1.0, None]
    """
    clock = next((s for s in bound.excess.free_symbols if str(s) == "t"), None)
    if clock is None:
        return None
    power = sympy.simplify(clock * sympy.diff(bound.excess, clock) / bound.excess)
    return float(power) if power.is_number else None


def time_shape(verdict: Verdict) -> NumberShape | None:
    """How the room changes with time, where it was fitted."""
    tried = verdict.discrimination
    shape = None if tried is None else tried.shape["t"]
    return shape if shape is not None and shape.power is not None else None


def measured_power(study: Study, verdict: Verdict) -> tuple[float, float, float] | None:
    """The power of t with which the data decay, and its half width, and the claimed power.

    The room of a bound goes as t to the claimed power less the data's, of a lower bound the other
    way round.
    """
    bound, shape = bound_of(study, verdict.claim), time_shape(verdict)
    claimed = None if bound is None else claimed_power(bound)
    if bound is None or shape is None or shape.power is None or claimed is None:
        return None
    sign = -1.0 if bound.kind == "upper" else 1.0
    half = max(shape.high - shape.power, shape.power - shape.low)
    return claimed + sign * shape.power, half, claimed


def sentence_of(study: Study, verdict: Verdict) -> str:
    """What was found on one claim, in one sentence without its name."""
    word = _WORDS[verdict.status.value]
    aside = verdict.word.removeprefix(verdict.status.value).strip()
    said = [f"{word} {aside}".strip()]
    bound, tried = bound_of(study, verdict.claim), verdict.discrimination
    if verdict.status.value not in ("HOLDS", "ERODES", "VACUOUS"):
        return f"{said[0]}: {verdict.reason}"
    if bound is None or tried is None:
        return f"{said[0]} ({verdict.reason})"
    if looseness := tried.looseness(bound.kind):
        said[0] += f", {looseness.split(',')[0].replace('×', 'x')}"
    if (power := measured_power(study, verdict)) is not None and math.isfinite(power[1]):
        found, half, claimed = power
        shown = math.ceil(100 * half) / 100  # rounded up: an interval is not ±0.00
        said.append(f"decays as t^{found:.2f}±{shown:.2f}, claimed t^{claimed:g}")
    rejected, total = tried.counts
    if total:
        said.append(f"rejects {rejected} of {total} wrong powers")
    return "; ".join(said)


_LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
          "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\^{}", "<": r"$<$",
          ">": r"$>$", "±": r"$\pm$", "×": r"$\times$"}  # fmt: skip


def latex_text(text: str) -> str:
    r"""A text with LaTeX's own characters escaped.

    >>> print(latex_text("train_loss: 5% of t^-1"))
    train\_loss: 5\% of t\^{}-1
    """
    return "".join(_LATEX.get(letter, letter) for letter in text)
