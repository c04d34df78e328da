"""Identities that need no training: label flips, the Bayes floor, continuity of the stages.

Sources: arXiv 2502.12508, eq. (2) and Lemma B.3; the algebra is this project's (DERIVED).
"""

from dataclasses import dataclass

from numpy.typing import ArrayLike
from sympy import Expr, Symbol, expand, simplify

from ..evaluation.numbers import Number, evaluate
from ..evaluation.ranges import checked_share
from ..provenance import Provenance
from ..rendering.latex import display, expr_latex
from ..rendering.mathml import expr_mathml, statement_mathml
from ..symbols import bayes_loss, p
from ..theorem import Theorem

q = Symbol("q", nonnegative=True)
"""q = P(yhat f <= 0): the network contradicts the true label."""


@dataclass(frozen=True)
class Identity:
    """Two expressions claimed equal, for SymPy to decide.

    Attributes:
        name: short label.
        left: one side.
        right: the other side.
        provenance: how the identity is known.
        source: where it is stated.
        seen: whether a stored copy of its source was read, if it is from the literature.

    >>> label_flip_identity().holds()
    True
    """

    name: str
    left: Expr
    right: Expr
    provenance: Provenance
    source: str
    seen: bool = False

    def holds(self) -> bool:
        """Whether left - right simplifies to zero for all admissible symbols."""
        return bool(simplify(expand(self.left - self.right)) == 0)

    def latex(self) -> str:
        """The identity as LaTeX."""
        return f"{expr_latex(self.left)} = {expr_latex(self.right)}"

    def mathml(self) -> str:
        """The identity as a MathML ``math`` element."""
        return statement_mathml(expr_mathml(self.left), "=", expr_mathml(self.right))

    def _repr_latex_(self) -> str:
        return display(self.latex())


def label_flip_identity() -> Identity:
    """Eq. (2): the error splits by whether the label was flipped.

    Left: with probability 1 - p the label is true and the network errs with probability q; with
    probability p it is flipped and the network errs where it agrees with the truth. Flips are
    independent of the input, and P(f = 0) = 0.

    >>> label_flip_identity().right
    p + q*(1 - 2*p)
    """
    split = (1 - p) * q + p * (1 - q)
    return Identity(
        "eq. (2)", split, p + (1 - 2 * p) * q, Provenance.STATED, "arXiv 2502.12508, eq. (2)"
    )


def flip_slack() -> Expr:
    """The slack in the bound test_error <= p + q: 2pq, never negative.

    >>> flip_slack()
    2*p*q
    """
    return expand(p + q - label_flip_identity().left)


def test_error_from_failure(flip_prob: ArrayLike, failure: ArrayLike) -> Number:
    """test_error from the failure probability, eq. (2) (STATED).

    Args:
        flip_prob: p in [0, 1/2).
        failure: q = P(yhat f <= 0) in [0, 1]; broadcasts against ``flip_prob``.

    Returns:
        p + (1 - 2p) q, a float or an array.

    Raises:
        InvalidValueError: a probability is outside its range.

    >>> test_error_from_failure(0.125, 0.25)
    0.3125
    """
    checked_share("flip_prob", flip_prob, 0.5)
    checked_share("failure", failure)
    return evaluate(label_flip_identity().right, {"p": flip_prob, "q": failure}, "eq. (2)")


def bayes_floor(flip_prob: ArrayLike) -> Number:
    """H(p), the lowest test_loss of any predictor under label flips (DERIVED).

    Minimising (1 - p) l(z) + p l(-z) over z gives z = log((1 - p)/p) and the entropy of the flip.

    Args:
        flip_prob: p in [0, 1/2).

    Returns:
        H(p) in nats, 0 at p = 0; a float or an array.

    Raises:
        InvalidValueError: p is outside [0, 1/2).

    >>> bayes_floor(0.0), round(bayes_floor(0.1), 6)
    (0.0, 0.325083)
    """
    checked_share("flip_prob", flip_prob, 0.5)
    return evaluate(bayes_loss, {"p": flip_prob}, "H(p)")


def continuity_identities(theorem: Theorem) -> tuple[Identity, ...]:
    """Lemma B.3: neighbouring stages' bounds on one quantity meet where they touch.

    Args:
        theorem: its :attr:`~Theorem.continuity` substitutions are applied first.

    Returns:
        One identity per pair of neighbouring bounds of the same quantity and kind, both taken at
        the time between them; empty if the theorem promises no continuity.

    >>> from ..theorems.benign import THEOREM
    >>> [(identity.name, identity.holds()) for identity in continuity_identities(THEOREM)]
    [('B1 = B2 at T1', True), ('B2 = B3 at T2', True)]
    """
    identities = []
    for before, after in zip(theorem.stages, theorem.stages[1:], strict=False):
        pairs = ((x, y) for x in before.bounds for y in after.bounds_on(x.quantity))
        for x, y in pairs if theorem.continuity else ():
            if x.kind == y.kind:
                left, right = (theorem.continuous(z).subs(t=before.end).expr for z in (x, y))
                name = f"{x.name} = {y.name} at {before.end}"
                identities.append(Identity(name, left, right, Provenance.DERIVED, theorem.source))
    return tuple(identities)
