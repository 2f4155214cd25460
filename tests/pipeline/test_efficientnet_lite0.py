import keras
import numpy as np
import pytest

from pipeline.architectures import architecture
from pipeline.architectures.efficientnet_lite0 import IMAGENET_MEAN, IMAGENET_SPREAD

# Table 1 of arXiv:1905.11946 at 224 px: side and filters after the stem, each stage and the head
PUBLISHED = (
    ("stem_relu", 112, 32),
    ("block0_project_norm", 112, 16),
    ("block2_project_norm", 56, 24),
    ("block4_project_norm", 28, 40),
    ("block7_project_norm", 14, 80),
    ("block10_project_norm", 14, 112),
    ("block14_project_norm", 7, 192),
    ("block15_project_norm", 7, 320),
    ("head_relu", 7, 1280),
)
LAST_BLOCK_OF_STAGE = (0, 2, 4, 7, 10, 14, 15)


def build(size_px=64, **options) -> keras.Model:
    keras.utils.set_random_seed(0)
    return architecture("efficientnet_lite0").build(size_px, **options)


def pictures(count=4, size_px=64) -> np.ndarray:
    shape = (count, size_px, size_px, 1)
    return np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)


def test_every_stage_has_the_published_size():
    model = build(224)
    for name, side, filters in PUBLISHED:
        assert model.get_layer(name).output.shape[1:] == (side, side, filters), name


def test_it_adds_only_where_size_and_filters_stay():
    added = [layer.name for layer in build().layers if isinstance(layer, keras.layers.Add)]
    assert added == [f"block{i}_add" for i in (2, 4, 6, 7, 9, 10, 12, 13, 14)]


def test_the_centre_gets_the_mean_and_spread_of_a_photograph():
    model = build()
    seen = keras.Model(model.input, model.get_layer("colours").output)
    centre = seen.predict_on_batch(pictures() * 0.3 + 20)[:, 16:48, 16:48]
    np.testing.assert_allclose(centre.mean((1, 2)), IMAGENET_MEAN, atol=1e-3)
    np.testing.assert_allclose(centre.std((1, 2)), IMAGENET_SPREAD, atol=1e-3)


def of_block(name: str) -> int | None:
    """Return the number of the block that a layer stands in; -1 for the stem."""
    if name.startswith("stem"):
        return -1
    return int(name.split("_")[0].removeprefix("block")) if name.startswith("block") else None


@pytest.mark.parametrize("frozen_stages", [0, 4])
def test_a_step_of_training_changes_everything_but_the_frozen_stages(frozen_stages):
    model = build(frozen_stages=frozen_stages)
    model.compile(
        optimizer=keras.optimizers.SGD(0.1), loss="categorical_crossentropy", jit_compile=False
    )
    before = {layer.name: layer.get_weights() for layer in model.layers}
    model.train_on_batch(pictures(), np.eye(2, dtype=np.float32)[[0, 1, 0, 1]])
    last_frozen = LAST_BLOCK_OF_STAGE[frozen_stages - 1] if frozen_stages else None
    for layer in model.layers:
        block = of_block(layer.name)
        frozen = last_frozen is not None and block is not None and block <= last_frozen
        for old, new in zip(before[layer.name], layer.get_weights(), strict=True):
            assert np.array_equal(old, new) == frozen, layer.name


def test_frozen_stages_give_the_same_maps_in_training_as_in_use():
    model = build(frozen_stages=4)
    seen = keras.Model(model.input, model.get_layer("block7_add").output)
    training, use = (
        keras.ops.convert_to_numpy(seen(pictures(), training=flag)) for flag in (True, False)
    )
    np.testing.assert_allclose(training, use, atol=1e-5)


def test_a_frozen_network_holds_the_same_weights_in_the_same_order():
    shapes = [[weight.shape for weight in build(frozen_stages=k).get_weights()] for k in (0, 5)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("frozen_stages", [-1, 8])
def test_there_are_seven_stages_to_freeze(frozen_stages):
    with pytest.raises(ValueError, match=f"from 0 to 7. Received: {frozen_stages}"):
        build(frozen_stages=frozen_stages)
