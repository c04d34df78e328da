"""Compare bounds with trained transformers: events, constants, claims and verdicts.

>>> from bofcheck.compare import preset_names
>>> preset_names()
['paper', 'quick', 'theory']
"""

from .cells import Cell, CellResult, Role, Study, analyse, strength, theory_values
from .claim import Claim
from .constants import SLACK_C, SLACK_K, Constants, Fitted
from .errors import CompareError
from .events import find_events
from .fitting.bounds import stage_bound, stage_number
from .fitting.constants import fit_constants
from .papers.zhang2025.designs import Design, get_design, preset_names
from .papers.zhang2025.ledger import all_claims, decide_claims
from .verdict import AtOneOverD, Scope, Status, Verdict
from .verify import Settings, Verification, verify

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
    "find_events",
    "fit_constants",
    "get_design",
    "preset_names",
    "stage_bound",
    "stage_number",
    "strength",
    "theory_values",
    "verify",
]
