"""The limit of gradient descent, d and d_h without end at fixed N, SNR and S0 = σ_h²d_hμ².

Derived step by step in docs/limit.md; `predict` and `find_boundary` are its entries.
"""

from .boundary import LossBoundary, find_boundary
from .predict import Prediction, predict

__all__ = ["LossBoundary", "Prediction", "find_boundary", "predict"]
