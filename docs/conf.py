"""Sphinx settings; every warning is an error in `make docs`."""

import shutil
import sys
from pathlib import Path

from bofcheck import __version__

sys.path.insert(0, str(Path(__file__).parent))
from formula_table import write_formula_table

write_formula_table(Path(__file__).parent / "_generated" / "formulas.md")
# The notebooks of the examples, with the outputs they keep.
for notebook in Path(__file__).parents[1].glob("examples/*/notebook.ipynb"):
    name = f"example-{notebook.parent.name}.ipynb"
    shutil.copyfile(notebook, Path(__file__).parent / "notebooks" / name)

project = "bofcheck"
author = "The bofcheck developers"
release = version = __version__
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "native_math",
    "sphinx_click",
]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
source_suffix = {".md": "myst-nb"}
# Every build runs the pages with code again, in a folder of their own; a failing cell fails the
# build. Notebooks of the examples keep their outputs, which a test compares.
nb_execution_mode = "auto"
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
exclude_patterns = ["_build", "_generated"]
html_math_renderer = "mathml"
html_theme = "furo"
html_title = f"bofcheck {__version__}"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
default_role = "code"
