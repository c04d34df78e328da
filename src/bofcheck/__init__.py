"""bofcheck: check a learning-theory paper's bounds against trained transformers.

The three parts are imported on demand, so that ``import bofcheck`` is quick and a notebook
that only plots bounds never loads torch:

* :mod:`bofcheck.theory`: bounds, stages, theorems and assumptions as SymPy objects
* :mod:`bofcheck.simulate`: problems, engines and trajectories
* :mod:`bofcheck.compare`: stage detection, constants, claims and verdicts

>>> import bofcheck
>>> bofcheck.__version__.count(".")
2
"""

from ._version import __version__

__all__ = ["__version__"]
