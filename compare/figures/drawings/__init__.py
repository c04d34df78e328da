"""Figures of a study, one module each, found in this folder.

A module defines ``DRAWING`` and measures the rows of `PanelRows`. To add a figure, add a file.
"""
