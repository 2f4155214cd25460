"""A picture's grey levels before they are squeezed into 8 bits, and the windows to see them by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BAND_PX = 256


def looked_up(table: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return ``table[levels]`` for levels (H, W) uint16, in bands to bound the memory.

    NumPy turns indices to eight bytes each: 0.3 GB for the largest picture at once.
    """
    found = np.empty((*levels.shape, *table.shape[1:]), table.dtype)
    for top in range(0, len(levels), _BAND_PX):
        found[top : top + _BAND_PX] = table[levels[top : top + _BAND_PX]]
    return found


@dataclass(frozen=True)
class Window:
    """Which values are shown from black to white.

    Attributes
    ----------
    name : such as ``as stored`` or ``LUNG``; shown to readers.
    low, high : values that are shown black and white; everything outside is black or white too.
    """

    name: str
    low: float
    high: float

    def __post_init__(self):
        if not self.low < self.high:
            raise ValueError(f"Expected low < high. Received: {self.low!r}, {self.high!r}")


@dataclass(frozen=True, eq=False)
class Depth:
    """The full grey depth of a picture.

    Attributes
    ----------
    values : (H, W) uint16; a larger value is brighter, whatever the file's convention.
    windows : at least one; the first is how the picture is shown and judged, so that
        ``windowed(windows[0])`` is the 8 bit picture.
    """

    values: np.ndarray
    windows: tuple[Window, ...]

    def __post_init__(self):
        if self.values.ndim != 2 or self.values.dtype != np.uint16:
            raise ValueError(
                f"Expected (H, W) uint16 values. Received: {self.values.shape}, {self.values.dtype}"
            )
        if not self.windows:
            raise ValueError("Expected at least one window. Received: none")

    def windowed(self, window: Window) -> np.ndarray:
        """Return the picture (H, W) uint8 as it looks through `window`."""
        levels = np.arange(int(self.values.max()) + 1, dtype=np.float64)
        shares = (levels - window.low) / (window.high - window.low)
        return looked_up(np.round(255 * np.clip(shares, 0, 1)).astype(np.uint8), self.values)
