"""Read a drawing back: its nodes, edges and texts, in inches."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle
from matplotlib.textpath import TextPath


def sheet(fig):
    """Return the only axes of a figure."""
    (ax,) = fig.axes
    return ax


def nodes(fig):
    """Return the circles, in drawing order: by layer, from the top."""
    return [patch for patch in sheet(fig).patches if isinstance(patch, Circle)]


def layers(fig):
    """Return the circles of each layer, from left to right."""
    columns = {}
    for node in nodes(fig):
        columns.setdefault(node.center[0], []).append(node)
    return [columns[x] for x in sorted(columns)]


def edges(fig):
    """Return an array of shape (k, 2, 2) for each pair of layers: the lines' ends."""
    return [np.array(lines.get_segments()) for lines in edge_collections(fig)]


def edge_collections(fig):
    """Return the collection of lines of each pair of layers."""
    return [item for item in sheet(fig).collections if isinstance(item, LineCollection)]


def words(fig):
    """Return the strings of all texts."""
    return [text.get_text() for text in sheet(fig).texts]


def node_texts(fig):
    """Return (circle, text) for each text that stands in a circle."""
    circles = nodes(fig)
    centres = np.reshape([node.center for node in circles], (-1, 2))
    radii = [node.radius for node in circles]
    distances = [np.hypot(*(centres - text.get_position()).T) for text in sheet(fig).texts]
    pairs = zip(sheet(fig).texts, distances, strict=True)
    return [(circles[k], text) for text, far in pairs for k in np.flatnonzero(far < radii)]


def boxes(fig):
    """Return (text, its box) as shown at 200 dpi; a box is (left, bottom, right, top) in inches."""
    before = fig.dpi
    fig.set_dpi(200)
    renderer = FigureCanvasAgg(fig).get_renderer()
    texts = sheet(fig).texts
    found = [(text, text.get_window_extent(renderer).extents / fig.dpi) for text in texts]
    fig.set_dpi(before)
    return found


def untidy(fig):
    """Return what is wrong with the places of texts and circles: kind to strings, {} at best."""
    measured = boxes(fig)
    size, labels = fig.get_size_inches(), node_texts(fig)
    circles = [(node.center, _circle_box(node)) for node in nodes(fig)]
    inner = {id(text) for _, text in labels}
    outer = [(text.get_text(), box) for text, box in measured if id(text) not in inner]
    everything = [*((text.get_text(), box) for text, box in measured), *circles]
    found = {
        "overlap": _overlapping(measured),
        "leave the canvas": [n for n, box in everything if min(box) < 0 or any(box[2:] > size)],
        "touch a node": [
            name for name, box in outer if any(_overlap(box, circle) for _, circle in circles)
        ],
        "leave their circle": [text.get_text() for node, text in labels if _spills(node, text)],
    }
    return {kind: names for kind, names in found.items() if names}


def _overlapping(measured):
    """Return the pairs of texts whose boxes overlap, or stand closer than half a letter."""
    texts = [text for text, _ in measured]
    sizes = [text.get_fontsize() / 72 for text in texts]
    extents = np.reshape([box for _, box in measured], (-1, 4))
    extents = extents + np.outer(sizes, [-0.15, 0, 0.15, 0])
    low = np.maximum(extents[:, None, :2], extents[:, :2])
    high = np.minimum(extents[:, None, 2:], extents[:, 2:])
    pairs = np.argwhere(np.tril((low < high).all(axis=2), -1))
    return [(texts[i].get_text(), texts[j].get_text()) for i, j in pairs]


def contrast(*colours):
    """Return the contrast of two colours, their parts from 0 to 1, as WCAG 2 defines it."""
    s = np.array(colours)
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    return light / dark


def _spills(node, text):
    """Return whether a label's ink leaves its circle."""
    ink = TextPath((0, 0), text.get_text(), prop=text.get_fontproperties())
    points = ink.vertices / 72
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    x, y = text.get_position()
    across, up = points[:, 0] - middle + x - node.center[0], points[:, 1] + y - node.center[1]
    return np.hypot(across, up).max() > node.radius


def _circle_box(node):
    centre = np.array(node.center)
    return np.r_[centre - node.radius, centre + node.radius]


def _overlap(one, other):
    return all(np.maximum(one[:2], other[:2]) < np.minimum(one[2:], other[2:]))
