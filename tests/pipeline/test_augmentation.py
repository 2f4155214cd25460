import numpy as np
import pytest

from pipeline.augmentation import _bend, augment


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (24, 48, 40), dtype=np.uint8)


def test_gives_as_many_pictures_of_the_same_size_in_the_same_range(images):
    changed = augment(images, np.random.default_rng(1))
    assert changed.shape == images.shape
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 255


def test_every_picture_is_changed_and_the_input_is_not(images):
    before = images.copy()
    changed = augment(images, np.random.default_rng(1))
    np.testing.assert_array_equal(images, before)
    assert all(not np.array_equal(a, b) for a, b in zip(changed, images, strict=True))


def test_the_generator_is_the_only_source_of_chance(images):
    first, again, other = (augment(images, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def side_of_the_mark(flip: bool) -> np.ndarray:
    """Return for 200 augmented pictures whether their bright left half is still on the left."""
    image = np.zeros((200, 32, 32), np.uint8)
    image[:, :, :10] = 200
    changed = augment(image, np.random.default_rng(0), flip)
    return changed[:, 8:24, :16].mean(axis=(1, 2)) > changed[:, 8:24, 16:].mean(axis=(1, 2))


def test_left_stays_left_unless_mirroring_is_asked_for():
    # A close crop can move the mark out of sight altogether; it never lies on the right.
    assert side_of_the_mark(flip=False).mean() > 0.95
    assert 0.35 < side_of_the_mark(flip=True).mean() < 0.65


def test_the_middle_of_the_picture_stays_in_sight():
    image = np.zeros((100, 64, 64), np.uint8)
    image[:, 28:36, 28:36] = 255
    changed = augment(image, np.random.default_rng(0))
    brightest = changed.reshape(100, -1).max(axis=1)
    assert np.mean(brightest > 150) > 0.95


def test_tone_curves_bend_greys_upwards_and_keep_black_and_white():
    ramp = np.tile(np.linspace(0, 255, 256, dtype=np.float32), (40, 4, 1))
    bent = _bend(ramp.copy(), np.random.default_rng(0))
    changed = np.abs(bent - ramp).max(axis=(1, 2)) > 1
    assert 8 < changed.sum() < 32  # about half of 40
    assert np.all(np.diff(bent, axis=2) >= 0)
    np.testing.assert_allclose(bent[:, :, 0], 0, atol=1e-3)
    np.testing.assert_allclose(bent[:, :, -1], 255, atol=1e-3)


def test_tone_curves_are_off_unless_asked_for(images):
    usual, bent = (
        augment(images, np.random.default_rng(1), tone_curves=on) for on in (False, True)
    )
    assert not np.array_equal(usual, bent)
    np.testing.assert_array_equal(usual, augment(images, np.random.default_rng(1)))
