"""The paper's experiments and some of ours: one module each, found in this folder.

A module without a leading underscore that offers ``EXPERIMENT`` is one; adding an experiment is
adding a file. All experiments of one preset share one results folder.
"""

from __future__ import annotations

import importlib
import pkgutil

from ....errors import CompareError
from .experiment import Experiment, Setting

__all__ = [
    "Experiment",
    "Setting",
    "experiment_names",
    "get_experiment",
    "preset_names",
]

#: Modules of this folder that are building blocks, not experiments.
_BLOCKS = {"experiment", "output", "run", "table"}


def experiment_names(preset: str | None = None) -> list[str]:
    """Names of all experiments, or of those that have cells in a preset; the paper's first.

    Raises:
        CompareError: no experiment knows the preset.

    Example:
        >>> experiment_names()
        ['fig1', 'fig2', 'fig3', 'fig4', 'fig5', 'fig6', 'fig7', 'dimension', 'excess']
        >>> experiment_names("jiang")
        ['fig2', 'fig3']
    """
    found = (module.name for module in pkgutil.iter_modules(__path__))
    kept = (name for name in found if not name.startswith("_") and name not in _BLOCKS)
    names = sorted(kept, key=lambda name: (not name.startswith("fig"), name))
    if preset is None:
        return names
    if preset not in preset_names():
        raise CompareError(f"preset {preset!r}: unknown; choose one of {', '.join(preset_names())}")
    return [name for name in names if preset in get_experiment(name).cells]


def get_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        CompareError: there is none, with the names there are.

    Example:
        >>> experiment = get_experiment("fig5")
        >>> experiment.title, sorted(experiment.cells)
        ('Test loss along training at three learning rates', ['paper', 'quick'])
    """
    if name not in experiment_names():
        raise CompareError(
            f"experiment {name!r}: unknown; choose one of {', '.join(experiment_names())}"
        )
    experiment: Experiment = importlib.import_module(f"{__name__}.{name}").EXPERIMENT
    return experiment


def preset_names() -> list[str]:
    """Presets that any experiment has cells in, in the order they first occur.

    >>> preset_names()
    ['quick', 'paper', 'jiang']
    """
    groups = (get_experiment(name).cells for name in experiment_names())
    return list(dict.fromkeys(preset for cells in groups for preset in cells))
