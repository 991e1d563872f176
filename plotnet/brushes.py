"""The one place that imports viznet."""

import warnings

with warnings.catch_warnings():
    # viznet 0.3.0 has docstrings with escapes that newer Pythons warn about.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from viznet import NodeBrush
    from viznet.theme import NODE_THEME_DICT

__all__ = ["NODE_THEME_DICT", "NodeBrush"]
