"""Kernels and machine limits, independent of models."""
