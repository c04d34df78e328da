"""User-supplied theorems, checked on bofcheck's trajectories or on measured curves.

* `theorem_plan` trains cells, from the theorem's file or a given design, and decides its bounds
* `curves_plan` decides its bounds on curves, e.g. read by `read_data`

`shapes` recognises what the columns of a table mean, `formats` opens files, `sources` knows which
file is which; every table then goes through the one strict reader, `table`.
"""

from .curves import Measured, read_curves
from .data import UserData, read_data
from .numbers import CellNumbers, read_numbers
from .plans import curves_plan, needed_quantities, theorem_plan
from .split import Split, split_roles
from .training import training_design

__all__ = [
    "CellNumbers",
    "Measured",
    "Split",
    "UserData",
    "curves_plan",
    "needed_quantities",
    "read_curves",
    "read_data",
    "read_numbers",
    "split_roles",
    "theorem_plan",
    "training_design",
]
