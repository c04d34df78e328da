"""Models to train, one file each.

``attention``, the two-layer transformer, computes outputs from the logits and values of a
`Snapshot` and has engines of its own. Every other module defines ``MODEL``, a `Model`, and is
trained by `bofcheck.simulate.reduced`; to add a model, add a file.
"""

from __future__ import annotations

from ..._registry import load, module_names
from ..errors import ProblemError, shown
from ._model import Model

__all__ = ["Model", "get_model", "model_names"]


def model_names() -> list[str]:
    """Names of all models beside attention.

    >>> model_names()
    ['leaky_relu', 'linear', 'relu_cnn', 'single_head']
    """
    return [name for name in module_names(__name__) if name != "attention"]


def get_model(name: object) -> type[Model]:
    """The model of that name.

    Raises:
        ProblemError: no model has that name; the message lists the names.

    >>> get_model("relu_cnn").__name__
    'ReluCnn'
    """
    if name not in model_names():
        raise ProblemError(
            f"model = {shown(name)}: unknown; choose one of attention, {', '.join(model_names())}"
        )
    model: type[Model] = load(__name__, str(name), "MODEL", type)
    return model
