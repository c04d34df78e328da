"""Models to train, one file each.

``attention``, the two-layer transformer, computes outputs from the logits and values of a
`Snapshot` and has engines of its own. Every other module defines ``MODEL``, a `Model`, and is
trained by `bofcheck.simulate.reduced`; to add a model, add a file.
"""

from __future__ import annotations

from ..._registry import load, module_names
from ..errors import ProblemError, UnknownModelError, shown
from ._model import Model

__all__ = ["Model", "get_model", "model_names", "register_model"]

#: Models that are not in this folder, by name.
_YOURS: dict[str, type[Model]] = {}


def model_names() -> list[str]:
    """Names of all models beside attention.

    >>> model_names()
    ['leaky_relu', 'linear', 'relu_cnn', 'single_head']
    """
    return [name for name in module_names(__name__) if name != "attention"]


def get_model(name: object) -> type[Model]:
    """The model of that name.

    Raises:
        UnknownModelError: no model has that name; the message lists the names.

    >>> get_model("relu_cnn").__name__
    'ReluCnn'
    """
    if isinstance(name, str) and name in _YOURS:
        return _YOURS[name]
    if name not in model_names():
        known = ", ".join((*model_names(), *_YOURS))
        raise UnknownModelError(
            f"model = {shown(name)}: unknown; choose one of attention, {known}, or give the file "
            "of your own (--model FILE.py, or read_model)"
        )
    model: type[Model] = load(__name__, str(name), "MODEL", type)
    return model


def register_model(model: type[Model]) -> None:
    """Make a model that is not in this folder known by its name, for this program.

    `bofcheck.simulate.read_model` checks a model before it does that.

    Raises:
        ProblemError: its name is that of a model of this folder, or is not a name.

    >>> class Half(Model):
    ...     name = "linear"
    >>> register_model(Half)
    Traceback (most recent call last):
        ...
    bofcheck.simulate.errors.ProblemError: model 'linear': is a model of bofcheck; ...
    """
    if model.name in (*model_names(), "attention"):
        raise ProblemError(f"model {model.name!r}: is a model of bofcheck; choose another name")
    if not model.name.isidentifier():
        raise ProblemError(f"model {shown(model.name)}: is not a name; use letters, digits and _")
    _YOURS[model.name] = model
