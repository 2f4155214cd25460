"""How the notebooks' networks may differ from what was recorded: scaled pixels, more dropout.

By default nothing is added, and the network is exactly the recorded one.
"""

from keras import layers


def scaled(image, rescale: bool):
    """Return `image` in 0..1 if `rescale`, else as it is, in 0..255."""
    return layers.Rescaling(1 / 255)(image) if rescale else image


def dropped(x, rate: float):
    """Return `x` behind a dropout of `rate`, or as it is for 0."""
    return layers.Dropout(rate)(x) if rate else x
