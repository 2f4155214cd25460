"""A picture as a study keeps it: every grey level, and nothing else of its file."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from pipeline.depth import Depth, Window
from pipeline.images import Picture, decode_png, encode_png
from pipeline.tags import Tags


@dataclass(frozen=True)
class Packed:
    """A picture that takes a fraction of the memory.

    Attributes
    ----------
    png : the 8 bit picture, lossless.
    deep_png : its full depth, lossless; None where the file had no more.
    about : colour, hash of the file, notes, the four tags, spacing and windows; plain values.
    """

    png: bytes
    deep_png: bytes | None
    about: dict

    @property
    def sha256(self) -> str:
        return self.about["sha256"]


def packed(picture: Picture) -> Packed:
    depth = picture.depth
    about = {
        "sha256": picture.sha256,
        "colour": picture.colour,
        "notes": list(picture.notes),
        "tags": asdict(picture.tags) if picture.tags else None,
        "spacing_mm": list(picture.spacing_mm) if picture.spacing_mm else None,
        "windows": [asdict(window) for window in depth.windows] if depth else [],
    }
    return Packed(encode_png(picture.image), encode_png(depth.values) if depth else None, about)


def unpacked(stored: Packed) -> Picture:
    """Return the picture that was packed."""
    about, depth = stored.about, None
    if stored.deep_png is not None:
        windows = tuple(Window(**one) for one in about["windows"])
        depth = Depth(decode_png(stored.deep_png), windows)
    return Picture(
        decode_png(stored.png),
        about["colour"],
        about["sha256"],
        tuple(about["notes"]),
        Tags(**about["tags"]) if about["tags"] else None,
        depth,
        tuple(about["spacing_mm"]) if about["spacing_mm"] else None,
    )
