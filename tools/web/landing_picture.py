"""The picture of the story: what each version makes of the same three logits.

The numbers come from the functions that the notebooks define.
"""

from io import BytesIO

import numpy as np

from lesson.taught import log_softmax, naive_softmax, softmax
from plotnet import plot_net
from plotnet.canvas import INK, new_figure

LOGITS = np.array([1000.0, 1000, 100])
# Two panels beside each other on a screen, all below each other on a phone.
SHAPES = {"story.svg": 2, "story-phone.svg": 1}
PANEL = (5.6, 4.5)
FORMULAS = [
    r"$e^{z_j} \,/\, \sum_k e^{z_k}$",
    r"$e^{z_j - \max z} \,/\, \sum_k e^{z_k - \max z}$",
    r"$\log p_j$",
    r"$z_j - \log \sum_k e^{z_k}$, with the shift",
]
TITLES = ["1 · Naive softmax", "2 · Shifted", "3 · Its logarithm", "4 · Fused"]
SAYS = [
    "✗  exp(1000) overflows",
    "✓  the largest exp is 1",
    "✗  the log of a rounded 0",
    "✓  the log is taken on paper",
]


def results():
    """Return what the four versions make of the logits."""
    with np.errstate(all="ignore"):
        p = softmax(LOGITS)
        return [naive_softmax(LOGITS), p, np.log(p), log_softmax(LOGITS)]


def alt(values):
    rows = (
        f"{title[4:]}: {', '.join(f'{value:.4g}' for value in row)}"
        for title, row in zip(TITLES, values, strict=True)
    )
    return f"What four versions make of the logits 1000, 1000, 100. {'. '.join(rows)}."


def figure(columns, values):
    rows = len(values) // columns
    fig, sheet = new_figure((PANEL[0] * columns, PANEL[1] * rows))
    sheet.set_axis_off()
    for i, row in enumerate(values):
        left, bottom = i % columns / columns, 1 - (i // columns + 1) / rows
        place = (left + 0.03 / columns, bottom + 0.15 / rows, 0.94 / columns, 0.62 / rows)
        ax = fig.add_axes(place)
        # Captions would name weights, and softmax has none.
        plot_net([3, 3], values=[LOGITS, row], captions=False, ax=ax)
        # Shaded within its own layer, the same number would differ from panel to panel.
        for circle in ax.patches[len(LOGITS) :]:
            circle.set_facecolor("white")
        centre = left + 0.5 / columns
        for text, height, size, weight in [
            (TITLES[i], 0.92, 22, "bold"),
            (SAYS[i], 0.82, 18, "normal"),
            (FORMULAS[i], 0.08, 19, "normal"),
        ]:
            place = (centre, bottom + height / rows)
            fig.text(*place, text, size=size, weight=weight, ha="center", va="center", color=INK)
    return fig


def png():
    """Return the picture as the README and previews of links show it, bytes."""
    data = BytesIO()
    picture = figure(SHAPES["story.svg"], results())
    picture.savefig(data, format="png", dpi=100, metadata={"Software": None})
    return data.getvalue()


def draw(folder):
    """Write the pictures to `folder`; return the HTML that shows the one that fits."""
    values = results()
    for name, columns in SHAPES.items():
        figure(columns, values).savefig(folder / name, metadata={"Date": None})
    width, height = (int(100 * side) for side in (2 * PANEL[0], 2 * PANEL[1]))
    return (
        '<picture><source media="(max-width: 600px)" srcset="_static/story-phone.svg">'
        f'<img class="story" src="_static/story.svg" width="{width}" height="{height}" '
        f'alt="{alt(values)}"></picture>'
    )
