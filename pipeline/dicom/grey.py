"""From stored samples to grey levels, as the header asks: modality, window, inversion.

In this order, which matters: the modality's table or line gives values, the windows are told in
values, and MONOCHROME1 turns round what comes out of them.

References
----------
DICOM PS3.3, sections C.11.1 (modality LUT), C.11.2 (VOI LUT), C.7.5.1.1.2 (padding), C.8.11.3
(presentation LUT shape of digital X-ray pictures).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.depth import Depth, Window, looked_up
from pipeline.dicom.elements import Elements, first_item
from pipeline.dicom.layout import Layout
from pipeline.dicom.look import LOOK_TAGS, Ramp, read_looks
from pipeline.dicom.lut import DATA, DESCRIPTOR, read_lut
from pipeline.dicom.samples import Samples
from pipeline.dicom.values import number, shorts, text

PADDING, PADDING_LIMIT = 0x00280120, 0x00280121
INTERCEPT, SLOPE, MODALITY_SEQUENCE = 0x00281052, 0x00281053, 0x00283000
SHAPE = 0x20500020
GREY_TAGS = frozenset(
    (PADDING, PADDING_LIMIT, INTERCEPT, SLOPE, MODALITY_SEQUENCE, SHAPE, *LOOK_TAGS)
)
OWN, WHOLE, MIDDLE = "the file's window", "whole range", "1 to 99 % of the pixels"


@dataclass(frozen=True)
class _Scale:
    """Levels that mean values: value = slope * level + intercept; `top` is the highest level."""

    slope: float
    intercept: float
    top: int

    def values(self) -> np.ndarray:
        """Return the value of every level there can be."""
        return self.slope * np.arange(self.top + 1) + self.intercept

    def flipped(self) -> _Scale:
        """Return the scale of the levels ``top - level``."""
        return _Scale(-self.slope, self.intercept + self.slope * self.top, self.top)

    def window(self, name: str, ramp: Ramp) -> Window | None:
        """Return the window in levels; None if its ends are too near to each other for a float."""
        low, high = sorted((end - self.intercept) / self.slope for end in (ramp.low, ramp.high))
        return Window(name, low, high) if low < high else None


def read_depth(elements: Elements, samples: Samples, layout: Layout, notes: list[str]) -> Depth:
    """Return the grey levels of a picture, larger is brighter, and its windows.

    Sentences on what was done are added to `notes`.

    Raises
    ------
    ImageError : if a lookup table of the header is damaged.
    """
    levels = samples.levels[:, :, 0]
    padded = _padded(elements, levels, samples, layout)
    levels, scale = _modality(elements, levels, samples, layout, notes)
    looks = read_looks(elements, layout.signed and MODALITY_SEQUENCE not in elements)
    if looks and not isinstance(looks[0], Ramp):
        # What is no line cannot be a window: the levels themselves become what it gives.
        table = looks[0](scale.values())
        bits = getattr(looks[0], "bits", 16)
        levels, scale = looked_up(table, levels), _Scale(1, 0, 2**bits - 1)
        looks = [Ramp(0, scale.top)]
        notes.append("Shown through the file's own curve of brightness.")
    # MONOCHROME1 and INVERSE say the same thing and stand in the same files: one inversion.
    shape = text(elements, SHAPE)
    inverted = layout.photometric == "MONOCHROME1" or shape == "INVERSE"
    if inverted != (scale.slope < 0):
        levels, scale = np.uint16(scale.top) - levels, scale.flipped()
    if inverted:
        notes.append("The file stores bright as dark; turned round.")
    counts = _counts(levels, scale.top)
    if padded is not None:
        counts -= _counts(levels[padded], scale.top)
        levels[padded] = 0
        notes.append("What the file calls padding is shown black.")
    ramps = [look for look in looks if isinstance(look, Ramp)]
    return Depth(levels, _windows(ramps, scale, counts, samples.bits, notes))


def _counts(levels: np.ndarray, top: int) -> np.ndarray:
    """Return how often each level from 0 to `top` occurs; in bands to bound the memory."""
    counts = np.zeros(top + 1, np.int64)
    for band in np.array_split(levels.reshape(-1), max(1, levels.size // 2**20)):
        counts += np.bincount(band, minlength=top + 1)
    return counts


def _padded(
    elements: Elements, levels: np.ndarray, samples: Samples, layout: Layout
) -> np.ndarray | None:
    """Return which pixels are padding (H, W) bool, None if none are or nothing else is there."""
    told = [shorts(elements, tag, layout.signed)[:1] for tag in (PADDING, PADDING_LIMIT)]
    ends = [value for one in told for value in one]
    if not told[0]:
        return None
    low, high = (end - samples.lowest for end in (min(ends), max(ends)))
    padded = (levels >= max(low, 0)) & (levels <= high) if high >= 0 else np.zeros(1, bool)
    return padded if padded.any() and not padded.all() else None


def _modality(
    elements: Elements, levels: np.ndarray, samples: Samples, layout: Layout, notes: list[str]
) -> tuple[np.ndarray, _Scale]:
    stored = _Scale(1, samples.lowest, 2**samples.bits - 1)
    if MODALITY_SEQUENCE in elements:
        item = first_item(elements[MODALITY_SEQUENCE], (DESCRIPTOR, DATA))
        if item:
            lut = read_lut(item, layout.signed)
            return looked_up(lut(stored.values()), levels), _Scale(1, 0, 2**lut.bits - 1)
    slope, intercept = number(elements, SLOPE, 1), number(elements, INTERCEPT, 0)
    if not 1e-9 < abs(slope) < 1e9 or abs(intercept) > 1e12:
        notes.append("The file's rescaling makes no sense and is left out.")
        slope, intercept = 1, 0
    return levels, _Scale(slope, slope * samples.lowest + intercept, stored.top)


def _windows(
    ramps: list[Ramp], scale: _Scale, counts: np.ndarray, bits: int, notes: list[str]
) -> tuple[Window, ...]:
    """Return the windows of a picture, that by which it is shown first.

    Parameters
    ----------
    counts : pixels of each level, padding left out.
    """
    share = np.cumsum(counts) / counts.sum()
    lowest, highest = int(np.argmax(share > 0)), int(np.argmax(share >= 1 - 1e-12))
    whole = Window(WHOLE, lowest, max(highest, lowest + 1))
    # The names in the header are free text, which may name anybody; these are not from there.
    told = [scale.window(_name(place), ramp) for place, ramp in enumerate(ramps)]
    asked = [window for window in told if window is not None]
    if asked and not (asked[0].low < highest and asked[0].high > lowest and lowest < highest):
        notes.append("The file's window shows nothing of the picture; its whole range is shown.")
        asked = [whole]
    elif not asked and bits <= 8:
        # As PNG and JPEG are: what was rendered in 8 bits is not to be stretched again.
        asked = [Window("as stored", 0, scale.top)]
    elif not asked:
        notes.append(
            "The file names no window: shown from its darkest to its brightest value "
            f"({highest - lowest + 1} grey levels)."
        )
        asked = [whole]
    dark, bright = int(np.argmax(share >= 0.01)), int(np.argmax(share >= 0.99))
    presets = [whole, Window(MIDDLE, dark, max(bright, dark + 1))]
    found: dict[tuple[float, float], Window] = {}
    for window in (*asked, *presets):
        found.setdefault((window.low, window.high), window)
    return tuple(found.values())


def _name(place: int) -> str:
    return f"window {place + 1} of the file" if place else OWN
