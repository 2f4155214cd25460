"""The last feature maps of a run, and the gradient of its answer by them.

The stored network is left as it is: in memory, its graph gets the feature maps as a second
output, and what follows them is differentiated by `pipeline.explain.head`. No TensorFlow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pipeline import evaluation, network
from pipeline.errors import RunError
from pipeline.explain.head import Head, UnknownOperatorError
from pipeline.runs import Run

if TYPE_CHECKING:
    import onnx

# Between what ONNX Runtime makes of the maps, in single precision, and we, as a share of it: what
# is followed is not the network if it differs by more.
TOLERANCE = 1e-3
# Behind these there are no more maps, before them only a change of order or a pooling.
_ENDS = ("Reshape", "Flatten", "GlobalAveragePool")
_BETWEEN = ("Transpose", "MaxPool", "AveragePool")


@dataclass(frozen=True, eq=False)
class Look:
    """What a run saw in one picture.

    Attributes
    ----------
    maps : (K, h, w) float32, the last feature maps, before they are pooled.
    gradient : (K, h, w) float64, of the calibrated log odds of pneumonia by each of their values.
    log_odds : of pneumonia, calibrated: the network's own divided by the run's temperature.
    probability : of pneumonia, as ``Classifier.probabilities`` gives it.
    """

    maps: np.ndarray = field(repr=False)
    gradient: np.ndarray = field(repr=False)
    log_odds: float
    probability: float


class FeatureMaps:
    """A convolutional run that shows its last feature maps. May be shared by threads.

    Parameters
    ----------
    run : a finished one, with its ``model.onnx``.
    threads : of ONNX Runtime; all cores by default.
    content : another network than the stored one, of the same form; for `pipeline.explain.sanity`.

    Raises
    ------
    RunError : if the run is not finished, its files are damaged or do not belong together, or
        its network has no feature maps that its answer is read from.
    """

    def __init__(self, run: Run, threads: int | None = None, content: bytes | None = None):
        content = network.stored(run) if content is None else content
        # First as it is: a file that is no network is told apart from one without feature maps.
        network.session(content, run.name, threads=1)
        import onnx  # here: only a map needs the graph, and serving should not wait for it

        model = onnx.load_from_string(content)
        graph = model.graph
        self.run = run
        try:
            nodes = _head(graph)
            self._head = Head(nodes, _constants(graph, nodes))
        except UnknownOperatorError as error:
            raise RunError(
                f"The network of {run.name} has no feature maps that its answer is read from.",
                "Choose a run with convolutions, or explain this one by LIME.",
            ) from error
        self._outputs = [graph.output[0].name, nodes[0].input[0], nodes[-1].input[0]]
        for name in self._outputs[1:]:
            value = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
            graph.output.append(value)
        self._session = network.session(model.SerializeToString(), run.name, threads)
        self._compare()

    @property
    def size_px(self) -> int:
        return self.run.document["input"]["size_px"]

    def look(self, image: np.ndarray) -> Look:
        """Judge one picture.

        Parameters
        ----------
        image : (size_px, size_px) uint8, as ``Classifier.prepare`` returns it.

        Raises
        ------
        ValueError : if it has another size.
        """
        scores, maps, _ = self._run(image)
        odds, gradient = self._head.log_odds(maps)
        temperature = self.run.temperature
        logit = evaluation.pneumonia_logit(scores)[0]
        return Look(
            maps=maps,
            gradient=gradient / temperature,
            log_odds=odds / temperature,
            probability=float(evaluation.probability(logit, temperature)),
        )

    def _run(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the scores (1, 2), the maps (K, h, w) and what the scores are made of (2,)."""
        network.require_size(self._session, image[None])
        batch = network.feed(self._session, image[None])
        scores, maps, columns = self._session.run(self._outputs, batch)
        return scores, maps[0], columns[0]

    def _compare(self) -> None:
        """Refuse a graph that was followed wrongly: on noise, both ways have to say the same."""
        noise = np.random.default_rng(0).integers(0, 256, (self.size_px, self.size_px))
        _, maps, columns = self._run(noise.astype(np.uint8))
        difference = np.abs(self._head.columns(maps) - columns).max()
        if difference > TOLERANCE * max(1, np.abs(columns).max()):
            raise RunError(
                f"The last layers of {self.run.name} cannot be followed.",
                "Explain this run by LIME, which needs no look inside.",
            )


def _head(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the nodes between the last feature maps and the output, in the order they run."""
    makers = {name: node for node in graph.node for name in node.output}
    fixed = {tensor.name for tensor in graph.initializer}
    nodes, name, ended = [], graph.output[0].name, False
    while name in makers:
        node = makers[name]
        if ended and node.op_type not in _BETWEEN:
            break
        nodes.insert(0, node)
        ended = ended or node.op_type in _ENDS
        # The data come first, or after a constant.
        name = next((one for one in node.input if not _is_fixed(one, makers, fixed)), "")
    if not ended or not _has_convolution(name, makers):
        raise UnknownOperatorError("Expected feature maps of a convolution before the last layers.")
    return nodes


def _is_fixed(name: str, makers: dict, fixed: set[str]) -> bool:
    """Whether an input is a constant, or one that is widened from half precision."""
    node = makers.get(name)
    widened = node is not None and node.op_type == "Cast" and node.input[0] in fixed
    return name in fixed or widened


def _has_convolution(name: str, makers: dict) -> bool:
    """Whether what makes a tensor is, at any depth, a convolution."""
    seen, waiting = set(), [name]
    while waiting:
        node = makers.get(waiting.pop())
        if node is None or node.output[0] in seen:
            continue
        if node.op_type == "Conv":
            return True
        seen.add(node.output[0])
        waiting.extend(node.input)
    return False


def _constants(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> dict[str, np.ndarray]:
    """Return the arrays that `nodes` use; what is stored in half precision, widened."""
    from onnx import numpy_helper

    stored = {tensor.name: tensor for tensor in graph.initializer}
    widened = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Cast"}
    found = {}
    for name in {name for node in nodes for name in node.input}:
        tensor = stored.get(name, stored.get(widened.get(name)))
        if tensor is not None:
            found[name] = numpy_helper.to_array(tensor).astype(np.float32)
    return found
