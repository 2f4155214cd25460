"""BasicConv2D of the 2021 notebooks, kept as recorded: one convolution, 16 million weights."""

import keras
from keras import layers


def build(size_px: int) -> keras.Model:
    """Return (N, size_px, size_px, 3) in 0..255 to two sigmoids (N, 2)."""
    return keras.Sequential(
        [
            keras.Input((size_px, size_px, 3), name="image"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(2, activation="sigmoid"),
        ],
        name="basic_conv2d",
    )
