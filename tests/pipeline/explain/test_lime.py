"""LIME on classifiers whose answer is known."""

import numpy as np
import pytest

from pipeline.config import NORMAL, PNEUMONIA
from pipeline.errors import Cancelled
from pipeline.explain import EXPLAINERS
from pipeline.explain.lime import explain
from pipeline.explain.segments import segment

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
    assert found.weights[superpixel] > 0.3
    assert np.abs(np.delete(found.weights, superpixel)).max() < 0.02
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


def test_weights_are_those_that_lime_itself_fits(image, capfd):
    from lime.lime_image import LimeImageExplainer

    stock = LimeImageExplainer(random_state=7).explain_instance(
        image,
        lambda images: curved(images[..., 0]),
        labels=(PNEUMONIA,),
        top_labels=None,
        num_samples=150,
        segmentation_fn=lambda _: SQUARES,
        random_seed=0,  # else LIME spends a draw of its own on it
    )
    expected = [weight for _, weight in sorted(stock.local_exp[PNEUMONIA])]
    ours = explain(curved, image, segments=SQUARES, samples=150, seed=7)
    np.testing.assert_allclose(ours.weights, expected, rtol=1e-7)
    assert ours.fidelity_r2 == pytest.approx(stock.score, rel=1e-7)
    assert ours.intercept == pytest.approx(stock.intercept[PNEUMONIA], rel=1e-7)


def test_nothing_is_printed(image, capfd):
    explain(curved, image, segments=SQUARES, samples=20)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("method", ["slic", "quickshift"])
def test_the_same_seed_gives_the_same_weights_and_another_seed_other_ones(method, image):
    first, again, other = (
        explain(curved, image, segments=method, samples=60, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.weights, again.weights)
    np.testing.assert_array_equal(first.segments, other.segments)
    assert not np.array_equal(first.weights, other.weights)


def test_the_size_of_the_batches_changes_nothing(image):
    weights = [
        explain(curved, image, segments=SQUARES, samples=50, batch=batch).weights
        for batch in (1, 7, 64)
    ]
    np.testing.assert_array_equal(weights[0], weights[1])
    np.testing.assert_array_equal(weights[0], weights[2])


def test_the_shared_random_state_is_left_alone(image):
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    explain(curved, image, segments=SQUARES, samples=20)
    assert np.random.random() == expected


def test_progress_rises_to_one_and_a_stop_is_heard_before_the_next_batch(image):
    shares = []
    explain(curved, image, segments=SQUARES, samples=50, batch=20, progress=shares.append)
    assert shares == [0.4, 0.8, 1.0]

    shares.clear()
    with pytest.raises(Cancelled):
        explain(
            curved,
            image,
            segments=SQUARES,
            samples=50,
            batch=20,
            progress=shares.append,
            should_stop=lambda: len(shares) == 1,
        )
    assert shares == [0.4]


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


@pytest.mark.parametrize("method", EXPLAINERS)
def test_every_explainer_finds_the_block_that_decides(method, image):
    found = EXPLAINERS[method](watching(image, 10), image, segments=SQUARES, samples=200)
    assert found.method == method
    assert np.unravel_index(found.heat.argmax(), found.heat.shape)[0] in range(20, 30)
    assert set(SQUARES[found.heat == found.heat.max()]) == {10}


@pytest.mark.parametrize("method", ["slic", "quickshift"])
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
