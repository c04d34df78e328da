"""Compare bounds with trained transformers: events, constants, claims and verdicts.

>>> from bofcheck.compare import preset_names
>>> preset_names()
['paper', 'quick', 'theory']
"""

from .claim import Claim
from .claims import all_claims, decide_claims
from .constants import SLACK_C, SLACK_K, Constants, Fitted
from .envelope import stage_bound, stage_number
from .errors import CompareError
from .fitting import fit_constants
from .parameters import strength, theory_values
from .presets import Preset, get_preset, preset_names
from .stages import detect_events
from .study import Cell, CellResult, Role, Study
from .verdict import AtOneOverD, Scope, Status, Verdict
from .verify import Settings, Verification, analyse, verify

__all__ = [
    "SLACK_C",
    "SLACK_K",
    "AtOneOverD",
    "Cell",
    "CellResult",
    "Claim",
    "CompareError",
    "Constants",
    "Fitted",
    "Preset",
    "Role",
    "Scope",
    "Settings",
    "Status",
    "Study",
    "Verdict",
    "Verification",
    "all_claims",
    "analyse",
    "decide_claims",
    "detect_events",
    "fit_constants",
    "get_preset",
    "preset_names",
    "stage_bound",
    "stage_number",
    "strength",
    "theory_values",
    "verify",
]
