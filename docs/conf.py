"""How Sphinx makes the site of these pages: ``make docs``."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

project = "atomstates"
author = "The atomstates developers"
project_copyright = "the atomstates developers, MIT licence"
release = installed_version("atomstates")

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

extensions = [
    "reference_tables",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # the same from this site itself: formulas need no network
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = "atomstates"
exclude_patterns = ["results"]
# products.md begins with a heading of its own where ARCHITECTURE.md has its second level
suppress_warnings = ["myst.header"]


def without_substitutions(app, what, name, obj, options, lines):
    """Bars in formulas of docstrings, |r|, are no reStructuredText substitutions."""
    lines[:] = [line.replace("|", r"\|") for line in lines]


def setup(app):
    """Sphinx' entry point."""
    app.connect("autodoc-process-docstring", without_substitutions, priority=900)
