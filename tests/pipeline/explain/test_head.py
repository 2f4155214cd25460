"""Every operator of a head against ONNX Runtime, forwards, and against differences, in reverse."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from pipeline.explain.head import Head, UnknownOperatorError

GENERATOR = np.random.default_rng(0)
MAPS = GENERATOR.normal(size=(3, 7, 8)).astype(np.float32)


def node(kind, *inputs, **attributes):
    return kind, inputs, attributes


def constant(*shape):
    return (GENERATOR.normal(size=shape) / 3).astype(np.float32)


FLAT = node("Reshape", np.array([-1, 168]))
POOLED = (node("GlobalAveragePool"), node("Squeeze", np.array([2, 3])))
HEADS = {
    "flattened": [FLAT, node("MatMul", constant(168, 2)), node("Add", constant(2))],
    "other order": [
        node("Transpose", perm=[0, 2, 3, 1]),
        FLAT,
        node("MatMul", constant(168, 2)),
    ],
    "hidden layer": [
        FLAT,
        node("MatMul", constant(168, 5)),
        node("Add", constant(5)),
        node("Relu"),
        node("MatMul", constant(5, 2)),
    ],
    "mean of all places": [*POOLED, node("MatMul", constant(3, 2)), node("Add", constant(2))],
    "mean of windows": [
        node("AveragePool", kernel_shape=[2, 3], strides=[2, 3]),
        node("Flatten"),
        node("MatMul", constant(18, 2)),
    ],
    "largest of windows": [
        node("MaxPool", kernel_shape=[3, 3], strides=[3, 3]),
        node("Transpose", perm=[0, 2, 3, 1]),
        node("Flatten"),
        node("MatMul", constant(12, 2)),
    ],
    "nothing new": [node("Identity"), *POOLED, node("MatMul", constant(3, 2))],
}


def built(parts, last):
    """Return the nodes of a head and its constants, by name."""
    nodes, constants, name = [], {}, "maps"
    for number, (kind, inputs, attributes) in enumerate([*parts, node(last)]):
        names = [f"c{number}" for _ in inputs]
        constants |= dict(zip(names, inputs, strict=True))
        nodes.append(helper.make_node(kind, [name, *names], [f"x{number}"], **attributes))
        name = f"x{number}"
    return nodes, constants


def scores_of_onnx_runtime(nodes, constants):
    graph = helper.make_graph(
        nodes,
        "head",
        [helper.make_tensor_value_info("maps", TensorProto.FLOAT, [1, *MAPS.shape])],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"maps": MAPS[None]})[0][0].astype(float)


@pytest.mark.parametrize("last", ["Softmax", "Sigmoid"])
@pytest.mark.parametrize("parts", HEADS.values(), ids=HEADS)
def test_the_log_odds_are_those_of_onnx_runtime(parts, last):
    nodes, constants = built(parts, last)
    normal, pneumonia = scores_of_onnx_runtime(nodes, constants)
    found, _ = Head(nodes, constants).log_odds(MAPS)
    assert found == pytest.approx(np.log(pneumonia / normal), abs=1e-4)


@pytest.mark.parametrize("last", ["Softmax", "Sigmoid"])
@pytest.mark.parametrize("parts", HEADS.values(), ids=HEADS)
def test_the_gradient_is_that_of_small_differences(parts, last):
    head = Head(*built(parts, last))
    _, gradient = head.log_odds(MAPS)
    expected = np.empty(MAPS.shape)
    for index in np.ndindex(MAPS.shape):
        step = np.zeros(MAPS.shape)
        step[index] = 1e-5
        expected[index] = (head.log_odds(MAPS + step)[0] - head.log_odds(MAPS - step)[0]) / 2e-5
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(gradient, expected, atol=1e-8)


def test_a_network_that_is_all_but_certain_still_has_a_gradient():
    sure = [*POOLED, node("MatMul", constant(3, 2)), node("Add", np.array([-90, 90], np.float32))]
    for last in ("Softmax", "Sigmoid"):
        odds, gradient = Head(*built(sure, last)).log_odds(MAPS)
        assert odds > 80
        assert np.abs(gradient).max() > 1e-4


@pytest.mark.parametrize(
    "parts",
    [
        [*POOLED, node("Sin")],
        [node("MaxPool", kernel_shape=[3, 3], strides=[2, 2]), FLAT],
        [node("AveragePool", kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 1, 1]), FLAT],
    ],
    ids=["unknown", "windows that overlap", "padded windows"],
)
def test_an_operator_that_cannot_be_followed_is_refused(parts):
    with pytest.raises(UnknownOperatorError, match="Expected"):
        Head(*built(parts, "Softmax"))


def test_a_head_has_to_end_in_scores():
    nodes, constants = built(POOLED, "Softmax")
    with pytest.raises(UnknownOperatorError, match="softmax or sigmoid"):
        Head(nodes[:-1], constants)
