"""Compare bounds with trained transformers: events, constants, claims and verdicts.

>>> from bofcheck.compare import design_names
>>> design_names()
['paper', 'quick', 'theory']
"""

from .cells import Cell, CellResult, Role, Study, analyse, strength, theory_values
from .claim import Check, Claim
from .constants import Constants, Fitted
from .design import Design
from .errors import CompareError
from .events import find_events
from .fitting.bounds import stage_bound, stage_number
from .fitting.constants import fit_constants
from .papers.zhang2025.designs import design_names, get_design
from .papers.zhang2025.ledger import all_claims
from .papers.zhang2025.plans import claims_plan, regime_plan
from .thresholds import SLACK_C, SLACK_K
from .verdict import AtOneOverD, Scope, Status, Verdict
from .verify import Part, Plan, Verification, verify

__all__ = [
    "SLACK_C",
    "SLACK_K",
    "AtOneOverD",
    "Cell",
    "CellResult",
    "Check",
    "Claim",
    "CompareError",
    "Constants",
    "Design",
    "Fitted",
    "Part",
    "Plan",
    "Role",
    "Scope",
    "Status",
    "Study",
    "Verdict",
    "Verification",
    "all_claims",
    "analyse",
    "claims_plan",
    "design_names",
    "find_events",
    "fit_constants",
    "get_design",
    "regime_plan",
    "stage_bound",
    "stage_number",
    "strength",
    "theory_values",
    "verify",
]
