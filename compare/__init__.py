"""Compare bounds with trained transformers: events, constants, claims and verdicts."""
