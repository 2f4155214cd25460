"""Many drawn chests, and a small model fitted on them."""

import numpy as np
import pytest

from pipeline.gate.fitting import fit
from pipeline.images import resize


@pytest.fixture(scope="session")
def chests(radiograph) -> np.ndarray:
    """(150, 96, 96) uint8: the drawn chest, shifted, stretched, brightened and noisy at random."""
    dice = np.random.default_rng(0)
    drawn = []
    for _ in range(150):
        top, left = dice.integers(0, 30), dice.integers(0, 40)
        bottom, right = dice.integers(570, 601), dice.integers(760, 801)
        small = resize(np.ascontiguousarray(radiograph[top:bottom, left:right]), 96)
        grey = small * dice.uniform(0.7, 1.2) + dice.normal(0, 6, small.shape)
        drawn.append(np.clip(grey, 0, 255).astype(np.uint8))
    return np.stack(drawn)


@pytest.fixture(scope="session")
def small_model(chests):
    """Fitted on 100 of the chests, of 50 patients; the last 50 are left out."""
    return fit(chests[:100], [f"patient{number // 2}" for number in range(100)])
