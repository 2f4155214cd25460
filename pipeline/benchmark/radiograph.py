"""A picture drawn like a frontal chest X-ray, which the gate accepts; nobody's chest."""

from __future__ import annotations

import numpy as np


def radiograph(height: int = 600, width: int = 800, seed: int = 0) -> np.ndarray:
    """Return a (height, width) uint8 picture; `seed` draws its noise."""
    rows, columns = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    aside = np.abs(columns - 0.5)

    def inside(distance, softness):
        return 1 / (1 + np.exp(-np.clip(distance / softness, -30, 30)))

    shoulders = inside(0.33 - aside, 0.016) * inside(rows - 0.28 * (aside - 0.05), 0.016)
    neck = inside(0.1 - aside, 0.016) * inside(0.07 - rows, 0.03)
    trunk = np.clip(shoulders + neck, 0, 1)
    down = np.clip((rows - 0.08) / 0.75, 0, 1)  # from the apex of the lungs to their base
    outer = 0.16 + 0.13 * np.sqrt(down)
    inner = 0.07 + 0.08 * down + np.where(columns > 0.5, 0.055 * down**2, 0)  # the heart's side
    diaphragm = 0.83 + 0.06 * (1 - np.cos(np.clip((aside - 0.12) / 0.2, -1.2, 1.2) * np.pi / 2))
    lungs = inside(outer - aside, 0.015) * inside(aside - inner, 0.015)
    lungs *= inside(rows - 0.08, 0.02) * inside(diaphragm - rows, 0.012)
    ribs = np.sin(2 * np.pi * (9.8 * rows + 0.7 * (aside - 0.2)))
    spine = inside(0.05 - aside, 0.01) * trunk
    image = 20 + 118 * trunk - lungs * (75 - 14 * ribs) + 28 * spine
    image += np.random.default_rng(seed).normal(0, 2, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)
