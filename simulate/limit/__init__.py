"""The limit of gradient descent, d and d_h without end at fixed N, SNR and S0 = σ_h²d_hμ².

Derived step by step in docs/limit.md; `predict`, `find_boundary` and `find_crossover` are its
entries.
"""

from .boundary import LossBoundary, find_boundary
from .crossover import ErrorCrossover, find_crossover
from .predict import Prediction, predict

__all__ = [
    "ErrorCrossover",
    "LossBoundary",
    "Prediction",
    "find_boundary",
    "find_crossover",
    "predict",
]
