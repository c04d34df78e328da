"""A theorem as a TOML or Python file: its schema, its formulas, and what they build."""
