"""SimpleResNet, the network that the 2021 notebooks chose, kept as recorded."""

import keras
from keras import layers

from pipeline.architectures.variation import dropped, standardised


def build(size_px: int, standardise: bool = False, dropout: float = 0.0) -> keras.Model:
    """Return (N, size_px, size_px, 3) in 0..255 to two sigmoids (N, 2)."""
    image = keras.Input((size_px, size_px, 3), name="image")
    x = layers.Conv2D(16, 3, activation="relu")(standardised(image, standardise))
    skip = layers.BatchNormalization()(x)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(skip)
    x = layers.BatchNormalization()(x)
    x = layers.Add()([x, skip])
    x = layers.Activation("relu")(x)
    x = dropped(layers.Flatten()(x), dropout)
    return keras.Model(image, layers.Dense(2, activation="sigmoid")(x), name="simple_resnet")
