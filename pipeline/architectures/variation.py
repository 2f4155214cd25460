"""Standard pixels for every network, and more dropout for those of the notebooks.

By default nothing is added to these, and the network is exactly the recorded one.
"""

from keras import layers, ops

SMALLEST_SPREAD = 5.0  # of 255 grey levels


def standardised(image, standardise: bool):
    """Return `image` with mean 0 and spread 1 if `standardise`, else as it is, in 0..255."""
    if not standardise:
        return image
    return standardised_by(image, image)


def standardised_by(image, part):
    """Return `image` (N, H, W, C), in 0..255, in units of the mean and spread of its `part`."""
    mean = ops.mean(part, axis=(1, 2, 3), keepdims=True)
    spread = ops.std(part, axis=(1, 2, 3), keepdims=True)
    # The floor keeps a nearly uniform picture from being blown up into noise.
    return (image - mean) / ops.maximum(spread, SMALLEST_SPREAD)


def dropped(x, rate: float):
    """Return `x` behind a dropout of `rate`, or as it is for 0."""
    return layers.Dropout(rate)(x) if rate else x
