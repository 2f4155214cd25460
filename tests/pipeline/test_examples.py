import numpy as np
import pytest

from pipeline.config import training_config
from pipeline.examples import LABEL, TARGET, batches, load_examples


def first_batch(dataset, **changes):
    config = training_config("compact", size_px=32, batch_size=16, **changes)
    data = load_examples(config, dataset, lambda _: None)
    return next(iter(batches(config, data, 1, 1)))


def test_without_blending_the_target_is_the_label(toy_dataset):
    _, columns, _ = first_batch(toy_dataset)
    np.testing.assert_array_equal(columns[:, TARGET], columns[:, LABEL])


def test_mixup_blends_images_and_targets_by_the_same_share(toy_dataset):
    plain, labels, _ = first_batch(toy_dataset, augment=False)
    mixed, columns, _ = first_batch(toy_dataset, augment=False, mixup=0.4)
    target, label = columns[:, TARGET], columns[:, LABEL]
    np.testing.assert_array_equal(label, labels[:, LABEL])
    np.testing.assert_allclose(target.sum(axis=1), 1, atol=1e-6)
    assert np.all((target * label).sum(axis=1) >= 0.6 - 1e-6)
    changed = np.abs(target - label).max(axis=1) > 1e-6
    assert changed.any()
    # Each image is its own plus a share of exactly one other of the batch.
    i = int(np.argmax(np.abs(target - label).max(axis=1)))
    share = np.abs(target - label).max(axis=1)[i]
    other = (mixed[i] - (1 - share) * plain[i]) / share
    assert np.abs(plain - other).max(axis=(1, 2, 3)).min() == pytest.approx(0, abs=0.02)


def test_class_weights_follow_the_blend(toy_dataset):
    _, columns, weights = first_batch(toy_dataset, mixup=0.4)
    # Both classes are equally frequent here, so every weight is 1.
    np.testing.assert_allclose(weights, 1, atol=1e-6)
    assert len(columns) == len(weights)
