"""bofcheck: check a learning-theory paper's bounds against trained transformers.

The three parts are imported on demand, so that ``import bofcheck`` is quick and a notebook
that only plots bounds never loads torch:

* :mod:`bofcheck.theory`: bounds, stages, theorems and assumptions as SymPy objects
* :mod:`bofcheck.simulate`: problems, engines and trajectories
* :mod:`bofcheck.compare`: stage detection, constants, claims and verdicts

Five calls are enough for most uses, each imported when it is first asked for:

* `check` decides a theorem on your curves, `theorem` begins one in Python
* `Recorder` writes curves while a loop trains, `open` gives those of a results folder
* :mod:`bofcheck.testing` has tests of a theorem's bounds, for pytest and hypothesis

>>> import bofcheck
>>> bofcheck.__version__.count(".")
2
"""

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .checked import Checked, check
    from .recorder import Recorder
    from .results import open_results as open
    from .theory.theorem_file.builder import theorem

__all__ = ["Checked", "Recorder", "__version__", "check", "open", "theorem"]

_HOMES = {
    "Checked": ("checked", "Checked"),
    "Recorder": ("recorder", "Recorder"),
    "check": ("checked", "check"),
    "open": ("results", "open_results"),
    "theorem": ("theory.theorem_file.builder", "theorem"),
}


def __getattr__(name: str) -> Any:
    """Import a call when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    return getattr(import_module(f"{__name__}.{module}"), attribute)
