"""Laws of different form with planted truths: curves that obey them, and wrong powers of them.

Each law is a user's theorem on curves drawn from it, so that what is measured here is what a user
gets: which true bounds hold, and which wrong powers are rejected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...theory import Theorem
from ...theory.theorem_file.load import theorem_from_toml
from ..userdata import CellNumbers, Measured, curves_plan
from ..verdict import Verdict
from ..verify import Plan, verify

Array = NDArray[np.float64]
Numbers = Mapping[str, float]

#: Logged steps of a law with time.
STEPS = np.unique(np.r_[0.0, np.geomspace(1, 3000, 40).round()])
#: Scatter between runs, in log units, that other scatters are multiples of.
SCATTER = 0.1
#: Scatter between the points of a run, relative to it.
_POINTS = 0.2
_TEXT = """
name = "planted"
title = "planted law"
source = "drawn from it"
provenance = "DERIVED"
model = "a law of its own"
[symbols]
{symbols}
[constants]
{constants}
[[stages]]
name = "all"
[[stages.bounds]]
name = "X"
quantity = "{quantity}"
kind = "{kind}"
floor = "{floor}"
excess = "{excess}"
"""


@dataclass(frozen=True)
class Law:
    """A law that curves obey up to a factor a run.

    Attributes:
        name: in one or two words.
        excess: the bound, with ``{m}`` where a wrong factor goes: on it, or on its exponent.
        curve: steps (1, T), factors (R, 1) and a cell's numbers -> (R, T) excess.
        first: values of its first number.
        second: values of its second number.
        constants: the names it leaves open.
        kind: ``"upper"`` or ``"lower"``.
        floor: what its excess is added to.
        timed: whether it depends on the step; otherwise it is measured once.
        worse: the sign of a power of t that makes it false.

    Example:
        >>> law = LAWS["algebraic"]
        >>> law.formula(), law.formula("t**-0.5"), law.numbers
        ('C/(g**2*h*t)', 'C/(g**2*h*t)*(t**-0.5)', ('g', 'h'))
    """

    name: str
    excess: str
    curve: Callable[..., Array]
    first: tuple[str, tuple[float, ...]] = ("g", (0.1, 0.2, 0.4))
    second: tuple[str, tuple[float, ...]] = ("h", (0.25, 0.5, 1.0))
    constants: tuple[str, ...] = ("C",)
    kind: str = "upper"
    floor: float = 0.0
    timed: bool = True
    worse: int = -1

    @property
    def numbers(self) -> tuple[str, str]:
        """The symbols of its two numbers."""
        return self.first[0], self.second[0]

    @property
    def quantity(self) -> str:
        """What its curves measure."""
        return "train_loss" if self.timed and self.kind == "upper" else "size"

    def formula(self, wrong: str = "") -> str:
        """Its excess, times a factor if one is given."""
        return self.excess.replace("{m}", f"*({wrong})" if wrong else "")

    def theorem(self, excess: str) -> Theorem:
        """A theorem whose only bound has that excess."""
        text = _TEXT.format(
            symbols="\n".join(f'{name} = "number"' for name in self.numbers),
            constants="\n".join(f'{name} = "constant"' for name in self.constants),
            quantity=self.quantity,
            kind=self.kind,
            floor=self.floor,
            excess=excess,
        )
        return theorem_from_toml(text).theorem

    def plan(
        self,
        rng: np.random.Generator,
        excess: str,
        *,
        runs: int = 16,
        scatter: float = SCATTER,
        spread: float = 1.0,
    ) -> Plan:
        """The plan that decides a bound with that excess on fresh curves that obey the law.

        Args:
            rng: draws the curves.
            excess: of the bound that is judged.
            runs: of each of the nine cells.
            scatter: between runs, in log units.
            spread: power by which the ranges of the numbers are stretched.
        """
        curves, numbers = self.curves(rng, runs=runs, scatter=scatter, spread=spread)
        return curves_plan(self.theorem(excess), curves, numbers)

    def curves(
        self,
        rng: np.random.Generator,
        *,
        runs: int = 16,
        scatter: float = SCATTER,
        spread: float = 1.0,
    ) -> tuple[dict[str, Measured], CellNumbers]:
        """Fresh curves that obey the law, by cell, and the numbers of the cells; see `plan`.

        Example:
            >>> curves, numbers = LAWS["algebraic"].curves(np.random.default_rng(0), runs=2)
            >>> len(curves), curves["c0"].quantities["train_loss"].shape, numbers.cells["c0"]
            (9, (2, 37), {'g': 0.1, 'h': 0.25})
        """
        steps = STEPS if self.timed else np.zeros(1)
        curves: dict[str, Measured] = {}
        cells: dict[str, dict[str, float]] = {}
        for a in self.first[1]:
            for b in self.second[1]:
                values = {
                    name: middle * (value / middle) ** spread
                    for name, value, middle in (
                        (self.first[0], a, self.first[1][1]),
                        (self.second[0], b, self.second[1][1]),
                    )
                }
                factors = np.exp(scatter * rng.normal(size=(runs, 1)))
                wobble = np.exp(_POINTS * scatter * rng.normal(size=(runs, len(steps))))
                excesses = self.curve(steps[None, :], factors, **values)
                data = {self.quantity: self.floor + excesses * wobble}
                name = f"c{len(curves)}"
                curves[name] = Measured(steps, np.arange(runs), data, np.zeros(runs, dtype=bool))
                cells[name] = values
        return curves, CellNumbers({}, cells)

    def verdict(self, rng: np.random.Generator, excess: str, **how: Any) -> Verdict:
        """The verdict on a bound with that excess; ``how`` as for `plan`."""
        return verify(self.plan(rng, excess, **how)).verdicts[0]

    def wrong(self, size: float) -> dict[str, str]:
        """Name -> excess of the law with one power wrong by that size, and numbers left out."""
        out = {}
        if self.timed:
            power = self.worse * size
            out[f"t^{power:+g}"] = self.formula(f"t**({power:g})")
        for name in self.numbers:
            for power in (-size, size):
                out[f"{name}^{power:+g}"] = self.formula(f"{name}**({power:g})")
        return out


def _ones(t: Array) -> Array:
    return np.ones_like(t)


LAWS = {
    law.name: law
    for law in (
        Law("algebraic", "C/(g**2*h*t){m}", lambda t, f, g, h: f / (g**2 * h * (t + 1))),
        Law("slow", "C*g/sqrt(h*t){m}", lambda t, f, g, h: f * g / np.sqrt(h * (t + 1))),
        Law(
            "exponential",
            "C*exp(-k*g*h*t{m})",
            lambda t, f, g, h: 0.7 * np.exp(-f * 0.02 * g * h * t),
            constants=("C", "k"),
            worse=1,
        ),
        Law(
            "stretched",
            "C*exp(-k*g*h*sqrt(t){m})",
            lambda t, f, g, h: 0.7 * np.exp(-f * 2 * g * h * np.sqrt(t)),
            constants=("C", "k"),
            worse=1,
        ),
        Law(
            "Gaussian",
            "C*exp(-k*(g*h*t)**2{m})",
            lambda t, f, g, h: 0.7 * np.exp(-f * 1e-4 * (g * h * t) ** 2),
            constants=("C", "k"),
            worse=1,
        ),
        Law(
            "floor",
            "C/(1+g*h*t){m}",
            lambda t, f, g, h: 0.4 * f / (1 + g * h * t),
            floor=0.1,
        ),
        Law(
            "lower, growing",
            "C*g*log(1+h*t){m}",
            lambda t, f, g, h: f * g * np.log(1 + h * t),
            kind="lower",
            worse=1,
        ),
        Law(
            "lower, falling",
            "C/(g*h*(t+1)){m}",
            lambda t, f, g, h: f / (g * h * (t + 1)),
            kind="lower",
            worse=1,
        ),
        Law(
            "without time",
            "C*m/sqrt(n){m}",
            lambda t, f, n, m: f * m / np.sqrt(n) * _ones(t),
            first=("n", (50.0, 150.0, 450.0)),
            second=("m", (0.05, 0.1, 0.2)),
            timed=False,
        ),
        Law(
            "sum without time",
            "C*(m**2+1/n){m}",
            lambda t, f, n, m: f * (m**2 + 1 / n) * _ones(t),
            first=("n", (50.0, 150.0, 450.0)),
            second=("m", (0.05, 0.1, 0.2)),
            timed=False,
        ),
    )
}
