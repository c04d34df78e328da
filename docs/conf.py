"""Sphinx settings; every warning is an error in `make docs`."""

from bofcheck import __version__

project = "bofcheck"
author = "The bofcheck developers"
release = version = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx_click",
]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_generated"]
html_theme = "furo"
html_title = f"bofcheck {__version__}"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
default_role = "code"
