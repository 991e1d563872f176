"""Sphinx's settings; tools/web/site.py copies this file beside the pages that it writes."""

import os

project = "Softmax and its numerical stability"
author = "The plotnet project"
html_title = project
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinxcontrib.bibtex"]
extensions += ["tools.web.extension"]
nb_execution_mode = "off"
nb_merge_streams = True
# The tables that cells print are tables.
nb_render_markdown_format = "gfm"
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrt"
nitpicky = True
# The types in docstrings are words for people, "sequence of int", and no names to link to.
napoleon_use_param = napoleon_use_rtype = False
default_role = "code"
# The pages are built without a network: names that are not plotnet's have nowhere to lead.
nitpick_ignore_regex = [(r"py:\w+", r"(?!plotnet\b).*")]

# Everything lies beside the pages: they work without a network, and from file://.
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "furo"
html_baseurl = os.environ.get("SITE_ADDRESS", "")
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css", "reading.css"]
html_js_files = ["site.js", "reading.js"]
html_favicon = "static/favicon.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False
# Both styles of accessible-pygments keep a contrast of 7 to 1.
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "navigation_with_keys": True,
    "top_of_page_buttons": [],
    "light_css_variables": {
        "color-brand-primary": "#0b5394",
        "color-brand-content": "#0b5394",
        "color-brand-visited": "#5b2a86",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8ec7ff",
        "color-brand-content": "#8ec7ff",
        "color-brand-visited": "#d3b1ff",
    },
}
