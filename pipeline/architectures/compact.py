"""The project's own network: small, quick, grey.

A residual network (He et al. 2016, doi:10.1109/CVPR.2016.90) with batch normalisation, global
average pooling and dropout. Two choices are made for chest X-rays:

* each image is standardised by the mean and spread of its own central half, so that exposure,
  borders and letters at the rim do not set the scale;
* the shortcut of a strided block averages before it subsamples (He et al. 2019,
  doi:10.1109/CVPR.2019.00065, "ResNet-D"), so that no pixel is skipped.
"""

import keras
from keras import layers

from pipeline.architectures.variation import standardised_by

STEM = 16
WIDTHS = (16, 32, 80, 160)
BLOCKS = (1, 2, 2, 1)
DROPOUT = 0.3


def build(size_px: int, width: float = 1.0) -> keras.Model:
    """Return (N, size_px, size_px, 1) in 0..255 to probabilities (N, 2).

    `width` multiplies the number of filters of every layer, to see how small it may be.
    """
    image = keras.Input((size_px, size_px, 1), name="image")
    x = standardised_by(image, layers.Cropping2D(size_px // 4)(image))
    stem, *widths = (max(4, round(width * filters)) for filters in (STEM, *WIDTHS))
    x = _convolution(x, stem, strides=2)
    x = _convolution(x, widths[0], strides=2)
    for stage, (filters, blocks) in enumerate(zip(widths, BLOCKS, strict=True)):
        for block in range(blocks):
            x = _residual_block(x, filters, strides=2 if stage > 0 and block == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(DROPOUT)(x)
    logits = layers.Dense(2, name="logits")(x)
    return keras.Model(image, layers.Softmax(name="probabilities")(logits), name="compact")


def _convolution(x, filters: int, kernel: int = 3, strides: int = 1, relu: bool = True):
    # Batch normalisation brings its own offset, so the convolution needs none.
    x = layers.Conv2D(
        filters,
        kernel,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    x = layers.BatchNormalization(momentum=0.97)(x)
    return layers.ReLU()(x) if relu else x


def _residual_block(x, filters: int, strides: int):
    inner = _convolution(x, filters, strides=strides)
    inner = _convolution(inner, filters, relu=False)
    if strides > 1:
        x = layers.AveragePooling2D(strides, padding="same")(x)
    if x.shape[-1] != filters:
        x = _convolution(x, filters, kernel=1, relu=False)
    return layers.ReLU()(layers.Add()([inner, x]))
