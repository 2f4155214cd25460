"""LIME on classifiers whose answer is known."""

import numpy as np
import pytest

from pipeline.config import NORMAL, PNEUMONIA
from pipeline.explain.certainty import SETTLED_AT
from pipeline.explain.design import block_length
from pipeline.explain.lime import BUDGET, FLOOR_BLOCKS, STEP, explain
from pipeline.explain.segments import SEGMENTATIONS, segment

SIZE = 40
# Sixteen squares of 10 x 10 pixels, labelled row by row.
SQUARES = np.kron(np.arange(16).reshape(4, 4), np.ones((10, 10))).astype(np.int32)


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (SIZE, SIZE)).astype(np.uint8)


def watching(image, superpixel, sign=1):
    """A classifier that only asks whether one square still shows its own pixels."""
    inside = superpixel == SQUARES

    def predict(images):
        seen = (images[:, inside] == image[inside]).mean(axis=1)
        positive = 0.5 + sign * 0.4 * seen
        return np.stack([1 - positive, positive], axis=1)

    return predict


@pytest.mark.parametrize("superpixel", [0, 6, 15])
def test_most_weight_lies_on_the_square_that_decides_even_the_last_one(image, superpixel):
    found = explain(watching(image, superpixel), image, segments=SQUARES, samples=200)
    assert found.ranked()[0] == superpixel
    assert found.weights[superpixel] == pytest.approx(np.log(0.9 / 0.1), rel=0.05)
    assert np.abs(np.delete(found.weights, superpixel)).max() < 1e-9
    assert found.ranked().tolist() == [superpixel]
    assert found.fidelity_r2 > 0.95
    assert found.probability == pytest.approx(0.9)


def test_what_speaks_against_the_target_is_negative_and_the_other_class_flips_the_sign(image):
    predict = watching(image, 5, sign=-1)
    against = explain(predict, image, segments=SQUARES, samples=100)
    other = explain(predict, image, segments=SQUARES, samples=100, target=NORMAL)
    assert against.weights[5] < -0.2
    np.testing.assert_allclose(other.weights, -against.weights, atol=1e-12)


def test_the_fidelity_is_that_of_the_target_and_not_of_the_other_column(image):
    linear = watching(image, 3)

    def predict(images):
        noise = np.random.default_rng(len(images)).random(len(images))
        return np.stack([noise, linear(images)[:, PNEUMONIA]], axis=1)

    of_target = explain(predict, image, segments=SQUARES, samples=200)
    of_noise = explain(predict, image, segments=SQUARES, samples=200, target=NORMAL)
    assert of_target.fidelity_r2 > 0.95
    assert of_noise.fidelity_r2 < 0.5


def curved(images):
    positive = (images[:, 5:30, 10:35].mean(axis=(1, 2)) / 255) ** 2
    return np.stack([1 - positive, positive], axis=1)


def test_weights_are_those_of_limes_own_regression_on_the_same_masks(image):
    from lime.lime_base import LimeBase

    masks, answers = [], []

    def watched(images):
        shown = (images == image).reshape(len(images), -1)
        masks.extend([[row[SQUARES.ravel() == k].mean() > 0.5 for k in range(16)] for row in shown])
        answers.extend(curved(images))
        return curved(images)

    ours = explain(watched, image, segments=SQUARES, samples=300)
    shown = np.array(masks[1:], float)  # the first is the picture itself
    odds = np.log(np.array(answers[1:]) / np.array(answers[1:])[:, ::-1])
    flat = LimeBase(np.ones_like, random_state=0)
    _, ranked, score, _ = flat.explain_instance_with_data(
        shown, odds, np.zeros(len(shown)), PNEUMONIA, 16, "none"
    )
    expected = np.array([weight for _, weight in sorted(ranked)])
    # LIME's ridge of 1 shrinks every weight alike, on balanced masks.
    shrunk = ours.weights * (len(shown) / 4) / (len(shown) / 4 + 1)
    np.testing.assert_allclose(shrunk, expected, atol=1e-9)
    assert ours.fidelity_r2 == pytest.approx(score, abs=0.005)


def test_nothing_is_printed(image, capfd):
    explain(curved, image, segments=SQUARES, samples=20)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("method", ["slic", "grid"])
def test_the_same_seed_gives_the_same_weights_and_another_seed_other_ones(method, image):
    first, again, other = (
        explain(curved, image, segments=method, samples=60, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.weights, again.weights)
    np.testing.assert_array_equal(first.segments, other.segments)
    assert not np.array_equal(first.weights, other.weights)


def test_the_shared_random_state_is_left_alone(image):
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    explain(curved, image, segments=SQUARES, samples=20)
    assert np.random.random() == expected


def test_it_stops_looking_once_settled_and_says_so(image):
    shares = []
    found = explain(watching(image, 4), image, segments=SQUARES, progress=shares.append)
    assert found.settled
    assert found.stability == 1
    assert found.samples == 1 + FLOOR_BLOCKS * block_length(16) < BUDGET
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_it_gives_up_unsettled_when_the_budget_is_spent(image):
    def noise(images):
        positive = np.random.default_rng(int(images.sum())).uniform(0.3, 0.7, len(images))
        return np.stack([1 - positive, positive], axis=1)

    found = explain(noise, image, segments=SQUARES)
    assert not found.settled
    assert found.samples == 1 + BUDGET
    assert found.stability < SETTLED_AT


def test_early_pictures_come_with_wider_intervals(image):
    early = []
    found = explain(curved, image, segments=SQUARES, samples=1000, partial=early.append)
    assert early[0].samples == 1 + STEP * block_length(16)
    assert len(early) > 3
    assert early[0].margins.max() > 2 * found.margins.max()


def test_intervals_hold_the_weights_of_all_masks_and_signs_hold_over_seeds(image):
    def kinked(images):
        block = images[:, 5:30, 10:35].mean(axis=(1, 2)) / 255
        positive = np.clip(block**3 + 0.3 * (images[:, 20, 20] > 100) * block, 0.01, 0.99)
        return np.stack([1 - positive, positive], axis=1)

    truth = explain(kinked, image, segments=SQUARES, samples=65536).weights
    found = [explain(kinked, image, segments=SQUARES, samples=400, seed=s) for s in range(40)]
    inside = [(np.abs(one.weights - truth) <= one.margins).all() for one in found]
    assert np.mean(inside) > 0.85
    signs = [np.sign(one.weights[one.evidence]) == np.sign(truth[one.evidence]) for one in found]
    assert np.concatenate(signs).mean() > 0.99


@pytest.mark.parametrize(
    "predict",
    [
        lambda images: curved(images)[:, 1:],
        lambda images: curved(images)[:, 1],
        lambda images: curved(images)[:-1],
        lambda images: curved(images) * np.nan,
    ],
    ids=["one column", "no column", "too few rows", "not finite"],
)
def test_a_classifier_without_two_finite_columns_is_refused(predict, image):
    with pytest.raises(ValueError, match="Expected finite probabilities"):
        explain(predict, image, segments=SQUARES, samples=10)


def test_a_picture_with_a_channel_axis_is_refused(image):
    with pytest.raises(ValueError, match="grey image"):
        explain(curved, image[..., None], samples=10)


def test_a_classifier_that_never_changes_gets_no_weights_and_no_fidelity(image):
    found = explain(
        lambda images: np.full((len(images), 2), 0.5), image, segments=SQUARES, samples=50
    )
    assert np.isnan(found.fidelity_r2)
    assert found.to_json()["fidelity_r2"] is None
    np.testing.assert_allclose(found.weights, 0, atol=1e-12)


@pytest.mark.parametrize("method", SEGMENTATIONS)
@pytest.mark.parametrize("kind", ["noise", "flat", "halves"])
def test_superpixels_are_labelled_from_zero_without_gaps(method, kind, image):
    picture = {
        "noise": image,
        "flat": np.full_like(image, 90),
        "halves": np.where(np.arange(SIZE) < 20, 20, 220).astype(np.uint8) + image * 0,
    }[kind]
    labels = segment(picture, method)
    assert labels.dtype == np.int32
    assert labels.shape == picture.shape
    np.testing.assert_array_equal(np.unique(labels), np.arange(labels.max() + 1))
    np.testing.assert_array_equal(labels, segment(picture, method))


def test_slic_superpixels_follow_an_edge_of_a_grey_picture():
    picture = np.full((192, 192), 60, np.uint8)
    picture[:, 75:] = 180  # not a multiple of the grid's spacing
    labels = segment(picture, "slic")
    assert 30 <= labels.max() + 1 <= 60
    straddling = set(labels[:, :70].ravel()) & set(labels[:, 80:].ravel())
    assert not straddling
