"""arXiv 2502.12508: its claims, the cells that decide them, its experiments, and plans of these."""
