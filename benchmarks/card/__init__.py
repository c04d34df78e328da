"""What `benchmarks/gpu.py` measures on one card: its limits, agreement, steps and whole jobs."""
