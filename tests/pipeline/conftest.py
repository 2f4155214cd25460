"""Shared by the pipeline's tests: a run whose answers are known without training, and a toy
data set with a run that was trained on it.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pipeline.config import TrainingConfig, training_config
from pipeline.images import encode_jpeg

SIZE_PX = 64


def _brightness_network() -> bytes:
    """A network (N, 64, 64, 1) to (N, 2) whose log odds are (mean grey level - 100) / 20."""
    constants = {
        "axes": np.array([1, 2, 3]),
        "column": np.array([-1, 1]),
        "weights": np.array([[0, 1 / 20]], np.float32),
        "offsets": np.array([[0, -5]], np.float32),
    }
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["mean"], keepdims=0),
        helper.make_node("Reshape", ["mean", "column"], ["means"]),
        helper.make_node("Mul", ["means", "weights"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offsets"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "brightness",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", SIZE_PX, SIZE_PX, 1])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.fixture
def brightness_run(tmp_path) -> Path:
    """Folder of a finished run that calls bright pictures pneumonia.

    Its calibrated probability is 1 / (1 + exp(-(mean grey level - 100) / 40)). It lies under
    ``artifacts/runs/`` in the test's folder.
    """
    folder = tmp_path / "artifacts" / "runs" / "brightness"
    folder.mkdir(parents=True)
    network = _brightness_network()
    (folder / "model.onnx").write_bytes(network)
    (folder / "history.csv").write_text("epoch,val_loss\n1,0.5\n", encoding="utf-8")
    document = {
        "schema": 1,
        "name": "brightness",
        "title": "Brightness",
        "status": "finished",
        "architecture": "compact",
        "parameters": {"total": 4, "trainable": 0},
        "config": {"architecture": "compact", "size_px": SIZE_PX},
        "input": {"size_px": SIZE_PX, "channels": 1},
        "calibration": {"method": "temperature", "temperature": 2.0},
        "operating_points": {
            "balanced": {"threshold": 0.5, "rule": "the middle"},
            "sensitivity_95": {"threshold": 0.2, "rule": "lower"},
        },
        "operating_point": "balanced",
        "model_sha256": hashlib.sha256(network).hexdigest(),
    }
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def _write_toys(root: Path, split: str, count: int, seed: int) -> None:
    """Write `count` noisy squares of 80 pixels per class; PNEUMONIA has a bright block inside."""
    generator = np.random.default_rng(seed)
    for label, class_name in enumerate(("NORMAL", "PNEUMONIA")):
        folder = root / split / class_name
        folder.mkdir(parents=True)
        for i in range(count):
            image = generator.normal(100, 20, (80, 80))
            if label:
                image[28:52, 28:52] += 60
            name = f"person{i}_virus_{i}.jpeg" if label else f"IM-{i:04d}-0001.jpeg"
            (folder / name).write_bytes(encode_jpeg(np.clip(image, 0, 255).astype(np.uint8)))


@pytest.fixture(scope="session")
def toys() -> Callable[[Path, str, int, int], None]:
    """Writes a split: ``toys(root, split, count_per_class, seed)``."""
    return _write_toys


@pytest.fixture(scope="session")
def toy_dataset(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("toys")
    for split, count, seed in (("train", 40, 0), ("val", 2, 1), ("test", 20, 2)):
        _write_toys(root, split, count, seed)
    return root


@pytest.fixture(scope="session")
def toy_config() -> TrainingConfig:
    """Everything that could make a resumed training differ is on: dropout, EMA, augmentation."""
    return training_config(
        "compact", size_px=32, epochs=5, batch_size=16, learning_rate=5e-3, ema_momentum=0.5
    )


@pytest.fixture(scope="session")
def toy_run(tmp_path_factory, toy_dataset, toy_config):
    """A run that was never interrupted."""
    from pipeline.training import train

    return train(toy_config, toy_dataset, tmp_path_factory.mktemp("runs"), "toy")
