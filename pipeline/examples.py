"""What one training reads: the pictures it learns from and those it is judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.augmentation import augment
from pipeline.config import CLASS_NAMES, TrainingConfig
from pipeline.dataset import (
    Item,
    fingerprint,
    image_hashes,
    index,
    load_images,
    split_by_patient,
)
from pipeline.runs import class_counts

# Patients are found by name, duplicates by pixels; both at this fixed size, so that every
# run of one data set has the same validation patients and the same fingerprint.
_FINGERPRINT_PX = 224

# Columns of what a batch is to be learned by: the target, then the label as it is.
TARGET, LABEL = slice(0, 2), slice(2, 4)

# (N, S, S) float32 in 0..255 -> (N, 2) probabilities by which a network may be taught.
Teach = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Examples:
    """The pictures of one training.

    Attributes
    ----------
    train : (N, S, S) uint8.
    train_labels : (N,) 0 or 1.
    held_out : (split, item) of every picture that is only judged; the split ``validation`` holds
        whole patients taken out of train, the others are folders of the data set.
    held_out_images : (M, S, S) uint8.
    description : goes into ``run.json``: fingerprint and counts.
    """

    train: np.ndarray
    train_labels: np.ndarray
    held_out: list[tuple[str, Item]]
    held_out_images: np.ndarray
    description: dict

    @property
    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        """Images (V, S, S) and labels (V,) of the validation patients."""
        chosen = np.array([split == "validation" for split, _ in self.held_out])
        labels = np.array([item.label for _, item in self.held_out])
        return self.held_out_images[chosen], labels[chosen]


def load_examples(
    config: TrainingConfig, dataset: Path, loading: Callable[[float], None]
) -> Examples:
    """Read ``dataset/train`` and whatever other splits there are, at the size of `config`.

    Raises
    ------
    DatasetError : if there is no train split, or a picture that cannot be read.
    """
    splits = [split for split in ("train", "val", "test") if (dataset / split).is_dir()]
    items = index(dataset, splits if "train" in splits else ("train",))
    twice = config.size_px != _FINGERPRINT_PX
    images = load_images(items, _FINGERPRINT_PX, lambda share: loading(share / (1 + twice)))
    hashes = image_hashes(images)
    train = [i for i, item in enumerate(items) if item.split == "train"]
    chosen = split_by_patient(
        [items[i] for i in train],
        [hashes[i] for i in train],
        config.validation_fraction,
        config.split_seed,
    )
    kept = [i for i, held_out in zip(train, chosen, strict=True) if not held_out]
    judged = [i for i, held_out in zip(train, chosen, strict=True) if held_out]
    others = [i for i, item in enumerate(items) if item.split != "train"]
    if twice:
        # From the files again: resampling twice is not what serving does.
        images = load_images(items, config.size_px, lambda share: loading((1 + share) / 2))
    held_out = [("validation", items[i]) for i in judged]
    held_out += [(items[i].split, items[i]) for i in others]
    labels = np.array([items[i].label for i in kept])
    return Examples(
        images[kept],
        labels,
        held_out,
        images[judged + others],
        {
            "fingerprint": fingerprint(items, hashes),
            "train": {
                **class_counts(labels),
                "patients": len({items[i].patient for i in kept}),
            },
            "validation": {
                **class_counts(np.array([items[i].label for i in judged])),
                "patients": len({items[i].patient for i in judged}),
                "taken_from": "train, whole patients",
            },
        },
    )


def batches(
    config: TrainingConfig,
    data: Examples,
    epoch: int,
    channels: int,
    teach: Teach | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield (images, `TARGET` and `LABEL` columns, sample weights) of one epoch.

    One batch is prepared ahead. Everything random follows from (seed, epoch, position).

    Parameters
    ----------
    teach : gives soft labels for the very images that are learned from, after their changes
        (Beyer et al. 2022, doi:10.1109/CVPR52688.2022.01065: a patient and consistent teacher).
    """
    order = np.random.default_rng([config.seed, epoch]).permutation(len(data.train))
    starts = range(0, len(order), config.batch_size)
    share = np.bincount(data.train_labels, minlength=2) / len(data.train_labels)
    weight_of_class = 0.5 / share if config.class_weights else np.ones(2)

    def prepare(start: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        chosen = order[start : start + config.batch_size]
        images, labels = data.train[chosen], np.eye(len(CLASS_NAMES))[data.train_labels[chosen]]
        generator = np.random.default_rng([config.seed, epoch, start])
        if config.augment:
            images = augment(images, generator, config.flip, config.tone_curves)
        target = labels
        if config.mixup:
            images, target = _mix(images, target, generator, config.mixup)
        weights = target @ weight_of_class
        if teach is not None:
            soft = teach(images.astype(np.float32))
            target = config.distillation * soft + (1 - config.distillation) * target
        return (
            with_channels(images, channels),
            np.concatenate([target, labels], axis=1).astype(np.float32),
            weights.astype(np.float32),
        )

    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(prepare, starts[0])
        for following in starts[1:]:
            ready, ahead = ahead.result(), pool.submit(prepare, following)
            yield ready
        yield ahead.result()


def _mix(
    images: np.ndarray, target: np.ndarray, generator: np.random.Generator, largest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Blend each image, and its target, with another of the batch (mixup, arXiv:1710.09412)."""
    other = generator.permutation(len(images))
    share = generator.uniform(0, largest, len(images)).astype(np.float32)
    of_image, of_target = share[:, None, None], share[:, None]
    return (
        (1 - of_image) * images + of_image * images[other],
        (1 - of_target) * target + of_target * target[other],
    )


def with_channels(images: np.ndarray, channels: int) -> np.ndarray:
    """Return (N, H, W) as float32 (N, H, W, channels), the grey repeated."""
    return np.repeat(images[..., None].astype(np.float32), channels, axis=-1)
