"""The notebooks' deeper network, kept as recorded: 2, 5 and 2 blocks of 8, 16 and 32 filters.

A block is convolution-ReLU-normalisation, convolution, addition, ReLU, normalisation.
"""

import keras
from keras import layers

from pipeline.architectures.variation import dropped, standardised


def build(size_px: int, standardise: bool = False, dropout: float = 0.0) -> keras.Model:
    """Return (N, size_px, size_px, 3) in 0..255 to two sigmoids (N, 2)."""
    image = keras.Input((size_px, size_px, 3), name="image")
    x = layers.BatchNormalization()(standardised(image, standardise))
    x = layers.Conv2D(8, 3, padding="same")(x)
    x = _relu_normalised(x)
    for stage, (filters, blocks) in enumerate(((8, 2), (16, 5), (32, 2))):
        for block in range(blocks):
            x = _block(x, filters, strides=2 if stage > 0 and block == 0 else 1)
    x = layers.AveragePooling2D(4)(x)
    x = dropped(layers.Flatten()(x), dropout)
    return keras.Model(image, layers.Dense(2, activation="sigmoid")(x), name="resnet_2_5_2")


def _relu_normalised(x):
    return layers.BatchNormalization()(layers.ReLU()(x))


def _block(x, filters: int, strides: int):
    inner = layers.Conv2D(filters, 3, strides=strides, padding="same")(x)
    inner = _relu_normalised(inner)
    inner = layers.Conv2D(filters, 3, padding="same")(inner)
    if strides > 1:
        x = layers.Conv2D(filters, 1, strides=strides, padding="same")(x)
    return _relu_normalised(layers.Add()([inner, x]))
