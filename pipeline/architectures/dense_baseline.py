"""Dense baseline of the 2021 notebooks, kept as recorded. It never learned there."""

import keras
from keras import layers


def build(size_px: int) -> keras.Model:
    """Return (N, size_px, size_px, 3) in 0..255 to two sigmoids (N, 2)."""
    return keras.Sequential(
        [
            keras.Input((size_px, size_px, 3), name="image"),
            layers.Flatten(),
            layers.Dense(24, activation="relu"),
            layers.Dense(2, activation="sigmoid"),
        ],
        name="dense_baseline",
    )
