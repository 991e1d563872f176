"""viznet's brushes, to draw by hand with: `from plotnet.brushes import EdgeBrush, NodeBrush`.

The one module of plotnet that imports viznet, and so SciPy.
"""

import warnings

with warnings.catch_warnings():
    # viznet 0.3.0 has docstrings with escapes that newer Pythons warn about.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from viznet import EdgeBrush, NodeBrush, connecta2a, node_sequence

__all__ = ["EdgeBrush", "NodeBrush", "connecta2a", "node_sequence"]
