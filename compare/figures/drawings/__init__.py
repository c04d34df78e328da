"""Figures of a study, one module each, found in this folder.

A module offers ``DRAWING`` and measures the rows of `PanelRows`. Adding a figure is adding a file.
"""
