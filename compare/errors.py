"""What can go wrong in a comparison; every message is one line that says how to fix it."""


class CompareError(ValueError):
    """A preset, regime, setting or input is unknown or does not fit."""
