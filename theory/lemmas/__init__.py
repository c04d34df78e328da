"""Lemmas behind the theorems: what the paper proves, and what this project derives."""
