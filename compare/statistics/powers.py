"""Powers of a product law, by least squares on logarithms, with cells as the units.

Rows of one cell (several times, several runs) are not independent, so the interval of a power
takes its variance from whole cells: the bias-reduced cluster estimate CR2 with the degrees of
freedom of Bell and McCaffrey, which holds its level with few cells and unequal scatter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from ..errors import CompareError

Array = NDArray[np.float64]

#: Smallest singular value of the scaled predictors, relative to the largest, that counts as
#: independent variation.
RANK_TOLERANCE = 1e-8
#: Relative size below which 1 - leverage of a cell counts as zero.
_LEVERAGE_TOLERANCE = 1e-10
#: Root mean square from which a direction of what was levelled counts.
_SPAN_TOLERANCE = 1e-6


@dataclass(frozen=True)
class PowerFit:
    """Fitted powers with two-sided intervals.

    Attributes:
        names: predictors, in the order of the arrays.
        powers: (K,) fitted powers.
        errors: (K,) standard errors.
        freedoms: (K,) degrees of freedom of each power's interval.
        low: (K,) lower ends of the intervals.
        high: (K,) upper ends.
        intercept: log of the law's constant.
        scatter: root mean square of the residuals, in log units.
        cells: number of cells.
        rows: number of rows.
        confidence: of each interval by itself.

    Example:
        >>> eta, wobble = np.log([1, 2, 4, 8]), 0.01 * np.array([1, -1, -1, 1])
        >>> fit = fit_powers(0.5 - eta + wobble, {"eta": eta})
        >>> round(fit["eta"], 6), fit.cells, round(fit.scatter, 6)
        (-1.0, 4, 0.01)
        >>> [round(end, 3) for end in fit.interval("eta")]
        [-1.068, -0.932]
    """

    names: tuple[str, ...]
    powers: Array
    errors: Array
    freedoms: Array
    low: Array
    high: Array
    intercept: float
    scatter: float
    cells: int
    rows: int
    confidence: float

    def interval(self, name: str, confidence: float | None = None) -> tuple[float, float]:
        """The two-sided interval of one power, at another confidence if one is given."""
        at = self.names.index(name)
        level = self.confidence if confidence is None else confidence
        reach = _reach(level, self.freedoms[at]) * self.errors[at]
        return float(self.powers[at] - reach), float(self.powers[at] + reach)

    def __getitem__(self, name: str) -> float:
        """One fitted power."""
        return float(self.powers[self.names.index(name)])


def fit_powers(
    log_response: ArrayLike,
    log_predictors: Mapping[str, ArrayLike],
    cell: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    levelled: ArrayLike | None = None,
) -> PowerFit:
    """Fit response = constant · Π predictor^power.

    Args:
        log_response: (n,) logarithm of the response.
        log_predictors: name -> (n,) logarithm of the predictor.
        cell: (n,) label of the cell each row belongs to; each row is its own if None.
        confidence: of each interval by itself.
        levelled: (n, K) what the response has been levelled along by least squares before, as far
            as that is more than a constant. Intervals allow for what it cost.

    Raises:
        CompareError: rows that are not finite or of unequal number, predictors that do not vary
            independently over the cells, or no more cells than there are numbers to fit.

    Example:
        >>> eta, mu = np.log([1, 2, 4, 8, 1, 2, 4, 8]), np.log([1, 1, 1, 1, 3, 3, 3, 3])
        >>> wobble = 0.01 * np.array([1, -1, -1, 1, 1, -1, -1, 1])
        >>> fit = fit_powers(2 * eta - mu + 0.5 + wobble, {"eta": eta, "mu": mu})
        >>> [round(power, 6) for power in fit.powers.tolist()], round(fit.intercept, 6)
        ([2.0, -1.0], 0.5)
        >>> fit.interval("eta")[0] < 2 < fit.interval("eta")[1]
        True
    """
    names = tuple(log_predictors)
    response = np.asarray(log_response, dtype=float)
    columns = [np.asarray(log_predictors[name], dtype=float) for name in names]
    labels = np.arange(response.size) if cell is None else np.asarray(cell)
    _check(response, names, columns, labels)
    design = np.column_stack([np.ones(response.size), *columns])
    groups = np.unique(labels, return_inverse=True)[1]
    cells = int(groups.max()) + 1
    if cells <= len(names) + 1:
        raise CompareError(
            f"fit_powers: {cells} cells for {len(names)} powers and a constant; give at least "
            f"{len(names) + 2}"
        )
    _check_rank(design, names)
    bread = np.linalg.inv(design.T @ design)
    weights = design @ bread  # (n, K + 1): row weights of each coefficient
    coefficients = weights.T @ response
    residual = response - design @ coefficients
    along = _spanned(levelled, response.size)
    if along.shape[1]:
        # the powers are those of what levelling leaves; scatter is what none of it explains
        asked = weights - along @ (along.T @ weights)
        design = np.column_stack([design, along])
        weights = np.asarray(np.linalg.pinv(design).T)
        residual = response - design @ (weights.T @ response)
    else:
        asked = weights
    errors, freedoms = _cluster(design, weights, asked, residual, groups, cells)
    reach = _reach(confidence, freedoms[1:]) * errors[1:]
    return PowerFit(
        names=names,
        powers=coefficients[1:],
        errors=errors[1:],
        freedoms=freedoms[1:],
        low=coefficients[1:] - reach,
        high=coefficients[1:] + reach,
        intercept=float(coefficients[0]),
        scatter=float(np.sqrt(np.mean(residual**2))),
        cells=cells,
        rows=response.size,
        confidence=confidence,
    )


def _spanned(columns: ArrayLike | None, rows: int) -> Array:
    """(n, r) orthonormal columns that span some, each less its mean."""
    table = np.zeros((rows, 0)) if columns is None else np.asarray(columns, dtype=float)
    centred = table - table.mean(axis=0) if table.size else table[:, :0]
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    kept = sizes > _SPAN_TOLERANCE * np.sqrt(rows)
    return np.asarray(left[:, kept])


def _cluster(
    design: Array,
    weights: Array,
    asked: Array,
    residual: Array,
    groups: NDArray[np.intp],
    cells: int,
) -> tuple[Array, Array]:
    """Standard error and degrees of freedom of each coefficient.

    ``asked`` are the row weights of the coefficients that are asked about, ``weights`` those of the
    fit that leaves the residuals.

    CR2 inflates a cell's residuals by (1 - its hat matrix)^(-1/2), exact where rows scatter
    alike. The degrees of freedom match the first two moments of the variance estimate, with the
    share of the scatter that a cell's rows have in common as the residuals show it (Imbens and
    Kolesár): a power that rests on differences between cells gets no credit for many rows.
    """
    size = asked.shape[1]
    common, own = _components(residual, groups, cells)
    scores = np.zeros((cells, size))
    # what enters the variance estimate of a coefficient from a cell, per error: its own rows'
    # inflated weights, less what the fit takes of them from all rows
    squares, sums = np.zeros((cells, size)), np.zeros((cells, size))
    taken, crossed = (np.zeros((cells, size, design.shape[1])) for _ in range(2))
    member = np.zeros((design.shape[1], cells))
    for group in range(cells):
        rows = np.flatnonzero(groups == group)
        inflated = _inverse_root(np.eye(rows.size) - weights[rows] @ design[rows].T)
        part = (inflated @ asked[rows]).T  # (K + 1, rows)
        scores[group] = part @ residual[rows]
        squares[group], sums[group] = (part**2).sum(axis=1), part.sum(axis=1)
        taken[group], crossed[group] = part @ design[rows], part @ weights[rows]
        member[:, group] = weights[rows].sum(axis=0)
    between = weights.T @ weights
    freedoms = np.empty(size)
    for k in range(size):
        cross = crossed[:, k] @ taken[:, k].T
        gram = np.diag(squares[:, k]) - cross - cross.T
        gram = own * (gram + taken[:, k] @ between @ taken[:, k].T)
        summed = np.diag(sums[:, k]) - taken[:, k] @ member
        gram = gram + common * summed @ summed.T
        freedoms[k] = np.trace(gram) ** 2 / (gram**2).sum()
    return np.sqrt((scores**2).sum(axis=0)), freedoms


def _components(residual: Array, groups: NDArray[np.intp], cells: int) -> tuple[float, float]:
    """Shares of the scatter that a cell's rows have in common, and that are each row's own."""
    counts = np.bincount(groups, minlength=cells)
    means = np.bincount(groups, residual, cells) / counts
    inner = residual - means[groups]
    spare = residual.size - cells
    own = float((inner**2).sum() / spare) if spare else float((residual**2).mean())
    common = float((means**2).mean() - own * (1 / counts).mean()) if spare else 0.0
    total = max(common, 0.0) + own
    return (max(common, 0.0) / total, own / total) if total else (0.0, 1.0)


def _inverse_root(matrix: Array) -> Array:
    """Symmetric inverse square root, zero on directions that have no residual at all."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    roots = np.where(values > _LEVERAGE_TOLERANCE, values, np.inf) ** -0.5
    out: Array = (vectors * roots) @ vectors.T
    return out


def _reach(confidence: float, freedom: ArrayLike) -> Array:
    return np.asarray(student.ppf((1 + confidence) / 2, freedom))


def _check(
    response: Array, names: tuple[str, ...], columns: list[Array], labels: NDArray[np.generic]
) -> None:
    if not names:
        raise CompareError("fit_powers: no predictors; give at least one")
    shapes = {name: column.shape for name, column in zip(names, columns, strict=True)}
    shapes |= {"log_response": response.shape, "cell": labels.shape}
    if response.ndim != 1 or set(shapes.values()) != {response.shape}:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise CompareError(f"fit_powers: arrays must be (n,) alike; got {listed}")
    for name, column in [("log_response", response), *zip(names, columns, strict=True)]:
        if not np.isfinite(column).all():
            raise CompareError(
                f"fit_powers: {name} has entries that are not finite; leave those rows out"
            )


def _check_rank(design: Array, names: tuple[str, ...]) -> None:
    centred = design[:, 1:] - design[:, 1:].mean(axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    fixed = [name for name, size in zip(names, spread, strict=True) if size < RANK_TOLERANCE]
    if fixed:
        raise CompareError(f"fit_powers: {', '.join(fixed)} does not vary; leave it out")
    singular = np.linalg.svd(centred / spread, compute_uv=False)
    if singular[-1] < RANK_TOLERANCE * singular[0]:
        raise CompareError(
            f"fit_powers: {', '.join(names)} do not vary independently; vary one by itself"
        )
