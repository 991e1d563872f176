"""Promise: letters of any script are drawn where a font has them, else named in a warning."""

import warnings

import matplotlib
import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.textpath import TextPath

from plotnet import DynamicShow, fonts, plot_net, plot_shapes
from plotnet.text import extent
from tests.helpers import figure_reader as drawing

CHINESE = "输入"


def charmap(family):
    return get_font(findfont(FontProperties(family=family))).get_charmap()


def any_letter(number):
    """Return letters that DejaVu Sans lacks and that some font of matplotlib's has."""
    codes = sorted(set(charmap("STIXGeneral")) - set(charmap("DejaVu Sans")))
    letters = [chr(code) for code in codes if chr(code).isalpha()]
    return "".join(letters[:number])


@pytest.fixture
def no_other_fonts(monkeypatch):
    """A machine with the fonts of matplotlib alone."""
    own = [e for e in fontManager.ttflist if "mpl-data" in e.fname]
    monkeypatch.setattr(fontManager, "ttflist", own)
    monkeypatch.setattr(fonts.font_manager, "findSystemFonts", list)
    for function in (fonts._families, fonts._fallbacks):
        function.cache_clear()
    yield
    for function in (fonts._families, fonts._fallbacks):
        function.cache_clear()


def test_a_letter_of_another_font_is_drawn_and_measured_in_it(no_other_fonts, caplog):
    letters = any_letter(2)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", DeprecationWarning)  # old matplotlib, new pyparsing
        fig = plot_net([3, 2], symbols=[letters, f"{letters} $z$"])
        fig.savefig("/dev/null", format="png")
        fig.savefig("/dev/null", format="svg")
    assert caplog.records == []
    text = next(t for t in drawing.sheet(fig).texts if t.get_text() == letters)
    assert text.get_fontfamily()[0] == "DejaVu Sans"
    own = FontProperties(family=text.get_fontfamily()[1:], size=100)
    drawn = np.ptp(TextPath((0, 0), letters, prop=own).vertices[:, 0]) / 100
    assert extent(letters)[0] == pytest.approx(drawn, rel=0.15)
    # Words and formula of one line stand beside each other.
    measured = {text.get_text(): box for text, box in drawing.boxes(fig)}
    assert measured[f"{letters} "][2] == pytest.approx(measured["$z$"][0], abs=0.1)
    assert {kind: len(names) for kind, names in drawing.untidy(fig).items()} == {"overlap": 1}


def test_which_fonts_are_taken(monkeypatch):
    """The reader's in their order, then the one that has most, then sans before serif, by name."""
    have = {"A": "ab", "B Sans": "ab", "C": "abc", "D": "a", "E": "b", "DejaVu Sans": ""}
    monkeypatch.setattr(fonts, "_families", lambda: sorted(have))
    monkeypatch.setattr(fonts, "_letters", lambda name: {ord(letter) for letter in have[name]})
    for letters, preferred, taken in [
        ("ab", (), ["B Sans"]), ("abc", (), ["C"]), ("ab", ("E", "D"), ["E", "D"]),
        ("ab", ("D", "not here"), ["D", "B Sans"]), ("abcd", (), ["C"]),
    ]:  # fmt: skip
        found, lost = fonts._fallbacks.__wrapped__(frozenset(letters), preferred)
        assert (list(found), lost) == (taken, set(letters) & {"d"})


def test_the_reader_chooses_by_the_usual_setting():
    settings = {"font.family": ["A", "serif"], "font.serif": ["B", "C"]}
    with matplotlib.rc_context(settings), fonts.fonts_of_a_figure():
        assert fonts._figure.get().preferred == ("A", "B", "C")


def draw_by_hand(letters):
    with DynamicShow((3, 2)) as ds:
        ds.ax.text(0, 0, letters)
    return ds.fig


@pytest.mark.parametrize(
    "draw",
    [
        lambda letters: plot_net([2, 1], symbols=[letters, f"{letters} $x_{letters[0]}$"]),
        lambda letters: plot_shapes([(letters, (2, 2)), letters, ("$X$", (letters, 2))]),
        draw_by_hand,
    ],
)
def test_letters_without_a_font_are_named_in_one_warning(draw, no_other_fonts, caplog):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fig = draw(CHINESE)
        fig.savefig("/dev/null", format="png")
    caught = [warning for warning in caught if warning.category is UserWarning]
    assert [warning.filename for warning in caught] == [__file__]
    assert "no font on this machine has 入 输" in str(caught[0].message)
    assert caplog.records == []
    assert not any(set(CHINESE) & set(word) for word in drawing.words(fig))
