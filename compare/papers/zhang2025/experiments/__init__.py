"""The paper's experiments and some of ours: one module each, found in this folder.

A module without a leading underscore defines ``EXPERIMENT``: the cells, the table and the drawing
of one figure. To add an experiment, add a file. All experiments of a preset share one results
folder.
"""

from ._experiment import (
    Experiment,
    Setting,
    experiment_names,
    get_experiment,
    preset_names,
    settings_of,
)
from ._output import drawn_figures, verdicts_in, write_outputs
from ._run import (
    default_folder,
    estimate_training,
    experiment_store,
    work,
)

__all__ = [
    "Experiment",
    "Setting",
    "default_folder",
    "drawn_figures",
    "estimate_training",
    "experiment_names",
    "experiment_store",
    "get_experiment",
    "preset_names",
    "settings_of",
    "verdicts_in",
    "work",
    "write_outputs",
]
