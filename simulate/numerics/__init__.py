"""Kernels and machine limits that know nothing of models."""
