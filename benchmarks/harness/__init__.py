"""Shared parts of benchmarks: cells, contenders found by file, workers, rounds, the machine."""
