"""Are samples normal, each with a mean and a variance of its own?

Each group is tested by Shapiro and Wilk's W with Royston's p-values (Shapiro and Wilk 1965, Royston
1995), and the p-values are combined by Fisher's method. How far the groups are from normal is said
by their mean skewness and excess kurtosis, by estimates (G1, G2) that are unbiased where a group is
normal and whose variance is then known exactly (Joanes and Gill 1998).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, kurtosis, norm, shapiro, skew

Array = NDArray[np.float64]

#: Values a group needs; Royston's p-values are for up to 5000.
SMALLEST, LARGEST = 20, 5000


@dataclass(frozen=True)
class Normality:
    """What the groups say.

    Attributes:
        p: combined p-value; uniform where every group is normal.
        skewness: mean over the groups.
        skewness_error: its standard error where every group is normal.
        excess: mean excess kurtosis over the groups.
        excess_error: its standard error where every group is normal.
        groups: how many groups were tested.
        values: how many values these have.
    """

    p: float
    skewness: float
    skewness_error: float
    excess: float
    excess_error: float
    groups: int
    values: int

    def furthest(self, miss: float) -> float:
        """The largest |skewness| or |excess kurtosis| that the groups allow.

        Args:
            miss: chance that one of the two limits is exceeded.
        """
        reach = float(norm.isf(miss / 4))  # two moments, two sides
        return max(
            abs(self.skewness) + reach * self.skewness_error,
            abs(self.excess) + reach * self.excess_error,
        )


def normality(groups: Iterable[Array]) -> Normality | None:
    """Test groups of values; None if none has enough values that differ.

    Args:
        groups: (n,) values each; of a group with more than 5000 the first 5000 are used.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> plain = normality(rng.normal(5.0, 2.0, size=(40, 120)))
        >>> heavy = normality(rng.standard_t(4, size=(40, 120)))
        >>> plain.p > 0.05, heavy.p < 1e-9, plain.furthest(0.01) < 0.35 < heavy.excess
        (True, True, True)
    """
    used = [np.asarray(group, dtype=float)[:LARGEST] for group in groups]
    used = [group for group in used if group.size >= SMALLEST and np.ptp(group) > 0]
    if not used:
        return None
    sizes = np.array([float(group.size) for group in used])
    n = sizes
    of_skew = 6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3))
    of_excess = 4 * (n**2 - 1) * of_skew / ((n - 3) * (n + 5))
    logs = [np.log(max(shapiro(group).pvalue, 1e-300)) for group in used]
    return Normality(
        p=float(chi2.sf(-2 * np.sum(logs), 2 * len(used))),
        skewness=float(np.mean([skew(group, bias=False) for group in used])),
        skewness_error=float(np.sqrt(of_skew.sum()) / len(used)),
        excess=float(np.mean([kurtosis(group, bias=False) for group in used])),
        excess_error=float(np.sqrt(of_excess.sum()) / len(used)),
        groups=len(used),
        values=int(sizes.sum()),
    )
