"""log P(ŷf ≤ 0) for fresh noise tokens, however small, with its standard error."""

from .estimate import FailureEstimate, log_failure

__all__ = ["FailureEstimate", "log_failure"]
