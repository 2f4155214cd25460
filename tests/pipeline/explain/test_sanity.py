"""A map must be lost with the weights; one that is not is found out."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from skimage.metrics import structural_similarity

from pipeline.config import PNEUMONIA
from pipeline.explain.lime import explain
from pipeline.explain.sanity import Sanity, sanity, shuffled, shuffled_network, similarity
from pipeline.runs import open_run

SIZE = 60
SQUARES = np.kron(np.arange(36).reshape(6, 6), np.ones((10, 10))).astype(np.int32)
IMAGES = np.random.default_rng(0).integers(60, 256, (3, SIZE, SIZE)).astype(np.uint8)


def looks_with(weights: np.ndarray):
    """A network that weighs the mean grey of every square."""

    def predict(images: np.ndarray) -> np.ndarray:
        means = images.reshape(-1, 6, 10, 6, 10).mean(axis=(2, 4)).reshape(-1, 36)
        positive = 1 / (1 + np.exp(-means @ weights / 255))
        return np.stack([1 - positive, positive], axis=1)

    return predict


WEIGHTS = np.random.default_rng(1).normal(0, 1, 36)


def by_lime(predict, image):
    return explain(predict, image, target=PNEUMONIA, segments=SQUARES, fill="black", seed=0)


def test_the_map_is_lost_with_the_weights():
    forgotten = looks_with(np.random.default_rng(2).permutation(WEIGHTS))
    found = sanity(by_lime, looks_with(WEIGHTS), forgotten, IMAGES)
    assert found.passed
    assert max(map(abs, found.correlations)) < 0.6


def test_a_method_that_only_draws_the_picture_is_found_out():
    bright = looks_with(np.full(36, 0.1))

    def draws_the_picture(predict, image):
        return by_lime(bright, image)  # whatever it is asked

    found = sanity(draws_the_picture, looks_with(WEIGHTS), looks_with(WEIGHTS[::-1]), IMAGES)
    assert found.correlations == pytest.approx([1] * 3)
    assert found.ssims == pytest.approx([1] * 3)
    assert not found.passed


def test_either_likeness_fails_the_check():
    assert Sanity((0.1,), (0.1,)).passed
    assert not Sanity((0.9,), (0.1,)).passed
    assert not Sanity((0.1,), (0.9,)).passed


def test_a_network_that_says_the_same_of_everything_keeps_nothing():
    found = sanity(by_lime, looks_with(WEIGHTS), looks_with(np.zeros(36)), IMAGES[:1])
    assert found.correlations == (0.0,)
    assert found.ssims == (0.0,)


def test_the_likeness_is_that_of_scikit_image():
    generator = np.random.default_rng(3)
    a, b = generator.normal(size=(2, 40, 40))
    a, b = (one / np.abs(one).max() for one in (a, b + a))
    expected = structural_similarity(a, b, data_range=2.0)
    assert similarity(3 * a, 5 * b) == pytest.approx(expected)
    assert similarity(a, a) == pytest.approx(1)


def test_maps_of_two_sizes_have_no_likeness():
    with pytest.raises(ValueError, match="one shape"):
        similarity(np.ones((3, 3)), np.ones((4, 4)))


def test_progress_reaches_one_and_no_pictures_are_refused():
    told = []
    sanity(by_lime, looks_with(WEIGHTS), looks_with(WEIGHTS), IMAGES[:2], told.append)
    assert told == [0.5, 1.0]
    with pytest.raises(ValueError, match="at least one picture"):
        sanity(by_lime, looks_with(WEIGHTS), looks_with(WEIGHTS), [])


def initializers(content: bytes) -> dict[str, np.ndarray]:
    graph = onnx.load_from_string(content).graph
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def test_shuffling_keeps_the_values_and_not_their_places(brightness_run):
    content = (brightness_run / "model.onnx").read_bytes()
    model = onnx.load_from_string(content)
    model.graph.initializer.append(numpy_helper.from_array(np.arange(50, dtype=np.float32), "w"))
    before = initializers(model.SerializeToString())
    after = initializers(shuffled_network(model.SerializeToString(), seed=1))
    assert sorted(after["w"]) == sorted(before["w"])
    assert not np.array_equal(after["w"], before["w"])
    # Axes and shapes are no weights.
    assert np.array_equal(after["axes"], before["axes"])
    again = initializers(shuffled_network(model.SerializeToString(), seed=1))
    assert all(np.array_equal(after[name], again[name]) for name in after)


def test_a_shuffled_run_answers_and_its_file_stays(brightness_run):
    before = (brightness_run / "model.onnx").read_bytes()
    run = open_run(brightness_run.parent, "brightness")
    images = np.random.default_rng(0).integers(0, 256, (9, 64, 64)).astype(np.uint8)
    answers = shuffled(run, seed=1)(images)
    assert answers.shape == (9, 2)
    assert np.isfinite(answers).all()
    assert answers.sum(axis=1) == pytest.approx(np.ones(9))
    assert (brightness_run / "model.onnx").read_bytes() == before
