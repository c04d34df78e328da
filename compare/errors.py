"""What can go wrong in a comparison, as narrow exceptions with one-line messages."""


class CompareError(ValueError):
    """A preset, regime or setting is unknown or does not fit."""
