"""Where things lie, what the classes are called, and how a run was trained."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

# The order of the classes, fixed once: index 0 and 1 of every probability row.
CLASS_NAMES = ("NORMAL", "PNEUMONIA")
NORMAL, PNEUMONIA = 0, 1

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Paths:
    """Folders of this installation.

    Attributes
    ----------
    artifacts : holds ``runs/<run>/``; see `pipeline.mirror` where they lie elsewhere.
    dataset : the data set in the Kaggle layout ``{train,val,test}/{NORMAL,PNEUMONIA}/``.
    samples : sixteen full-resolution X-rays in ``{NORMAL,PNEUMONIA}/``, for trying the pages.
    """

    artifacts: Path
    dataset: Path
    samples: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Paths:
        """Read ``XRAY_ARTIFACTS``, ``XRAY_DATASET`` and ``XRAY_SAMPLES``.

        The defaults lie inside the repository. Read at every call, so that a test or a notebook
        may change them. ``XRAY_ARTIFACTS`` may be an address, such as ``s3://bucket/artifacts``;
        the folder is then one of copies.

        Raises
        ------
        RunError : if artifacts lie elsewhere, cannot be reached, and were never fetched.
        """
        environment = os.environ if environment is None else environment
        artifacts = environment.get("XRAY_ARTIFACTS") or REPOSITORY / "artifacts"
        if "://" in str(artifacts):
            from pipeline import mirror  # here: nobody else needs to wait for it

            artifacts = mirror.folder(artifacts, cache_folder(environment))
        return cls(
            artifacts=Path(artifacts),
            dataset=Path(environment.get("XRAY_DATASET") or REPOSITORY / "chest_xray"),
            samples=Path(environment.get("XRAY_SAMPLES") or REPOSITORY / "chest_xray" / "samples"),
        )

    @property
    def runs(self) -> Path:
        return self.artifacts / "runs"


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return ``XRAY_CACHE``, or the folder that the user's other programs cache in."""
    environment = os.environ if environment is None else environment
    return Path(environment.get("XRAY_CACHE") or Path.home() / ".cache" / "xray")


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides how a run is trained. Stored in ``run.json``.

    Attributes
    ----------
    architecture : a name in ``pipeline.architectures.ARCHITECTURES``.
    recipe : a name in `RECIPES`; the set of defaults this configuration began from.
    seed : decides initial weights, order, augmentation and dropout.
    size_px : the network's input is (size_px, size_px).
    epochs, batch_size : counts.
    optimizer : ``adamw``, ``adam`` or ``sgd``.
    learning_rate : the highest rate of the schedule.
    schedule : ``cosine`` (after `warmup_epochs` of linear rise) or ``constant``.
    weight_decay : decoupled decay of AdamW.
    loss : ``categorical_crossentropy``, or ``binary_crossentropy`` per output column.
    label_smoothing : share of the target mass spread over both classes.
    class_weights : weigh each class by the inverse of its share of the training images.
    augment : change the training images at random (`pipeline.augmentation`).
    flip : also mirror left and right. Off by default: the heart has a side.
    tone_curves : also bend the grey scale of the training images by random rising curves.
    mixup : largest share of a second image that is blended in, with its label; 0 for none.
    width : multiplies the filters of the compact network.
    standardise : a notebook network sees each picture with mean 0 and spread 1 instead of the raw
        0 to 255 of 2021. Nothing less keeps its dense layers alive: pixels that are all positive
        push every weight of a unit the same way.
    dropout : in front of the dense layers of a notebook network, never on its pixels.
    pretrained : start from ImageNet weights, where the architecture has them.
    frozen_stages : how many of its first stages then stay as they are.
    teachers : finished runs whose averaged log odds on the very same (changed) images are the
        soft labels, see `distillation`.
    distillation : share of the soft label in the target; the rest is the label itself.
    half_precision : keep only ``model.onnx``, its weights as 16 bit numbers.
    ema_momentum : exponential moving average of the weights, 0 for none.
    monitor : the validation figure that picks the best epoch and stops early: ``val_auc``, or
        ``val_loss``, which also moves with the calibration that is fitted only afterwards.
    patience : epochs without a better `monitor` before training stops.
    validation_fraction : share of the training *patients* held out.
    split_seed : decides which patients; the same for every run, so that runs can be compared.
    """

    architecture: str
    recipe: str = "modern"
    seed: int = 0
    size_px: int = 192
    epochs: int = 14
    batch_size: int = 32
    optimizer: str = "adamw"
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    warmup_epochs: float = 1.0
    weight_decay: float = 0.02
    loss: str = "categorical_crossentropy"
    label_smoothing: float = 0.05
    class_weights: bool = True
    augment: bool = True
    flip: bool = False
    tone_curves: bool = False
    mixup: float = 0.0
    width: float = 1.0
    standardise: bool = False
    dropout: float = 0.0
    pretrained: bool = False
    frozen_stages: int = 0
    teachers: tuple[str, ...] = ()
    distillation: float = 0.7
    half_precision: bool = False
    ema_momentum: float = 0.99
    monitor: str = "val_auc"
    patience: int = 5
    validation_fraction: float = 0.15
    split_seed: int = 2018

    def __post_init__(self):
        object.__setattr__(self, "teachers", tuple(self.teachers))  # JSON knows only lists
        choices = {
            "recipe": RECIPES,
            "optimizer": ("adamw", "adam", "sgd"),
            "schedule": ("cosine", "constant"),
            "loss": ("categorical_crossentropy", "binary_crossentropy"),
            "monitor": ("val_loss", "val_auc"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"Expected {name} to be one of {', '.join(allowed)}. "
                    f"Received: {getattr(self, name)!r}"
                )
        for name in ("size_px", "epochs", "batch_size", "learning_rate", "patience", "width"):
            if not getattr(self, name) > 0:
                raise ValueError(f"Expected {name} > 0. Received: {getattr(self, name)!r}")
        if self.frozen_stages > 7:
            raise ValueError(f"Expected frozen_stages up to 7. Received: {self.frozen_stages}")
        for name in _SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"Expected 0 <= {name} < 1. Received: {getattr(self, name)!r}")
        if self.validation_fraction == 0:
            raise ValueError("Expected validation_fraction > 0: every run is judged. Received: 0")
        if self.recipe == "distilled" and not self.teachers:
            raise ValueError("Expected teachers for the recipe distilled. Received: none")
        for name in ("seed", "split_seed", "weight_decay", "warmup_epochs", "frozen_stages"):
            if getattr(self, name) < 0:
                raise ValueError(f"Expected {name} >= 0. Received: {getattr(self, name)!r}")

    def to_json(self) -> dict:
        return asdict(self) | {"teachers": list(self.teachers)}

    @classmethod
    def from_json(cls, stored: Mapping) -> TrainingConfig:
        """Rebuild from ``run.json``; keys of a newer or older version are ignored."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in stored.items() if key in known})


# Fields that are a share of something, below 1.
_SHARES = (
    "label_smoothing",
    "ema_momentum",
    "validation_fraction",
    "mixup",
    "dropout",
    "distillation",
)

# What the notebooks of 2021 did, apart from their validation images: raw pixels, plain SGD,
# no augmentation, no weights, one binary cross-entropy per output column.
_NOTEBOOK = {
    "size_px": 256,
    "epochs": 8,
    "optimizer": "sgd",
    "learning_rate": 1e-5,
    "schedule": "constant",
    "warmup_epochs": 0.0,
    "weight_decay": 0.0,
    "loss": "binary_crossentropy",
    "label_smoothing": 0.0,
    "class_weights": False,
    "augment": False,
    "ema_momentum": 0.0,
    "monitor": "val_loss",
    "patience": 25,
}
# The notebooks' networks under this project's protocol: pixels scaled, AdamW, class weights,
# early stopping; nothing that regularises. At half of the notebooks' 256 pixels a side: there an
# epoch of all five takes twenty minutes on two cores, and the clock would end the trainings.
_PLAIN = {
    "size_px": 128,
    "epochs": 12,
    "learning_rate": 3e-4,
    "weight_decay": 0.0,
    "loss": "binary_crossentropy",
    "label_smoothing": 0.0,
    "augment": False,
    "ema_momentum": 0.0,
    "patience": 4,
    "standardise": True,
    "half_precision": True,
}
# The same with what the notebook study named as its next step.
_REGULARISED = _PLAIN | {
    "weight_decay": 0.05,
    "label_smoothing": 0.05,
    "augment": True,
    "dropout": 0.3,
}
# The soft labels take the place of label smoothing.
_DISTILLED = {"epochs": 18, "label_smoothing": 0.0}
_FINETUNED = {"epochs": 6, "learning_rate": 1e-3, "pretrained": True, "ema_momentum": 0.98}

RECIPES = {
    "modern": {},
    "distilled": _DISTILLED,
    "finetuned": _FINETUNED,
    "plain": _PLAIN,
    "regularised": _REGULARISED,
    "notebook": _NOTEBOOK,
}


def training_config(architecture: str, recipe: str = "modern", **changes) -> TrainingConfig:
    """Return a recipe's defaults for `architecture` with `changes` on top.

    Raises
    ------
    ValueError : for an unknown recipe or field, or a value that does not work.
    """
    unknown = changes.keys() - {field.name for field in fields(TrainingConfig)}
    if unknown:
        raise ValueError(f"Expected settings of TrainingConfig. Received: {sorted(unknown)}")
    settings = {**RECIPES.get(recipe, {}), **changes}
    return TrainingConfig(architecture=architecture, recipe=recipe, **settings)
