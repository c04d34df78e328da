"""Figures of a verification, one module each."""
