"""Settings that the paper's text leaves open, as the cells behind a verdict have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ...simulate import Problem
from ..cells import CellResult


def unit_rate(problem: Problem) -> float:
    """The learning rate over 1/max(mu², sigma_p² d), the longer token's squared length.

    >>> round(unit_rate(Problem(dim=400, noise_std=2.0, signal_norm=1.0, learning_rate=0.01)), 9)
    16.0
    """
    longest = max(problem.signal_norm**2, problem.noise_std**2 * problem.dim)
    return problem.learning_rate * longest


#: Name of a setting -> what it is in a cell, and how it is written.
_SETTINGS: Mapping[str, tuple[Callable[[CellResult], float], str]] = {
    "rate": (
        lambda r: unit_rate(r.cell.problem),
        "learning rate {} over max(mu², sigma_p² d)",
    ),
    "d": (lambda r: float(r.cell.problem.dim), "d = {}"),
    "N": (lambda r: float(r.cell.problem.n_samples), "N = {}"),
    "mu": (lambda r: r.cell.problem.signal_norm, "mu = {}"),
    "sigma_p": (lambda r: r.cell.problem.noise_std, "sigma_p = {}"),
    "steps": (lambda r: float(r.cell.steps), "at most {} steps"),
}


def stands_at(names: Iterable[str], results: Iterable[CellResult]) -> str:
    """The settings that the text leaves open, as these cells have them, in words.

    Args:
        names: of the settings, as a check lists them.
        results: the cells behind the verdict.

    Example:
        >>> from bofcheck.compare import Cell, Role, analyse
        >>> from bofcheck.simulate import train
        >>> from bofcheck.theory import benign
        >>> problem = Problem(n_samples=4, dim=100)
        >>> cell = Cell("small", Role.HELD_OUT, "fig7", problem, steps=5)
        >>> result = analyse(cell, train(problem, seeds=2, steps=5), benign)
        >>> stands_at(("d", "steps"), [result])
        'not in the text, chosen here: d = 100, at most 5 steps'
    """
    cells = list(results)
    told = []
    for name in names:
        read, words = _SETTINGS[name]
        values = sorted({read(result) for result in cells})
        if values:
            low, high = (f"{float(f'{value:.3g}'):g}" for value in (values[0], values[-1]))
            told.append(words.format(low if low == high else f"{low} to {high}"))
    return f"not in the text, chosen here: {', '.join(told)}" if told else ""
