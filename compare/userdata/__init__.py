"""A theorem of one's own, checked on bofcheck's trajectories or on curves of one's own.

* `verify_theorem` trains the cells a theorem's file names, or a preset's, and decides its bounds
* `verify_curves` decides them on curves read from a CSV or netCDF file
"""

from .curves import Measured, read_curves
from .numbers import CellNumbers, read_numbers
from .result import OwnCell, OwnResult
from .split import Split, split_roles
from .verifying import OwnSettings, verify_curves, verify_theorem

__all__ = [
    "CellNumbers",
    "Measured",
    "OwnCell",
    "OwnResult",
    "OwnSettings",
    "Split",
    "read_curves",
    "read_numbers",
    "split_roles",
    "verify_curves",
    "verify_theorem",
]
