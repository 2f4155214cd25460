"""The notebooks' reduced AlexNet (after Krizhevsky et al. 2012), kept as recorded."""

import keras
from keras import layers


def build(size_px: int) -> keras.Model:
    """Return (N, size_px, size_px, 3) in 0..255 to two sigmoids (N, 2)."""
    network = keras.Sequential(name="alexnet")
    network.add(keras.Input((size_px, size_px, 3), name="image"))
    # (filters, kernel, padding, pooled afterwards)
    for filters, kernel, padding, pooled in (
        (24, 11, "valid", True),
        (64, 5, "same", True),
        (96, 3, "same", False),
        (96, 3, "valid", False),
        (64, 3, "valid", True),
    ):
        network.add(layers.Conv2D(filters, kernel, padding=padding, activation="relu"))
        network.add(layers.BatchNormalization())
        if pooled:
            network.add(layers.MaxPooling2D(3))
    network.add(layers.Flatten())
    for units in (192, 128, 128):
        network.add(layers.Dense(units, activation="relu"))
        network.add(layers.Dropout(0.3))
    network.add(layers.Dense(2, activation="sigmoid"))
    return network
