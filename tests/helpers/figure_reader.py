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
    return [
        (node, text)
        for text in sheet(fig).texts
        for node in nodes(fig)
        if np.hypot(*np.subtract(text.get_position(), node.center)) < node.radius
    ]


def boxes(fig, texts):
    """Return the (left, bottom, right, top) of each text as shown at 200 dpi, in inches."""
    before = fig.dpi
    fig.set_dpi(200)
    renderer = FigureCanvasAgg(fig).get_renderer()
    extents = [text.get_window_extent(renderer).extents / fig.dpi for text in texts]
    fig.set_dpi(before)
    return extents


def overlapping(fig):
    """Return the pairs of texts whose boxes overlap, or stand closer than half a letter."""
    texts = sheet(fig).texts
    sizes = [text.get_fontsize() / 72 for text in texts]
    pairs = zip(boxes(fig, texts), sizes, strict=True)
    extents = [box + np.array([-0.15, 0, 0.15, 0]) * size for box, size in pairs]
    return [
        (texts[i].get_text(), texts[j].get_text())
        for i in range(len(texts))
        for j in range(i)
        if _overlap(extents[i], extents[j])
    ]


def outside_canvas(fig):
    """Return the texts and circles that leave the canvas."""
    size = fig.get_size_inches()
    texts = sheet(fig).texts
    pairs = [(text.get_text(), box) for text, box in zip(texts, boxes(fig, texts), strict=True)]
    pairs += [(node.center, _circle_box(node)) for node in nodes(fig)]
    return [name for name, box in pairs if min(box) < 0 or any(box[2:] > size)]


def on_nodes(fig):
    """Return the texts that do not belong to a node but touch its box."""
    inner = [text for _, text in node_texts(fig)]
    outer = [text for text in sheet(fig).texts if text not in inner]
    return [
        text.get_text()
        for text, box in zip(outer, boxes(fig, outer), strict=True)
        if any(_overlap(box, _circle_box(node)) for node in nodes(fig))
    ]


def spilling(fig):
    """Return the node labels whose ink leaves their circle."""
    return [text.get_text() for node, text in node_texts(fig) if _reach(node, text) > node.radius]


def contrast(*colours):
    """Return the contrast of two colours, their parts from 0 to 1, as WCAG 2 defines it."""
    s = np.array(colours)
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    return light / dark


def _reach(node, text):
    """Return how far a label's ink is from its circle's centre, in inches."""
    ink = TextPath((0, 0), text.get_text(), prop=text.get_fontproperties())
    points = ink.vertices / 72
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    x, y = text.get_position()
    return np.hypot(
        points[:, 0] - middle + x - node.center[0], points[:, 1] + y - node.center[1]
    ).max()


def _circle_box(node):
    centre = np.array(node.center)
    return np.r_[centre - node.radius, centre + node.radius]


def _overlap(one, other):
    return all(np.maximum(one[:2], other[:2]) < np.minimum(one[2:], other[2:]))
