"""arXiv 2502.12508: its claims, the cells that decide them, and its experiments."""
