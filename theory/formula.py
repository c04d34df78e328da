"""Every formula of a theorem by name, as reports show it."""

from typing import Protocol

from .assumptions import ASSUMPTION, ASSUMPTIONS
from .errors import NoSuchPartError, label_list
from .lemmas.concentration import CONCENTRATION
from .lemmas.flip_loss import flip_loss_identity
from .lemmas.identities import continuity_identities, label_flip_identity
from .lemmas.label_draw import ENOUGH_LABELS
from .lemmas.laws import LAWS
from .provenance import Provenance
from .theorem import Theorem


class Formula(Protocol):
    """What bounds, stage times, conditions, laws and identities have in common.

    `Bound`, `Boundary`, `StageTime`, `Condition`, `Law` and `Identity` are formulas; `formulas`
    finds them.
    """

    @property
    def provenance(self) -> Provenance:
        """How the formula is known."""

    @property
    def source(self) -> str:
        """Where it is stated."""

    @property
    def seen(self) -> bool:
        """Whether a stored copy of its source was read, if it is from the literature."""

    def latex(self) -> str:
        """The formula as LaTeX."""

    def mathml(self) -> str:
        """The formula as a ``math`` element."""


def formulas(theorem: Theorem) -> dict[str, tuple[Formula, ...]]:
    """Formulas by name: a theorem's, then the formulas that belong to no theorem.

    A bound or a reading goes by its name, a stage time by ``"T1 (paper)"``, the condition by
    ``"condition"``, a law by its quantity, an identity by its name, and an item of
    Assumption 4.1 by ``"Assumption 4.1, item 1"``.

    >>> from bofcheck.theory import benign
    >>> list(formulas(benign))[3:9]
    ['B7', 'B2A', 'B2B', 'B2C', 'B2D', 'T1 (paper)']
    """
    by_name: dict[str, tuple[Formula, ...]] = {}
    for bound in (*theorem.bounds, *(reading.bound for reading in theorem.readings)):
        by_name[bound.name] = (bound,)
    for time in theorem.times:
        by_name[time.name] = (time,)
    for boundary in theorem.boundaries:
        by_name[boundary.name] = (boundary,)
    by_name["condition"] = (theorem.condition,)
    for identity in continuity_identities(theorem):
        by_name[identity.name] = (identity,)
    for law in LAWS.values():
        by_name[law.quantity] = (law,)
    for identity in (label_flip_identity(), flip_loss_identity()):
        by_name[identity.name] = (identity,)
    by_name[CONCENTRATION.name] = (CONCENTRATION,)
    by_name["item 2'"] = (ENOUGH_LABELS,)
    for item in sorted({condition.item for condition in ASSUMPTIONS}):
        by_name[f"{ASSUMPTION}, item {item}"] = tuple(
            condition for condition in ASSUMPTIONS if condition.item == item
        )
    return by_name


def get_formula(theorem: Theorem, name: str) -> tuple[Formula, ...]:
    r"""The formulas of that name; an item of Assumption 4.1 may have two.

    Raises:
        NoSuchPartError: there is no such formula.

    >>> from bofcheck.theory import benign
    >>> print(get_formula(benign, "condition")[0].latex())
    \frac{N \|\mu\|^{2}}{d \sigma_{p}^{2}} \ge C_{0}
    """
    known = formulas(theorem)
    if name not in known:
        raise NoSuchPartError(f"{theorem.name}: no formula {name!r}; there are {label_list(known)}")
    return known[name]
