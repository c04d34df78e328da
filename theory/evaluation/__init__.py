"""Numbers from formulas, in plain and in log space."""
