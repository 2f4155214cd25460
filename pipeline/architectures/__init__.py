"""The networks, one a file, and the one list of them.

Importing this package imports no Keras; building a network does.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import TrainingError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Architecture:
    """A network that can be built at any input size.

    Attributes
    ----------
    name : as in ``TrainingConfig.architecture``; also the file that defines it.
    title : for people.
    channels : 1 for grey input, 3 where the notebooks fed RGB.
    origin : ``notebook`` (2021, kept exactly as recorded) or ``project``.
    summary : what it is, in a sentence.
    options : fields of ``TrainingConfig`` that its ``build`` takes besides the size.
    """

    name: str
    title: str
    channels: int
    origin: str
    summary: str
    options: tuple[str, ...] = ()

    def build(self, size_px: int, **options) -> keras.Model:
        """Return the network: (N, size_px, size_px, channels) in 0..255 to scores (N, 2)."""
        return importlib.import_module(f"{__name__}.{self.name}").build(size_px, **options)


_VARIATION = ("standardise", "dropout")


ARCHITECTURES = {
    architecture.name: architecture
    for architecture in (
        Architecture(
            "compact",
            "Compact ResNet",
            1,
            "project",
            "Residual network on grey images, standardised by their own centre, averaged globally.",
            ("width",),
        ),
        Architecture(
            "efficientnet_lite0",
            "EfficientNet-Lite0",
            1,
            "project",
            "Inverted bottlenecks of depthwise convolutions, with weights learnt on ImageNet.",
            ("frozen_stages",),
        ),
        Architecture(
            "dense_baseline",
            "Dense baseline",
            3,
            "notebook",
            "One hidden layer of 24 units on raw pixels.",
            _VARIATION,
        ),
        Architecture(
            "basic_conv2d",
            "BasicConv2D",
            3,
            "notebook",
            "One convolution, one pooling and a dense layer of 16 million weights.",
            _VARIATION,
        ),
        Architecture(
            "alexnet",
            "AlexNet (reduced)",
            3,
            "notebook",
            "Five convolutions with batch normalisation, three dense layers with dropout.",
            _VARIATION,
        ),
        Architecture(
            "simple_resnet",
            "SimpleResNet",
            3,
            "notebook",
            "Two convolutions and one skip connection, flattened into the output.",
            _VARIATION,
        ),
        Architecture(
            "resnet_2_5_2",
            "ResNet 2-5-2",
            3,
            "notebook",
            "Nine residual blocks in three stages of 8, 16 and 32 filters.",
            _VARIATION,
        ),
    )
}


def architecture(name: str) -> Architecture:
    """Return one architecture by its name.

    Raises
    ------
    TrainingError : naming those that exist.
    """
    if name not in ARCHITECTURES:
        raise TrainingError(
            f"There is no architecture called {name!r}.",
            f"Choose one of {', '.join(ARCHITECTURES)}.",
        )
    return ARCHITECTURES[name]
