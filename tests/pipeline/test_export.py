import keras
import numpy as np
import onnxruntime
import pytest

from pipeline import evaluation
from pipeline.architectures import architecture
from pipeline.classifier import Classifier
from pipeline.export import to_onnx


def roughened(name: str, size_px: int) -> keras.Model:
    """Return a network whose every weight, moving averages too, is away from its beginning."""
    keras.utils.set_random_seed(0)
    model = architecture(name).build(size_px)
    generator = np.random.default_rng(0)
    for variable in model.weights:
        value = variable.numpy()
        variable.assign(value * generator.uniform(0.7, 1.3, value.shape).astype(np.float32))
    return model


@pytest.mark.parametrize(
    ("name", "size_px"), [("compact", 192), ("simple_resnet", 256), ("efficientnet_lite0", 96)]
)
def test_the_exported_network_is_the_same_function(name, size_px, tmp_path):
    model = roughened(name, size_px)
    channels = model.input_shape[-1]
    generator = np.random.default_rng(1)
    images = generator.uniform(0, 255, (4, size_px, size_px, channels)).astype(np.float32)
    images *= np.linspace(0.01, 1, 4, dtype=np.float32)[:, None, None, None]
    images[:, : size_px // 2] *= 0.5  # not the same noise everywhere
    # A large last layer drives every score to 0 or 1, where all functions agree.
    last = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)][-1]
    last.kernel.assign(last.kernel * 0.01)

    to_onnx(model, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    (entry,) = session.get_inputs()
    served = session.run(None, {entry.name: images})[0]
    trained = keras.ops.convert_to_numpy(model.predict_on_batch(images))
    assert served.shape == (4, 2)
    assert np.all((trained > 0.001) & (trained < 0.999))
    assert np.ptp(trained[:, 0]) > 1e-3
    np.testing.assert_allclose(served, trained, atol=1e-5)


def test_the_files_of_a_run_agree_and_the_classifier_serves_them(toy_run):
    stored = keras.saving.load_model(toy_run.folder / "model.keras", compile=False)
    size_px = toy_run.document["input"]["size_px"]
    images = np.random.default_rng(2).integers(0, 256, (12, size_px, size_px), dtype=np.uint8)
    scores = stored.predict_on_batch(images[..., None].astype(np.float32))
    expected = evaluation.probability(evaluation.pneumonia_logit(scores), toy_run.temperature)
    np.testing.assert_allclose(Classifier(toy_run).probabilities(images)[:, 1], expected, atol=1e-5)


def test_half_precision_halves_the_file_and_stays_within_a_thousandth(tmp_path):
    model = roughened("basic_conv2d", 64)
    last = model.layers[-1]
    last.kernel.assign(last.kernel * 0.01)
    to_onnx(model, tmp_path / "whole.onnx")
    to_onnx(model, tmp_path / "half.onnx", half_precision=True)
    whole, half = ((tmp_path / name).stat().st_size for name in ("whole.onnx", "half.onnx"))
    assert half < 0.55 * whole
    images = np.random.default_rng(1).uniform(0, 255, (6, 64, 64, 3)).astype(np.float32)
    session = onnxruntime.InferenceSession(tmp_path / "half.onnx")
    served = session.run(None, {session.get_inputs()[0].name: images})[0]
    trained = keras.ops.convert_to_numpy(model.predict_on_batch(images))
    assert np.ptp(trained[:, 0]) > 1e-3
    np.testing.assert_allclose(served, trained, atol=1e-3)
