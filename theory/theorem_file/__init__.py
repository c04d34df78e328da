"""Theorems in TOML or Python files: schema, formulas, and how they become a `Theorem`."""
