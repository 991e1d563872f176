"""Where the nodes go: plain geometry, in inches, without drawing anything."""

from dataclasses import dataclass

import numpy as np

from .captions import Captions, fit_captions
from .text import POINTS_PER_INCH

# Of the distance between two nodes in a layer: circles just do not touch. Numbers need more room.
_RADIUS_OF_PITCH, _RADIUS_WITH_NUMBERS = 0.46, 0.49
_RADIUS_OF_GAP = 0.28
# Hundreds of nodes overlap into a coloured bar, which is better than circles too small to see.
_RADIUS_OF_HEIGHT = 0.006


@dataclass(frozen=True)
class Layer:
    """The drawn nodes of one layer.

    Attributes
    ----------
    index : ndarray of int, shape (k,)
        Which of the layer's nodes are drawn, counted from 0.
    x : float
        Horizontal position of the layer, in inches.
    y : ndarray of float, shape (k,)
        Heights of the drawn nodes, the first at the top, in inches.
    dots : ndarray of float, shape (3,) or (0,)
        Heights of the three dots that stand for the nodes left out.
    """

    index: np.ndarray
    x: float
    y: np.ndarray
    dots: np.ndarray

    @property
    def centres(self):
        """Positions of the nodes, shape (k, 2), in inches."""
        return np.column_stack([np.full_like(self.y, self.x), self.y])


@dataclass(frozen=True)
class Layout:
    """Everything that the drawing needs to know, in inches and points."""

    counts: list
    layers: list
    radius: float
    outline: float
    captions: Captions
    margin: float
    top: float


def plan(counts, symbols, width, height, max_nodes, legend_height, numbers):
    """Place all nodes and captions of a network on a canvas of `width` by `height` inches.

    Without `symbols` there are no captions; with `numbers` the circles are as large as can be.
    """
    margin = 0.02 * min(width, height)
    captions = fit_captions(counts, symbols, width - 2 * margin, height)
    bottom = margin + captions.below + margin / 2
    top = height - margin - captions.above - legend_height
    places = [_places(count, max_nodes) for count in counts]
    slots = max(slot[-1] + 1 for _, slot in places)
    share = _RADIUS_WITH_NUMBERS if numbers else _RADIUS_OF_PITCH
    radius, pitch = _radius_and_pitch(slots, len(counts), width, height, top - bottom, share)
    xs = _columns(len(counts), width, margin, radius, captions)
    middle = (bottom + top) / 2
    layers = [_layer(x, *place, pitch, middle) for x, place in zip(xs, places, strict=True)]
    outline = POINTS_PER_INCH * min(radius, pitch) / 6
    return Layout(counts, layers, radius, outline, captions, margin, top)


def _places(count, max_nodes):
    """Return which nodes are drawn and the slot of each, leaving one slot for the dots."""
    if max_nodes is None or count <= max_nodes:
        return np.arange(count), np.arange(count)
    first = max_nodes // 2
    last = max_nodes - 1 - first
    index = np.r_[:first, count - last : count]
    slot = np.r_[:first, first + 1 : max_nodes]
    return index, slot


def _radius_and_pitch(slots, columns, width, height, room, share):
    """Return the node radius, a share of the distance between nodes, and the distance."""
    radius = share * room / (slots - 1 + 2 * share)
    radius = max(radius, _RADIUS_OF_HEIGHT * height)
    radius = min(radius, _RADIUS_OF_GAP * width / columns, height / 12)
    pitch = (room - 2 * radius) / (slots - 1) if slots > 1 else room
    return radius, pitch


def _columns(columns, width, margin, radius, captions):
    """Return the horizontal positions of the layers, the outer captions at the margins."""
    if columns == 1:
        return [width / 2]
    left = margin + max(radius, captions.half_width(0))
    right = width - margin - max(radius, captions.half_width(-1))
    return np.linspace(left, right, columns)


def _layer(x, index, slot, pitch, middle):
    slots = slot[-1] + 1
    height = middle + pitch * ((slots - 1) / 2 - np.arange(slots))
    missing = np.setdiff1d(np.arange(slots), slot)
    dots = height[missing] + pitch * np.array([0.25, 0.0, -0.25]) if missing.size else missing
    return Layer(index, float(x), height[slot], dots)
