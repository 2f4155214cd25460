"""The notebooks' reduced AlexNet (after Krizhevsky et al. 2012), kept as recorded."""

import keras
from keras import layers

from pipeline.architectures.variation import standardised

RECORDED_DROPOUT = 0.3


def build(size_px: int, standardise: bool = False, dropout: float = 0.0) -> keras.Model:
    """Return (N, size_px, size_px, 3) in 0..255 to two sigmoids (N, 2).

    It has dropout as recorded; `dropout` can only raise it.
    """
    image = keras.Input((size_px, size_px, 3), name="image")
    x = standardised(image, standardise)
    # (filters, kernel, padding, pooled afterwards)
    for filters, kernel, padding, pooled in (
        (24, 11, "valid", True),
        (64, 5, "same", True),
        (96, 3, "same", False),
        (96, 3, "valid", False),
        (64, 3, "valid", True),
    ):
        x = layers.Conv2D(filters, kernel, padding=padding, activation="relu")(x)
        x = layers.BatchNormalization()(x)
        if pooled:
            x = layers.MaxPooling2D(3)(x)
    x = layers.Flatten()(x)
    for units in (192, 128, 128):
        x = layers.Dense(units, activation="relu")(x)
        x = layers.Dropout(max(RECORDED_DROPOUT, dropout))(x)
    return keras.Model(image, layers.Dense(2, activation="sigmoid")(x), name="alexnet")
