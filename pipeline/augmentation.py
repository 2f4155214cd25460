"""Random changes of training images that keep their diagnosis.

Each change stands for a difference between machines or positions that must not decide: zoom
and shift (collimation), rotation (a restless child), gamma, contrast and brightness (exposure
and processing), JPEG, blur and noise (storage), a blanked border (letters and
collimation at the rim differ between the classes of this data set).
"""

from __future__ import annotations

import keras
import numpy as np

from pipeline.images import recompress, resize


def augment(
    images: np.ndarray,
    generator: np.random.Generator,
    flip: bool = False,
    tone_curves: bool = False,
) -> np.ndarray:
    """Change a batch at random.

    Parameters
    ----------
    images : (N, H, W) uint8.
    generator : the only source of chance; the same state gives the same batch.
    flip : also mirror half of the images. Off by default: the heart has a side.
    tone_curves : also bend the grey scale of half of the images by random rising curves, as
        machines and their processing differ in more than gamma and contrast.

    Returns
    -------
    (N, H, W) float32 in [0, 255].
    """
    images = np.stack([_degrade(image, generator) for image in images])
    moved = _move(images.astype(np.float32), generator, flip)
    if tone_curves:
        moved = _bend(moved, generator)
    return _blank_border(_expose(moved, generator), generator)


def _degrade(image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    chance = generator.random()
    if chance < 0.15:
        return recompress(image, int(generator.integers(40, 90)))
    if chance < 0.30:  # down and up again: a blur as a lower resolution makes it
        height, width = image.shape
        factor = generator.uniform(0.5, 0.9)
        return resize(resize(image, round(height * factor), round(width * factor)), height, width)
    return image


def _move(images: np.ndarray, generator: np.random.Generator, flip: bool) -> np.ndarray:
    """Zoom, stretch, shift and rotate about the centre, in one resampling."""
    count, height, width = images.shape
    zoom = generator.uniform(0.65, 1.08, count)  # below 1 looks at a part: a closer crop
    stretch = np.exp(generator.normal(0, 0.05, count))
    angle = np.deg2rad(generator.uniform(-12, 12, count))
    # A close crop may lie anywhere in the picture, a wide one only near the middle.
    reach = 0.5 * np.clip(1 - zoom, 0, 1) + 0.03
    row, column = generator.uniform(-1, 1, (2, count)) * reach * [[height], [width]]
    mirror = np.where(generator.random(count) < (0.5 if flip else 0.0), -1.0, 1.0)

    # Output (x, y) -> input (a0 x + a1 y + a2, b0 x + b1 y + b2), around the middle pixel.
    a0, a1 = mirror * zoom * stretch * np.cos(angle), -zoom * np.sin(angle)
    b0, b1 = mirror * zoom * np.sin(angle), zoom / stretch * np.cos(angle)
    x, y = (width - 1) / 2, (height - 1) / 2
    a2, b2 = x - a0 * x - a1 * y + column, y - b0 * x - b1 * y + row
    nought = np.zeros(count)
    transforms = np.stack([a0, a1, a2, b0, b1, b2, nought, nought], axis=1).astype(np.float32)
    moved = keras.ops.image.affine_transform(
        images[..., None],
        transforms,
        interpolation="bilinear",
        fill_mode="constant",
        fill_value=0.0,
        data_format="channels_last",
    )
    return np.array(keras.ops.convert_to_numpy(moved)[..., 0])


def _bend(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Send half of the images through random rising curves that keep black and white."""
    knots = np.linspace(0, 255, 6)
    for i in np.flatnonzero(generator.random(len(images)) < 0.5):
        steps = generator.dirichlet(np.full(len(knots) - 1, 4.0))
        heights = 255 * np.concatenate([[0.0], np.cumsum(steps)])
        images[i] = np.interp(images[i], knots, heights)
    return images


def _expose(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    count = len(images)

    def each(values):
        return np.asarray(values, np.float32)[:, None, None]

    unit = np.clip(images / 255, 0, 1)
    unit = unit ** each(np.exp(generator.normal(0, 0.3, count)))
    contrast = each(np.exp(generator.normal(0, 0.2, count)))
    middle = unit.mean(axis=(1, 2), keepdims=True)
    unit = (unit - middle) * contrast + middle + each(generator.normal(0, 0.08, count))
    sigma = each(np.maximum(generator.normal(0, 0.02, count), 0))
    unit = unit + sigma * generator.standard_normal(unit.shape, dtype=np.float32)
    return np.clip(unit, 0, 1) * 255


def _blank_border(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Paint a band along each edge of a third of the images in one grey."""
    height, width = images.shape[1:]
    for image in images:
        if generator.random() < 0.33:
            grey = generator.choice([0.0, generator.uniform(0, 255)])
            top, bottom = (generator.uniform(0, 0.10, 2) * height).astype(int)
            left, right = (generator.uniform(0, 0.10, 2) * width).astype(int)
            image[:top], image[height - bottom :] = grey, grey
            image[:, :left], image[:, width - right :] = grey, grey
    return images
