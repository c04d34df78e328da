"""Fits, intervals and tests that know nothing of theorems, cells or claims."""
