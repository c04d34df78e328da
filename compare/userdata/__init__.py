"""User-supplied theorems, checked on bofcheck's trajectories or on measured curves.

* `theorem_plan` trains cells, from the theorem's file or a given design, and decides its bounds
* `curves_plan` decides its bounds on curves, e.g. read from a CSV or netCDF file
"""

from .curves import Measured, read_curves
from .numbers import CellNumbers, read_numbers
from .plans import curves_plan, needed_quantities, theorem_plan
from .split import Split, split_roles
from .training import training_design

__all__ = [
    "CellNumbers",
    "Measured",
    "Split",
    "curves_plan",
    "needed_quantities",
    "read_curves",
    "read_numbers",
    "split_roles",
    "theorem_plan",
    "training_design",
]
