"""`engine_agreement`: the same arrays trained by both engines, compared number by number."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from .initialization import draw_arrays
from .problem import Problem
from .train import train

#: Largest relative difference that rounding explains.
LIMIT = 1e-9
#: Compared quantities: without counts, in which a rounding error may flip a sample.
COMPARED = ("train_loss", "test_loss", "attention_clean", "attention_test", "v_plus", "v_minus")


@dataclass(frozen=True)
class Agreement:
    """The difference between the engines.

    Attributes:
        largest: largest relative difference over quantities and log steps; NaN if an output is
            not finite.
        quantity: the quantity that differs by it.
        limit: largest difference that rounding explains.
        seconds: duration of the comparison.
    """

    largest: float
    quantity: str
    limit: float
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the engines agree."""
        return self.largest <= self.limit

    def line(self) -> str:
        """One line for people.

        >>> Agreement(2e-13, "v_plus", 1e-9, 1.0).line()
        'direct and span agree: largest relative difference 2e-13 (v_plus), at most 1e-09 allowed'
        """
        verb = "agree" if self.holds else "DISAGREE"
        return (
            f"direct and span {verb}: largest relative difference {self.largest:.2g} "
            f"({self.quantity}), at most {self.limit:.0e} allowed"
        )


def engine_agreement(steps: int = 60) -> Agreement:
    """Train one small problem with trained w_O and flipped labels on both engines.

    Args:
        steps: gradient steps.

    Returns:
        How far apart they are.

    Example:
        >>> engine_agreement(20).holds
        True
    """
    began = time.perf_counter()
    problem = Problem(
        n_samples=12,
        dim=60,
        key_dim=16,
        value_dim=8,
        noise_std=0.1,
        flip_prob=0.2,
        learning_rate=0.5,
        init_std_qk=0.1,
        init_std_v=0.05,
        train_output=True,
        start="materialised",
        test_tokens=32,
        seed=7,
    )
    arrays = [draw_arrays(problem, run) for run in range(2)]
    direct, span = (
        train(problem, seeds=2, steps=steps, engine=engine, log_at="geometric:16", start=arrays)
        for engine in ("direct", "span")
    )
    apart = {
        name: float(np.max(np.abs(span[name] - direct[name]) / (np.abs(direct[name]) + 1e-12)))
        for name in COMPARED
    }
    worst = max(apart, key=lambda name: np.inf if np.isnan(apart[name]) else apart[name])
    return Agreement(apart[worst], worst, LIMIT, time.perf_counter() - began)
