"""The two losses of a margin m = y f."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn.functional import logsigmoid


def _logistic(margin: Tensor) -> Tensor:
    # logsigmoid keeps full precision where softplus switches to its asymptote
    return -logsigmoid(margin)


def _hinge(margin: Tensor) -> Tensor:
    return (1.0 - margin).clamp(min=0.0)


#: Loss of every margin, by the problem's ``loss``.
LOSSES: dict[str, Callable[[Tensor], Tensor]] = {"logistic": _logistic, "hinge": _hinge}
