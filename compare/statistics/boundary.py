"""Where performance turns good: boundaries N^a·SNR^b·d^c (·d_h^e) = C, fitted and compared.

Each cell of a design ends with some of its runs above the boundary, that is good. The chance of
being above is modelled as logistic in a·log N + b·log SNR + c·log d (+ e·log d_h); only the
ratios of the powers mean anything, so a = 1. Intervals come from resampling cells, runs of one
cell staying together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CompareError
from .logistic import fit_logistic, fit_resampled, log_likelihood

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BoundaryFit:
    """A boundary with two-sided intervals.

    Attributes:
        names: ``N``, ``SNR``, and ``d`` and ``d_h`` where they were given and vary.
        powers: power of each name, that of N being 1.
        low: lower end of each power's interval; -inf where resampling cannot tell.
        high: upper end; inf where resampling cannot tell.
        log_constant: log C.
        sharpness: slope of the log odds in log(N·SNR^b·…); separable data make it large.
        draws: (B, K) powers of each resample, in the order of ``names``; NaN where the resample
            did not improve with N.
        cells: number of cells.
        above: share of runs above the boundary.
        separated: whether some boundary of this form puts every run on its side.
        confidence: of each interval by itself.

    Example:
        >>> n, snr = np.array([(n, s) for n in (4, 8, 16, 32) for s in np.geomspace(0.1, 0.8, 7)]).T
        >>> settings = {"confidence": 0.95, "spare_cells": 4, "ridge": 0.01}
        >>> d, good = np.full(n.size, 100.0), n * snr**2 > 1.0
        >>> fit = fit_boundary(n, snr, d, good, resamples=100, **settings)
        >>> fit.names, round(fit.powers["SNR"], 1), fit.separated, round(fit.above, 3)
        (('N', 'SNR'), 2.0, True, 0.5)
    """

    names: tuple[str, ...]
    powers: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    log_constant: float
    sharpness: float
    draws: Array
    cells: int
    above: float
    separated: bool
    confidence: float

    def interval(self, name: str, confidence: float | None = None) -> tuple[float, float]:
        """The two-sided interval of one power, at another confidence if one is given."""
        if confidence is None:
            return self.low[name], self.high[name]
        column = self.names.index(name)
        low, high = _percentiles(self.draws[:, [column]], confidence)
        return low[0], high[0]


@dataclass(frozen=True)
class BoundaryComparison:
    """Rival boundaries by the likelihood of cells they were not fitted on.

    Attributes:
        laws: name -> its powers of (N, SNR, d) or (N, SNR, d, d_h).
        log_likelihoods: name -> mean held-out log-likelihood of a run.
        constants: name -> log C fitted on all cells.
        better: the law with the highest held-out likelihood.
        differences: name -> mean over cells of the better law's log-likelihood of a run, less this
            law's.
        errors: name -> standard error of that difference, over cells.

    Example:
        >>> n, snr = np.array([(n, s) for n in (4, 8, 16, 32) for s in np.geomspace(0.1, 0.8, 7)]).T
        >>> laws = {"N SNR^2": (1.0, 2.0, 0.0), "N SNR": (1.0, 1.0, 0.0)}
        >>> d, good = np.full(n.size, 100.0), n * snr**2 > 1.0
        >>> comparison = compare_boundaries(n, snr, d, good, laws, folds=10, ridge=0.01)
        >>> comparison.better, comparison.clearly_worse("N SNR", errors=2.0)
        ('N SNR^2', True)
    """

    laws: Mapping[str, tuple[float, ...]]
    log_likelihoods: Mapping[str, float]
    constants: Mapping[str, float]
    better: str
    differences: Mapping[str, float]
    errors: Mapping[str, float]

    def clearly_worse(self, name: str, errors: float) -> bool:
        """Whether a law is that many standard errors behind the best law."""
        return self.differences[name] > errors * self.errors[name]


def fit_boundary(
    n: ArrayLike,
    snr: ArrayLike,
    d: ArrayLike,
    above: ArrayLike,
    *,
    key_dim: ArrayLike | None = None,
    resamples: int,
    confidence: float,
    spare_cells: int,
    ridge: float,
    seed: int = 0,
) -> BoundaryFit:
    """Fit N·SNR^b·d^c (·d_h^e) = C. A dimension that never varies is left out.

    The likelihood has a weak ridge, so that separable data give a finite boundary through their
    gap; percentile intervals over resampled cells. A resample in which being above does not
    become likelier with N has no boundary of this form: where more than half of an interval's
    tail is made of these, that end is infinite.

    Args:
        n: (C,) training samples of each cell.
        snr: (C,) signal-to-noise ratios.
        d: (C,) input dimensions.
        above: (C,) whether a cell is above the boundary or the share of its runs that are, or
            (C, R) whether each run is, NaN where that is not known.
        key_dim: (C,) query/key dimensions, or None.
        resamples: of the cells.
        confidence: of each interval by itself.
        spare_cells: cells needed beyond one for each number to fit.
        ridge: as for `fit_logistic`.
        seed: of the resampling.

    Raises:
        CompareError: unequal lengths, entries out of range, too few cells, cells that are all
            on one side, numbers that do not vary independently, or no rise with N.

    Example:
        >>> n, snr, d = np.array([(n, s, d) for n in (4, 8, 16, 32)
        ...                       for s in np.geomspace(0.1, 0.8, 7) for d in (1e2, 1e4)]).T
        >>> settings = {"resamples": 1_000, "confidence": 0.95, "spare_cells": 4, "ridge": 0.01}
        >>> fit = fit_boundary(n, snr, d, n * snr**2 > 1.0, **settings)
        >>> round(fit.powers["SNR"], 1), abs(fit.powers["d"]) < 0.05, fit.separated
        (2.0, True, True)
        >>> fit.low["SNR"] < 2 < fit.high["SNR"]
        True
    """
    names, logs = _predictors(n, snr, d, key_dim)
    hits, trials = _counts(above, logs)
    logs, hits, trials = logs[trials > 0], hits[trials > 0], trials[trials > 0]
    _check_cells(names, logs, hits, trials, spare_cells)
    constant, slopes = fit_logistic(logs, hits, trials, ridge)
    if slopes[0] <= 0:
        raise CompareError("boundary: being above does not become likelier with N")
    powers = slopes / slopes[0]
    draws = np.full((resamples, len(names)), np.nan)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, hits.size, (resamples, hits.size))
    found = hits[drawn].sum(axis=1)
    fitted = (_rank(logs[drawn]) == len(names)) & (found > 0) & (found < trials[drawn].sum(axis=1))
    drawn_slopes = fit_resampled(logs, hits, trials, drawn[fitted], ridge)
    rising = drawn_slopes[:, 0] > 0
    draws[np.flatnonzero(fitted)[rising]] = (drawn_slopes / drawn_slopes[:, :1])[rising]
    low, high = _percentiles(draws, confidence)
    odds = constant + logs @ slopes
    return BoundaryFit(
        names=names,
        powers=dict(zip(names, powers.tolist(), strict=True)),
        low=dict(zip(names, low, strict=True)),
        high=dict(zip(names, high, strict=True)),
        log_constant=float(-constant / slopes[0]),
        sharpness=float(slopes[0]),
        draws=draws,
        cells=hits.size,
        above=float(hits.sum() / trials.sum()),
        separated=bool(np.all(np.where(odds > 0, hits == trials, hits == 0))),
        confidence=confidence,
    )


def compare_boundaries(
    n: ArrayLike,
    snr: ArrayLike,
    d: ArrayLike,
    above: ArrayLike,
    laws: Mapping[str, tuple[float, ...]],
    *,
    key_dim: ArrayLike | None = None,
    folds: int,
    ridge: float,
    seed: int = 0,
) -> BoundaryComparison:
    """Which of some boundaries with given powers predicts cells it was not fitted on best.

    A law's constant and sharpness are fitted without one fold and judged on that fold. Cells
    of equal (N, SNR, d, d_h) share a fold.

    Args:
        n: as for `fit_boundary`, like ``snr``, ``d``, ``above`` and ``key_dim``.
        snr: as for `fit_boundary`.
        d: as for `fit_boundary`.
        above: as for `fit_boundary`.
        laws: name -> powers (a, b, c) of N, SNR and d, or with that of d_h as a fourth.
        key_dim: as for `fit_boundary`.
        folds: parts the cells are divided into.
        ridge: as for `fit_logistic`.
        seed: of that division.

    Raises:
        CompareError: as for `fit_boundary`, or a law without three or four powers.

    Example:
        >>> n, snr, d = np.array([(n, s, d) for n in (4, 8, 16, 32) for s in (.1, .2, .4, .8)
        ...                       for d in (1e2, 1e4)]).T
        >>> rivals = {"N·SNR²": (1, 2, 0), "N·d·SNR⁴": (1, 4, 1)}
        >>> good = n * snr**2 > 1.0
        >>> comparison = compare_boundaries(n, snr, d, good, rivals, folds=10, ridge=0.01)
        >>> comparison.better, comparison.clearly_worse("N·d·SNR⁴", errors=2.0)
        ('N·SNR²', True)
    """
    arrays = [n, snr, d] if key_dim is None else [n, snr, d, key_dim]
    logs = _log_arrays(arrays)
    hits, trials = _counts(above, logs)
    logs, hits, trials = logs[trials > 0], hits[trials > 0], trials[trials > 0]
    if hits.size < folds or not 0 < hits.sum() < trials.sum():
        raise CompareError(
            f"compare_boundaries: {hits.size} cells, {hits.sum():g} of {trials.sum():g} runs "
            f"above; give at least {folds} cells, with runs on both sides"
        )
    fold = _folds(logs, folds, seed)
    scores: dict[str, Array] = {}
    constants: dict[str, float] = {}
    for name, powers in laws.items():
        if len(powers) not in (3, 4) or any(powers[logs.shape[1] :]):
            raise CompareError(f"law {name!r}: has {len(powers)} powers for {logs.shape[1]} arrays")
        level = logs @ np.resize([*powers, 0.0], 4)[: logs.shape[1]]
        scores[name] = _held_out(level, hits, trials, fold, ridge)
        constant, slope = fit_logistic(level[:, None], hits, trials, ridge)
        constants[name] = float(-constant / slope[0])
    total = {name: float(score.sum() / trials.sum()) for name, score in scores.items()}
    better = max(total, key=total.__getitem__)
    behind = {name: (scores[better] - score) / trials for name, score in scores.items()}
    return BoundaryComparison(
        laws=dict(laws),
        log_likelihoods=total,
        constants=constants,
        better=better,
        differences={name: float(gap.mean()) for name, gap in behind.items()},
        errors={n: float(gap.std(ddof=1) / math.sqrt(gap.size)) for n, gap in behind.items()},
    )


def _held_out(
    level: Array, hits: Array, trials: Array, fold: NDArray[np.intp], ridge: float
) -> Array:
    """(C,) log-likelihood of each cell under constants fitted without its fold."""
    out = np.empty(hits.size)
    for left_out in range(int(fold.max()) + 1):
        inside = fold == left_out
        constant, slope = fit_logistic(level[~inside, None], hits[~inside], trials[~inside], ridge)
        odds = constant + slope[0] * level[inside]
        out[inside] = log_likelihood(odds, hits[inside], trials[inside])
    return out


def _predictors(
    n: ArrayLike, snr: ArrayLike, d: ArrayLike, key_dim: ArrayLike | None
) -> tuple[tuple[str, ...], Array]:
    """Names and logs of N, SNR, and those of d and d_h that vary."""
    arrays = {"N": n, "SNR": snr, "d": d} | ({} if key_dim is None else {"d_h": key_dim})
    logs = _log_arrays(list(arrays.values()))
    keep = [rank for rank in range(logs.shape[1]) if rank < 2 or np.ptp(logs[:, rank]) > 1e-9]
    return tuple(list(arrays)[rank] for rank in keep), logs[:, keep]


def _log_arrays(arrays: list[ArrayLike]) -> Array:
    columns = [np.asarray(array, dtype=float) for array in arrays]
    if any(column.ndim != 1 or column.shape != columns[0].shape for column in columns):
        shapes = ", ".join(str(column.shape) for column in columns)
        raise CompareError(f"boundary: n, snr, d and key_dim must be (C,) alike; got {shapes}")
    stacked = np.column_stack(columns)
    if not stacked.size:
        raise CompareError("boundary: no cells; give some on both sides of it")
    if not (np.isfinite(stacked) & (stacked > 0)).all():
        raise CompareError("boundary: n, snr, d and key_dim must be finite and positive")
    out: Array = np.log(stacked)
    return out


def _counts(above: ArrayLike, logs: Array) -> tuple[Array, Array]:
    """(C,) runs above the boundary and runs known, a share counting as one run."""
    marks = np.asarray(above, dtype=float)
    marks = marks[:, None] if marks.ndim == 1 else marks
    known = np.isfinite(marks)
    if (
        marks.ndim != 2
        or len(marks) != len(logs)
        or np.any((marks[known] < 0) | (marks[known] > 1))
    ):
        raise CompareError(
            f"boundary: above must be ({len(logs)},) or ({len(logs)}, R) with entries from 0 to 1; "
            f"got shape {np.shape(above)}"
        )
    return np.where(known, marks, 0.0).sum(axis=1), known.sum(axis=1).astype(float)


def _check_cells(
    names: tuple[str, ...], logs: Array, hits: Array, trials: Array, spare_cells: int
) -> None:
    least = len(names) + 1 + spare_cells
    if hits.size < least:
        raise CompareError(f"boundary: {hits.size} cells for {len(names)} powers; give {least}")
    if not 0 < hits.sum() < trials.sum():
        side = "above" if hits.sum() else "below"
        raise CompareError(f"boundary: all cells are {side} it; give cells on both sides")
    if _rank(logs) < len(names):
        raise CompareError(f"boundary: {', '.join(names)} do not vary independently")


def _rank(logs: Array) -> NDArray[np.intp]:
    """The number of independent columns of (…, C, K) predictors, but for a constant."""
    centred = logs - logs.mean(axis=-2, keepdims=True)
    return np.asarray(np.linalg.matrix_rank(centred, tol=1e-6))


def _percentiles(draws: Array, confidence: float) -> tuple[list[float], list[float]]:
    """Two-sided percentile limits of each column, resamples without a boundary at both ends."""
    tail = (1 - confidence) / 2
    missing = np.isnan(draws)
    low = np.quantile(np.where(missing, -np.inf, draws), tail, axis=0, method="lower")
    high = np.quantile(np.where(missing, np.inf, draws), 1 - tail, axis=0, method="higher")
    return low.tolist(), high.tolist()


def _folds(logs: Array, folds: int, seed: int) -> NDArray[np.intp]:
    """(C,) fold of each cell; cells at one point of the design stay together."""
    points, member = np.unique(logs.round(9), axis=0, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(points))
    out: NDArray[np.intp] = (order % folds)[np.ravel(member)].astype(np.intp)
    return out
