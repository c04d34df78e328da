"""Ways of deciding claims, their docstrings the printed rules, and what they measure."""
