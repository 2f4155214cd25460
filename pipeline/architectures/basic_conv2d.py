"""BasicConv2D of the 2021 notebooks, kept as recorded: one convolution, 16 million weights."""

import keras
from keras import layers

from pipeline.architectures.variation import dropped, standardised


def build(size_px: int, standardise: bool = False, dropout: float = 0.0) -> keras.Model:
    """Return (N, size_px, size_px, 3) in 0..255 to two sigmoids (N, 2)."""
    image = keras.Input((size_px, size_px, 3), name="image")
    x = layers.Conv2D(32, 3, activation="relu")(standardised(image, standardise))
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(32, activation="relu")(dropped(x, dropout))
    x = layers.Dense(2, activation="sigmoid")(dropped(x, dropout))
    return keras.Model(image, x, name="basic_conv2d")
