"""The limit of gradient descent, d and d_h without end at fixed N, SNR and S0 = σ_h²d_hμ².

Derived step by step in docs/limit.md; `predict` is its entry.
"""

from .predict import Prediction, predict

__all__ = ["Prediction", "predict"]
