"""Save a figure: the same bytes every time, and a whole file or none."""

import hashlib
import io
import os
import re
import secrets
from contextlib import contextmanager
from pathlib import Path

import matplotlib

FILE_TYPES = (".svg", ".png", ".pdf", ".jpg")
_RASTER_DPI, _VECTOR_DPI = 300, 150
_TAG = re.compile(rb"<[a-z][^<>]*>")
_ID = re.compile(rb'(\bid="|href="#|url\(#)([^")]+)')


def check_filename(filename, file_types=FILE_TYPES):
    """Return `filename` as a Path with a suffix (.svg unless given), or None for None.

    Raises
    ------
    ValueError
        If the name is empty or a folder, its type unknown, or its folder missing or read-only.
    """
    if filename is None:
        return None
    accepted = f"accepted: a path ending in {', '.join(file_types)}, or no suffix for .svg"

    def refuse(reason):
        raise ValueError(f"filename {reason}, got {filename!r}; {accepted}")

    name = os.fspath(filename) if isinstance(filename, (str, os.PathLike)) else None
    if not isinstance(name, str):
        refuse("must be a str or a path")
    if not name.strip() or "\0" in name:
        refuse("must be a valid, non-empty name")
    if os.path.isdir(name) or name.endswith(("/", os.sep)):
        refuse("is a folder")
    suffix = os.path.splitext(name)[1]
    path = Path(name if suffix else name + ".svg")
    if path.suffix.lower() not in file_types:
        refuse("has an unknown file type")
    if path.is_dir():
        refuse("is a folder")
    if not path.parent.is_dir():
        refuse("is in a folder that does not exist")
    if not os.access(path.parent, os.W_OK):
        refuse("is in a folder that cannot be written to")
    return path


@contextmanager
def whole_or_none(path):
    """Yield a temporary path that replaces `path` on success and vanishes on any error."""
    # A plain open gives the file the usual permissions; the tempfile module does not.
    temporary = path.with_name(f".plotnet-{secrets.token_hex(6)}{path.suffix.lower()}")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        # A failed write names no file, and the temporary name would mean nothing to the reader.
        if error.filename is None or str(error.filename) == str(temporary):
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def save(fig, path, alt, dpi=None):
    """Write the figure to `path`, without dates, titled with its alt text."""
    suffix = path.suffix.lower()
    # In a vector file, only very dense edges are an image.
    dpi = dpi or (_VECTOR_DPI if suffix in (".svg", ".pdf") else _RASTER_DPI)
    # In memory first: on a full disk, matplotlib's PDF writer hides the reason.
    drawn = io.BytesIO()
    with matplotlib.rc_context(_steady()):
        fig.savefig(drawn, format=suffix[1:], dpi=dpi, **_metadata(suffix, alt))
    data = drawn.getvalue()
    with whole_or_none(path) as temporary:
        temporary.write_bytes(with_own_ids(data) if suffix == ".svg" else data)


def with_own_ids(svg):
    """Return an SVG whose ids end in its hash: in one page, two drawings must not share any."""
    mark = b"-" + hashlib.sha256(svg).hexdigest()[:12].encode()
    return _TAG.sub(lambda tag: _ID.sub(rb"\1\2" + mark, tag[0]), svg)


def _steady():
    """Return the settings that make saving repeatable and keep the exact canvas."""
    return {"savefig.bbox": None, "svg.hashsalt": "plotnet"}


def _metadata(suffix, alt):
    undated = {
        ".svg": {"Title": alt, "Date": None},
        ".pdf": {"Title": alt, "CreationDate": None},
        ".png": {"Title": alt, "Software": None},
    }
    return {"metadata": undated[suffix]} if suffix in undated else {}
