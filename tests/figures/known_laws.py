"""Curves drawn from known laws, and true and false theorems on them."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from bofcheck.compare import Verification, verify
from bofcheck.compare.userdata import CellNumbers, Measured, curves_plan
from bofcheck.theory.theorem_file.load import theorem_from_toml

#: The law of the curves: loss = 3/(g²·eta·t), from T = 2/(g²·eta) on.
TRUE = "C/(g**2*eta*t)"
#: Bounds on them, by what becomes of them.
BOUNDS = {
    "true": TRUE,
    "a faster rate": "C/(g**2*eta*t**2)",
    "a number left out": "C/(eta*t)",
    "half a power": "C/(g**2*eta*t**1.5)",
    "weak": "C*N*mu*w/(g**2*eta*t)",
}
GAMMAS, RATES = (0.1, 0.2, 0.4, 0.8), (0.25, 0.5, 1.0)
RUNS = 16

TOML = """
name = "known"
title = "A known law"
source = "tests"
provenance = "STATED"
model = "curves"
[symbols]
g = "margin"
[constants]
C = "rate"
c1 = "time"
[[conditions]]
name = "small steps"
holds = "eta <= 4"
[[events]]
name = "T"
when = "{quantity} <= 1.5"
[[stages]]
name = "rest"
until = "T"
[[stages]]
name = "fall"
[[stages.bounds]]
name = "L"
quantity = "{quantity}"
kind = "{kind}"
excess = "{excess}"
[[times]]
event = "T"
law = "c1/(eta*g**2)"
reading = "{reading}"
"""


@dataclass(frozen=True)
class Case:
    """A theorem on the curves."""

    excess: str = TRUE
    kind: str = "upper"
    reading: str = "scaling"
    quantity: str = "loss"
    prefix: str = "g"


@cache
def known(case: Case = Case(), text: str = "") -> Verification:
    """The verification of a theorem, the case's or that of a text, on curves from the law."""
    rng = np.random.default_rng(7)
    steps = np.unique(np.geomspace(1, 20_000, 60).astype(int)).astype(float)
    curves, numbers = {}, {}
    for gamma in GAMMAS:
        for rate in RATES:
            name = f"{case.prefix}{gamma:g} lr{rate:g}"
            scatter = np.exp(0.2 * rng.normal(size=(RUNS, 1)))
            loss = scatter * np.minimum(3 / (gamma**2 * rate * steps), 2.0)
            curves[name] = Measured(
                steps, np.arange(RUNS), {case.quantity: loss}, np.zeros(RUNS, dtype=bool)
            )
            numbers[name] = {"g": gamma, "eta": rate, "sigma_p": 0.5 * (1 + 0.1 * (gamma > 0.3))}
            numbers[name] |= {"N": 20.0, "mu": 2.0, "w": 1.0}
    text = text or TOML.format(
        excess=case.excess, kind=case.kind, reading=case.reading, quantity=case.quantity
    )
    if "C" not in case.excess:
        text = text.replace('C = "rate"\n', "")
    theorem = theorem_from_toml(text).theorem
    return verify(curves_plan(theorem, curves, CellNumbers({}, numbers), data="known"))
