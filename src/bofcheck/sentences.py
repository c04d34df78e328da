"""One sentence for a paper on each bound and each time of a theorem that was checked."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy
from sympy import Symbol, latex

if TYPE_CHECKING:
    from .compare import Study
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


def claimed_power(bound: Bound, name: str = "t") -> float | None:
    """The power of t, or of another number, in a bound's excess; None if there is no single one.

    >>> from bofcheck.theory.theorem_file.builder import theorem
    >>> mine = theorem("mine").upper("train_loss", "C/t").upper("train_loss", "C*exp(-k*t)").build()
    >>> [claimed_power(bound) for bound in mine.bounds]
    [-1.0, None]
    """
    symbol = next((s for s in bound.excess.free_symbols if str(s) == name), None)
    if symbol is None:
        return None
    power = sympy.simplify(symbol * sympy.diff(bound.excess, symbol) / bound.excess)
    return float(power) if power.is_number else None


@dataclass(frozen=True)
class MeasuredPower:
    """How a quantity changes with time or a number, beside what its bound says.

    Attributes:
        name: ``"t"`` or a symbol.
        power: the fitted power of the data.
        error: half of its 95% interval.
        claimed: the power in the bound.

    Example:
        >>> str(MeasuredPower("n", -1.02, 0.031, -1.0))
        'falls as n^-1.02±0.04, claimed n^-1'
        >>> MeasuredPower("t", 0.49, 0.02, 0.5).verb
        'grows'
    """

    name: str
    power: float
    error: float
    claimed: float

    @property
    def verb(self) -> str:
        """What the data do as the number rises; where the interval allows both, they vary."""
        if abs(self.power) <= self.error:
            return "varies"
        if self.power > 0:
            return "grows"
        return "decays" if self.name == "t" else "falls"

    def __str__(self) -> str:
        error = math.ceil(100 * self.error) / 100  # rounded up: an interval is not ±0.00
        fitted = f"{self.verb} as {self.name}^{self.power:.2f}±{error:.2f}"
        return f"{fitted}, claimed {self.name}^{self.claimed:g}"


def measured_powers(study: Study, verdict: Verdict) -> tuple[MeasuredPower, ...]:
    """How the data of a claim's bound change with time and with every number that varies.

    The room of a bound goes as a number to the claimed power less the data's, of a lower bound the
    other way round. Left out is what has no fitted power, or no single power in the bound.
    """
    bound, tried = bound_of(study, verdict.claim), verdict.discrimination
    if bound is None or tried is None:
        return ()
    sign = -1.0 if bound.kind == "upper" else 1.0
    powers = []
    for shape in tried.shape.numbers:
        claimed = claimed_power(bound, shape.name)
        if shape.power is None or claimed is None:
            continue
        half = max(shape.high - shape.power, shape.power - shape.low)
        if math.isfinite(half):
            powers.append(MeasuredPower(shape.name, claimed + sign * shape.power, half, claimed))
    return tuple(sorted(powers, key=lambda power: power.name != "t"))


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
    said += [str(power) for power in measured_powers(study, verdict)]
    rejected, total = tried.counts
    if total:
        said.append(f"rejects {rejected} of {total} wrong powers")
    return "; ".join(said)


_LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
          "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\^{}", "<": r"$<$",
          ">": r"$>$", "±": r"$\pm$", "×": r"$\times$"}  # fmt: skip


#: A power as sentences say it, with its interval if it has one.
_POWER = re.compile(r"\b([A-Za-z]\w*)\^(-?\d+(?:\.\d+)?)(?:±(\d+(?:\.\d+)?))?")


def latex_text(text: str) -> str:
    r"""A text with LaTeX's own characters escaped and its powers as formulas.

    >>> print(latex_text("train_loss: 5% of t^-1, gamma^-1.9±0.02"))
    train\_loss: 5\% of $t^{-1}$, $\gamma^{-1.9\pm 0.02}$
    """
    parts, start = [], 0
    for power in _POWER.finditer(text):
        name, exponent, error = power.groups()
        shown = exponent + (rf"\pm {error}" if error else "")
        parts += [_escaped(text[start : power.start()]), f"${latex(Symbol(name))}^{{{shown}}}$"]
        start = power.end()
    return "".join((*parts, _escaped(text[start:])))


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
