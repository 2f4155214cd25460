"""Dense baseline of the 2021 notebooks, kept as recorded. It never learned there."""

import keras
from keras import layers

from pipeline.architectures.variation import dropped, standardised


def build(size_px: int, standardise: bool = False, dropout: float = 0.0) -> keras.Model:
    """Return (N, size_px, size_px, 3) in 0..255 to two sigmoids (N, 2)."""
    image = keras.Input((size_px, size_px, 3), name="image")
    x = layers.Flatten()(standardised(image, standardise))
    x = layers.Dense(24, activation="relu")(x)
    x = layers.Dense(2, activation="sigmoid")(dropped(x, dropout))
    return keras.Model(image, x, name="dense_baseline")
