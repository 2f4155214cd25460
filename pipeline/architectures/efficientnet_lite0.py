"""EfficientNet-Lite0: the network that can begin from ImageNet's weights.

EfficientNet (Tan and Le 2019, arXiv:1905.11946) in its "lite" form (TensorFlow authors 2020,
tensorflow/tpu/models/official/efficientnet/lite): no squeeze-and-excitation, ReLU6 throughout,
stem and head of fixed width. Layers are called so that `pipeline.pretrained` finds them. Strides
pad as TensorFlow's SAME does, more at the end than at the beginning, and the normalisation's
epsilon is 1e-3: the published weights were trained so and are wrong otherwise.
"""

import keras
from keras import layers

from pipeline.architectures.variation import standardised_by

STEM, HEAD = 32, 1280
# (blocks, kernel, strides of the first block, expansion, filters) of each stage
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
BLOCKS = sum(stage[0] for stage in STAGES)
DROPOUT = 0.2
# Share of pictures for which the last block's inner path is left out in training; less in the
# earlier blocks (stochastic depth, Huang et al. 2016, arXiv:1603.09382).
DROPPED_PATHS = 0.2

# What the network was trained on, in its own unit (grey level - 127) / 128: ImageNet's usual mean
# (.485, .456, .406) and spread (.229, .224, .225) of 0..1, averaged over the three colours.
IMAGENET_MEAN = -0.098
IMAGENET_SPREAD = 0.450


def build(size_px: int, frozen_stages: int = 0) -> keras.Model:
    """Return (N, size_px, size_px, 1) in 0..255 to probabilities (N, 2).

    Parameters
    ----------
    frozen_stages : if k > 0, the stem and the first k of the seven stages are not trained, and
        their normalisation keeps its stored mean and spread: for fine-tuning on few cores.

    Raises
    ------
    ValueError : unless 0 <= frozen_stages <= 7.
    """
    if not 0 <= frozen_stages <= len(STAGES):
        raise ValueError(
            f"Expected frozen_stages from 0 to {len(STAGES)}. Received: {frozen_stages!r}"
        )
    image = keras.Input((size_px, size_px, 1), name="image")
    grey = _as_imagenet(image, size_px)
    x = features(layers.Concatenate(name="colours")([grey, grey, grey]), frozen_stages)
    x = layers.GlobalAveragePooling2D(name="pooled")(x)
    x = layers.Dropout(DROPOUT, name="dropout")(x)
    logits = layers.Dense(2, name="logits")(x)
    scores = layers.Softmax(name="probabilities")(logits)
    return keras.Model(image, scores, name="efficientnet_lite0")


def features(x, frozen_stages: int = 0):
    """Return the last feature maps (N, H/32, W/32, 1280) of (N, H, W, 3) in -1..1."""
    x = _convolution(x, "stem", STEM, kernel=3, strides=2, trainable=frozen_stages == 0)
    block = 0
    for stage, (blocks, kernel, strides, expansion, filters) in enumerate(STAGES, start=1):
        for repeat in range(blocks):
            x = _block(
                x,
                f"block{block}",
                kernel=kernel,
                strides=strides if repeat == 0 else 1,
                expanded=x.shape[-1] * expansion,
                filters=filters,
                dropped=DROPPED_PATHS * block / BLOCKS,
                trainable=stage > frozen_stages,
            )
            block += 1
    return _convolution(x, "head", HEAD)


def _as_imagenet(image, size_px: int):
    """Give each picture's central half the mean and spread of a photograph in ImageNet."""
    centre = layers.Cropping2D(size_px // 4, name="centre")(image)
    return standardised_by(image, centre) * IMAGENET_SPREAD + IMAGENET_MEAN


def _block(x, name, kernel, strides, expanded, filters, dropped, trainable):
    """Inverted bottleneck: widen, convolve each channel by itself, narrow, add (if it fits)."""
    inner = x
    if expanded != x.shape[-1]:
        inner = _convolution(inner, f"{name}_expand", expanded, trainable=trainable)
    depthwise = layers.DepthwiseConv2D(
        kernel,
        strides=strides,
        padding="same",
        use_bias=False,
        # Keras would count the channels beside each filter as its inputs: far too small a spread.
        depthwise_initializer=keras.initializers.RandomNormal(stddev=2**0.5 / kernel),
        trainable=trainable,
        name=f"{name}_depthwise",
    )
    inner = _normalised(depthwise(inner), f"{name}_depthwise", trainable)
    inner = _convolution(inner, f"{name}_project", filters, relu=False, trainable=trainable)
    if strides > 1 or x.shape[-1] != filters:
        return inner
    if trainable and dropped:
        # One draw for each picture; what is kept is scaled up, as in the original.
        drop = layers.Dropout(dropped, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")
        inner = drop(inner)
    return layers.Add(name=f"{name}_add")([inner, x])


def _convolution(x, name, filters, kernel=1, strides=1, relu=True, trainable=True):
    x = layers.Conv2D(
        filters,
        kernel,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        trainable=trainable,
        name=name,
    )(x)
    return _normalised(x, name, trainable, relu)


def _normalised(x, name, trainable, relu=True):
    x = layers.BatchNormalization(
        momentum=0.97,  # the original's .99 needs more steps than an epoch here has
        epsilon=1e-3,
        trainable=trainable,
        name=f"{name}_norm",
    )(x)
    return layers.ReLU(max_value=6.0, name=f"{name}_relu")(x) if relu else x
