import ast
import json
from pathlib import Path

import keras
import numpy as np
import pytest

import pipeline.architectures
from pipeline.architectures import ARCHITECTURES, architecture
from pipeline.config import REPOSITORY
from pipeline.errors import TrainingError

RECORD = json.loads((REPOSITORY / "artifacts" / "notebooks" / "architectures.json").read_text())
RECORDED = dict(
    zip(
        ("dense_baseline", "basic_conv2d", "alexnet", "simple_resnet", "resnet_2_5_2"),
        RECORD["models"],
        strict=True,
    )
)
SMALL_PX = 96  # the least at which every network, AlexNet too, has a pixel left
FOLDER = Path(pipeline.architectures.__file__).parent


def is_shortcut(layer: keras.Layer) -> bool:
    return isinstance(layer, keras.layers.Conv2D) and layer.kernel_size == (1, 1)


def settings(layer: keras.Layer, asked: dict) -> dict:
    """Return what `layer` has for those settings that the record names."""
    read = {
        "filters": lambda: layer.filters,
        "kernel": lambda: list(layer.kernel_size),
        "stride": lambda: layer.strides[0],
        "padding": lambda: layer.padding,
        "activation": lambda: layer.activation.__name__.replace("linear", "none"),
        "units": lambda: layer.units,
        "pool": lambda: list(layer.pool_size),
        "rate": lambda: layer.rate,
    }
    return {key: read[key]() for key in asked if key in read}


def described(layer: keras.Layer, asked: dict) -> dict:
    kind = type(layer).__name__
    if kind == "Activation":
        kind = f"Activation {layer.activation.__name__}"
    elif is_shortcut(layer):
        kind = "Conv2D shortcut"
    return {
        "type": kind,
        "output_shape": list(layer.output.shape[1:]),
        "params": layer.count_params(),
        **settings(layer, asked),
    }


def recorded(entry: dict) -> dict:
    return {key: value for key, value in entry.items() if key not in ("block", "inputs", "name")}


@pytest.fixture(scope="module", params=RECORDED)
def pair(request):
    """A network of the notebooks as built here at 256 pixels, and as recorded."""
    return architecture(request.param).build(256), RECORDED[request.param]


def test_every_recorded_layer_is_there_in_order(pair):
    model, record = pair
    first, *entries = record["layers"]
    assert list(model.input_shape[1:]) == first["output_shape"] == [256, 256, 3]
    built = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    # A shortcut stands beside the path: Keras may list it anywhere between its neighbours.
    for aside in (False, True):
        ours = [layer for layer in built if is_shortcut(layer) == aside]
        theirs = [e for e in entries if (e["type"] == "Conv2D shortcut") == aside]
        assert [described(a, b) for a, b in zip(ours, theirs, strict=True)] == [
            recorded(entry) for entry in theirs
        ]


def test_parameter_totals_equal_the_record(pair):
    model, record = pair
    trainable = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert (model.count_params(), trainable) == (record["total"], record["trainable"])


def inputs(layer: keras.Layer) -> list:
    tensors = layer.input if isinstance(layer.input, list) else [layer.input]
    return [tensor._keras_history.operation for tensor in tensors]


@pytest.mark.parametrize(("name", "count"), [("simple_resnet", 1), ("resnet_2_5_2", 9)])
def test_every_addition_joins_the_path_with_the_block_s_beginning(name, count):
    layers = architecture(name).build(256).layers
    additions = [layer for layer in layers if isinstance(layer, keras.layers.Add)]
    assert len(additions) == count
    for addition in additions:
        inner, skip = inputs(addition)
        skip = inputs(skip)[0] if is_shortcut(skip) else skip
        convolutions = 0
        while inner is not skip:
            convolutions += isinstance(inner, keras.layers.Conv2D)
            (inner,) = inputs(inner)
        assert isinstance(skip, keras.layers.BatchNormalization)
        assert convolutions == (1 if name == "simple_resnet" else 2)


@pytest.mark.parametrize("name", ARCHITECTURES)
class TestContract:
    def test_gives_two_finite_scores_in_0_to_1_for_raw_pixels(self, name):
        chosen = architecture(name)
        keras.utils.set_random_seed(0)
        model = chosen.build(SMALL_PX)
        shape = (SMALL_PX, SMALL_PX, chosen.channels)
        images = np.random.default_rng(0).uniform(0, 255, (3, *shape)).astype(np.float32)
        images[2] = 0  # a black picture must not divide by zero
        scores = keras.ops.convert_to_numpy(model.predict_on_batch(images))
        assert model.input_shape == (None, *shape)
        assert scores.shape == (3, 2)
        assert np.all((scores >= 0) & (scores <= 1))

    def test_is_built_of_keras_layers_only(self, name):
        tree = ast.parse((FOLDER / f"{name}.py").read_text())
        imported = {
            node.module if isinstance(node, ast.ImportFrom) else alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        assert imported <= {"keras", "pipeline.architectures.variation"}

    def test_is_called_as_its_file_and_its_model(self, name):
        assert ARCHITECTURES[name].name == name
        assert architecture(name).build(SMALL_PX).name == name


def test_every_file_is_on_the_list():
    assert {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "variation"} == set(
        ARCHITECTURES
    )


def test_an_unknown_architecture_is_refused_with_the_known_ones():
    with pytest.raises(TrainingError, match="compact, efficientnet_lite0, dense_baseline"):
        architecture("vgg")


def test_compact_answers_the_same_whatever_brightness_and_contrast():
    keras.utils.set_random_seed(1)
    model = architecture("compact").build(64)
    images = np.random.default_rng(1).uniform(0, 255, (4, 64, 64, 1)).astype(np.float32)
    logits = keras.Model(model.input, model.get_layer("logits").output)
    expected = logits.predict_on_batch(images)
    assert np.ptp(expected[:, 0]) > 0.1  # it does tell the pictures apart
    np.testing.assert_allclose(logits.predict_on_batch(images * 0.4 + 70), expected, atol=1e-3)


@pytest.mark.parametrize("name", RECORDED)
def test_a_notebook_network_can_be_standardised_and_regularised(name):
    recorded_network = architecture(name).build(SMALL_PX)
    varied = architecture(name).build(SMALL_PX, standardise=True, dropout=0.5)
    rates = [layer.rate for layer in varied.layers if isinstance(layer, keras.layers.Dropout)]
    assert rates
    assert set(rates) == {0.5}
    images = np.random.default_rng(1).uniform(0, 255, (2, SMALL_PX, SMALL_PX, 3)).astype(np.float32)
    darker = images * 0.5 + 20
    expected = varied.predict_on_batch(images)
    np.testing.assert_allclose(varied.predict_on_batch(darker), expected, atol=1e-3)
    assert not np.allclose(recorded_network.predict_on_batch(darker), expected, atol=1e-3)
    assert varied.count_params() == recorded_network.count_params()


def test_the_compact_network_can_be_made_narrower():
    whole, half = (architecture("compact").build(SMALL_PX, width=width) for width in (1.0, 0.5))
    assert whole.count_params() == architecture("compact").build(SMALL_PX).count_params()
    assert 0.2 < half.count_params() / whole.count_params() < 0.3
