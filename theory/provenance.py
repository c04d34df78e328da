"""Where a formula comes from: the tag every encoded formula carries."""

from enum import StrEnum


class Provenance(StrEnum):
    """How far a formula can be trusted to be what the paper says.

    Each member is its own name as a string; :attr:`meaning` is one sentence for readers.

    >>> Provenance.RECONSTRUCTED
    <Provenance.RECONSTRUCTED: 'RECONSTRUCTED'>
    >>> Provenance.SOURCE.meaning
    'Known from a cited paper: seen in a stored copy of it, or recalled from memory.'
    """

    meaning: str

    STATED = "STATED", "The paper's prose fixes the formula."
    RECONSTRUCTED = (
        "RECONSTRUCTED",
        "Rebuilt from the prose, the cited sources and scale symmetry; never the paper's own.",
    )
    SOURCE = (
        "SOURCE",
        "Known from a cited paper: seen in a stored copy of it, or recalled from memory.",
    )
    DERIVED = "DERIVED", "Derived by this project from the model itself."

    def __new__(cls, value: str, meaning: str) -> "Provenance":
        """Attach the sentence to the member; the member's value stays the bare tag."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    def tag(self, seen: bool) -> str:
        """The tag as reports show it; of what is from the literature, whether it was seen there.

        Args:
            seen: whether a stored copy of the source was read.

        Example:
            >>> Provenance.SOURCE.tag(True), Provenance.SOURCE.tag(False)
            ('SOURCE (seen)', 'SOURCE (recalled)')
            >>> Provenance.DERIVED.tag(False)
            'DERIVED'
        """
        if self is not Provenance.SOURCE:
            return self.value
        return f"{self.value} ({'seen' if seen else 'recalled'})"
