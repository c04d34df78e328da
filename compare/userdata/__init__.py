"""User-supplied theorems, checked on bofcheck's trajectories or on measured curves.

* `verify_theorem` trains the cells a theorem's file names, or given ones, and decides its bounds
* `verify_curves` decides them on curves read from a CSV or netCDF file
"""

from .curves import Measured, read_curves
from .numbers import CellNumbers, read_numbers
from .split import Split, split_roles
from .training import Design, training_design
from .verifying import UserSettings, verify_curves, verify_theorem

__all__ = [
    "CellNumbers",
    "Design",
    "Measured",
    "Split",
    "UserSettings",
    "read_curves",
    "read_numbers",
    "split_roles",
    "training_design",
    "verify_curves",
    "verify_theorem",
]
