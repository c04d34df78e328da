"""The two pictures of how verdicts are made: ``python tools/verdict_pictures.py``.

A true bound and two wrong bounds are judged on the same curves, drawn from a planted law.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bofcheck.compare import Verification, verify
from bofcheck.compare.calibration.laws import Array, Law
from bofcheck.compare.figures import draw, verdict_drawings
from bofcheck.compare.figures.render import render
from bofcheck.compare.userdata import curves_plan
from bofcheck.theory.theorem_file.load import theorem_from_toml

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SEED = 20261127
_TEXT = """
name = "planted"
title = "a true bound and two wrong bounds on the same curves"
source = "drawn from the true bound"
provenance = "DERIVED"
model = "logistic regression"
[symbols]
gamma = "number"
[constants]
C1 = "constant"
C2 = "constant"
C3 = "constant"
[[stages]]
name = "all"
[[stages.bounds]]
name = "true"
quantity = "train_loss"
kind = "upper"
excess = "C1/(gamma**2*eta*t)"
[[stages.bounds]]
name = "fast"
quantity = "train_loss"
kind = "upper"
excess = "C2/(gamma**2*eta*t**1.5)"
[[stages.bounds]]
name = "short"
quantity = "train_loss"
kind = "upper"
excess = "C3/(gamma**2*t)"
"""


def _curve(t: Array, factors: Array, gamma: float, eta: float) -> Array:
    """The loss, up to a factor a run: steps (1, T), factors (R, 1) -> (R, T)."""
    return factors / (gamma**2 * eta * (t + 1))


def judged() -> Verification:
    """The three bounds, judged on the same curves.

    >>> [verdict.word for verdict in judged().verdicts]
    ['HOLDS', 'ERODES', 'ERODES']
    """
    law = Law(
        "logistic", "C/(gamma**2*eta*t){m}", _curve,
        first=("gamma", (0.1, 0.2, 0.4)), second=("eta", (0.25, 0.5, 1.0)),
    )  # fmt: skip
    curves, numbers = law.curves(np.random.default_rng(SEED))
    return verify(curves_plan(theorem_from_toml(_TEXT).theorem, curves, numbers))


def main(args: Sequence[str] | None = None) -> int:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=IMAGES)
    given = parser.parse_args(args)
    verification = judged()
    (study,) = verification.studies
    drawings, verdicts = verdict_drawings(), verification.verdicts
    for name, shown in (("room", verdicts[2:]), ("powers", verdicts)):
        figure = draw(drawings[name].measure(study, shown))
        (given.out / f"{name}.png").write_bytes(render(figure, "png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
