"""One battery for every method, on a network whose answer is known."""

import hashlib
import json
from functools import cache

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pipeline.classifier import Classifier
from pipeline.config import NORMAL, PNEUMONIA
from pipeline.errors import Cancelled
from pipeline.explain import EXPLAINERS
from pipeline.explain.feature_maps import FeatureMaps
from pipeline.runs import open_run

SIZE = 40
# Sixteen squares of 10 x 10 pixels, labelled row by row.
SQUARES = np.kron(np.arange(16).reshape(4, 4), np.ones((10, 10))).astype(np.int32)
BLOCK = 6
LAST = 15
TEMPERATURE = 2.0
IMAGE = np.random.default_rng(0).integers(60, 256, (SIZE, SIZE)).astype(np.uint8)
IMAGE.setflags(write=False)
# These look into the network; the others only ask it.
LOOK_INSIDE = {"gradcam", "hirescam"}


def network_of_one_block(block: int, strength: float) -> bytes:
    """A convolutional network whose log odds are strength * (mean grey of the block / 128 - 1).

    A window that keeps only the block, a convolution, ReLU, the mean of all places, a dense layer.
    """
    keep = (block == SQUARES).astype(np.float32)[None, None]
    filters = np.full((1, 1, 5, 5), 1 / 25, np.float32)
    # The block is a sixteenth of the picture, and so of the mean of all places.
    dense = np.array([[0, strength * 16 / 128]], np.float32)
    constants = {
        "keep": keep,
        "filters": filters,
        "dense": dense,
        "offset": np.array([0, -strength], np.float32),
        "axes": np.array([2, 3]),
    }
    nodes = [
        helper.make_node("Transpose", ["image"], ["nchw"], perm=[0, 3, 1, 2]),
        helper.make_node("Mul", ["nchw", "keep"], ["kept"]),
        helper.make_node("Conv", ["kept", "filters"], ["blurred"], strides=[5, 5]),
        helper.make_node("Relu", ["blurred"], ["maps"]),
        helper.make_node("GlobalAveragePool", ["maps"], ["pooled"]),
        helper.make_node("Squeeze", ["pooled", "axes"], ["flat"]),
        helper.make_node("MatMul", ["flat", "dense"], ["weighed"]),
        helper.make_node("Add", ["weighed", "offset"], ["columns"]),
        helper.make_node("Softmax", ["columns"], ["scores"], axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "block",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", SIZE, SIZE, 1])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """What a method asks: ``asked(method, block, strength)``."""

    @cache
    def run(block: int, strength: float):
        folder = tmp_path_factory.mktemp("runs") / "block"
        folder.mkdir()
        content = network_of_one_block(block, strength)
        (folder / "model.onnx").write_bytes(content)
        document = {
            "schema": 1,
            "name": "block",
            "title": "Block",
            "status": "finished",
            "architecture": "compact",
            "parameters": {"total": 1, "trainable": 0},
            "config": {},
            "input": {"size_px": SIZE, "channels": 1},
            "calibration": {"method": "temperature", "temperature": TEMPERATURE},
            "operating_points": {"balanced": {"threshold": 0.5, "rule": "the middle"}},
            "operating_point": "balanced",
            "model_sha256": hashlib.sha256(content).hexdigest(),
        }
        (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
        return open_run(folder.parent, "block")

    def asked(method: str, block: int = BLOCK, strength: float = 4.0):
        if method in LOOK_INSIDE:
            return FeatureMaps(run(block, strength), threads=1)
        return Classifier(run(block, strength), threads=1).probabilities

    return asked


def explained(method, question, image=IMAGE, **options):
    # Black, because this network sees no more of a block than how bright it is.
    given = {"segments": SQUARES, "fill": "black", "samples": 400} | options
    return EXPLAINERS[method](question, image, **given)


@pytest.fixture(params=list(EXPLAINERS))
def method(request):
    return request.param


@pytest.mark.parametrize("block", [0, BLOCK, LAST])
def test_the_block_that_decides_comes_first_even_the_last_one(method, block, asked):
    found = explained(method, asked(method, block))
    assert found.method == method
    assert found.ranked("positive")[0] == block
    assert found.ranked()[0] == block
    assert found.weights[block] > 3 * np.abs(np.delete(found.weights, block)).max()
    assert found.heat[block == SQUARES].mean() > found.heat[block != SQUARES].max() / 2


def test_the_strongest_pixel_of_the_map_lies_in_the_block(method, asked):
    found = explained(method, asked(method))
    assert SQUARES[np.unravel_index(found.heat.argmax(), found.heat.shape)] == BLOCK


def test_what_speaks_against_the_target_is_negative(method, asked):
    found = explained(method, asked(method, strength=-4.0))
    assert found.ranked("negative")[0] == BLOCK
    assert found.weights[BLOCK] < 0
    assert found.weights[BLOCK] == found.weights.min()


def test_the_other_class_has_every_sign_turned_round(method, asked):
    question = asked(method)
    pneumonia = explained(method, question, target=PNEUMONIA)
    normal = explained(method, question, target=NORMAL)
    np.testing.assert_allclose(normal.weights, -pneumonia.weights, atol=1e-9)
    np.testing.assert_allclose(normal.heat, -pneumonia.heat, atol=1e-6)
    assert normal.probability == pytest.approx(1 - pneumonia.probability)


def test_the_probability_is_the_one_the_classifier_gives(method, asked):
    brightness = IMAGE[BLOCK == SQUARES].mean() / 128 - 1
    expected = 1 / (1 + np.exp(-4 * brightness / TEMPERATURE))
    assert explained(method, asked(method)).probability == pytest.approx(expected, abs=1e-5)


def test_the_same_seed_gives_the_same_weights(method, asked):
    question = asked(method)
    first, again = (explained(method, question, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.weights, again.weights)
    np.testing.assert_array_equal(first.margins, again.margins)
    np.testing.assert_array_equal(first.heat, again.heat)
    assert first.seed == 3


def test_nothing_global_is_drawn_and_nothing_is_printed(method, asked, capfd):
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    explained(method, asked(method))
    assert np.random.random() == expected
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("segments", ["slic", "grid"])
@pytest.mark.parametrize("fill", ["mean", "blur"])
def test_everything_is_finite_and_says_how_it_was_made(method, segments, fill, asked):
    found = explained(
        method, asked(method), segments=segments, fill=fill, samples=None, run="a-run", seed=1
    )
    for array in (found.weights, found.margins, found.heat):
        assert np.isfinite(array).all()
    stored = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert (stored["method"], stored["run"], stored["seed"]) == (method, "a-run", 1)
    assert stored["segmentation"] == segments
    assert stored["fill"] in (fill, "")
    assert stored["unit"] in ("probability", "log odds")


def test_a_classifier_that_never_changes_gives_no_evidence(method, asked):
    found = explained(method, asked(method, strength=0.0))
    assert found.probability == pytest.approx(0.5)
    np.testing.assert_allclose(found.weights, 0, atol=1e-9)
    assert found.ranked().size == 0
    assert np.isnan(found.fidelity_r2)


def test_progress_rises_to_exactly_one(method, asked):
    shares = []
    explained(method, asked(method), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] == 1.0
    assert shares.count(1.0) == 1


def test_a_stop_is_heard_before_the_next_batch(method, asked):
    judged, question = [], asked(method)

    def predict(images):
        judged.append(len(images))
        return question(images)

    counted = question if method in LOOK_INSIDE else predict
    with pytest.raises(Cancelled, match="was stopped"):
        explained(method, counted, should_stop=lambda: True)
    assert len(judged) <= 1, "at most the picture itself"
    if method not in LOOK_INSIDE:
        judged.clear()
        with pytest.raises(Cancelled):
            explained(method, counted, should_stop=lambda: len(judged) >= 3)
        assert len(judged) == 3


def test_interim_results_are_explanations_of_the_same_picture(method, asked):
    interim = []
    final = explained(method, asked(method), partial=interim.append)
    for one in interim:
        assert one.method == method
        assert one.samples < final.samples
        assert one.probability == final.probability


def test_fewer_samples_leave_wider_intervals_or_the_same_certainty(method, asked):
    question = asked(method)
    few = explained(method, question, segments="slic", fill="mean", samples=250)
    many = explained(method, question, segments="slic", fill="mean", samples=4000)
    assert few.samples <= many.samples
    assert many.margins.mean() <= few.margins.mean()


@pytest.mark.parametrize(
    "image",
    [IMAGE[..., None], IMAGE.astype(np.float32), IMAGE[:, :30], IMAGE[:30, :30]],
    ids=["channel axis", "float", "not square", "another size"],
)
def test_a_picture_that_is_none_for_the_network_is_refused(method, image, asked):
    with pytest.raises(ValueError, match=r"Expected .*Received: "):
        explained(method, asked(method), image, segments="grid")


@pytest.mark.parametrize(
    "options",
    [
        {"segments": "hexagons"},
        {"segments": SQUARES[:30]},
        {"segments": SQUARES + 1},
        {"target": 2},
    ],
    ids=["unknown superpixels", "too few superpixels", "not from zero", "unknown class"],
)
def test_an_option_that_is_none_is_refused(method, options, asked):
    with pytest.raises(ValueError, match=r"Expected .*Received: "):
        explained(method, asked(method), **options)


@pytest.mark.parametrize(
    "answer",
    [
        lambda images: np.full((len(images), 1), 0.5),
        lambda images: np.full(len(images), 0.5),
        lambda images: np.full((len(images) + 1, 2), 0.5),
        lambda images: np.full((len(images), 2), np.nan),
    ],
    ids=["one column", "no column", "too many rows", "not finite"],
)
def test_what_gives_no_two_finite_columns_is_refused(method, answer):
    # A function is also no network that shows its feature maps.
    with pytest.raises(ValueError, match=r"Expected .*Received: "):
        explained(method, answer)


def test_an_unknown_fill_is_refused_by_every_method_that_hides(method, asked):
    if method in LOOK_INSIDE:
        assert explained(method, asked(method), fill="black").fill == ""
        return
    with pytest.raises(ValueError, match="Expected fill"):
        explained(method, asked(method), fill="pink")
