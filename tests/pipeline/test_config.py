from pathlib import Path

import pytest

from pipeline.config import REPOSITORY, Paths, TrainingConfig, training_config


def test_folders_come_from_the_environment_that_is_given():
    paths = Paths.from_environment({"XRAY_ARTIFACTS": "/a", "XRAY_DATASET": "/d"})
    assert (paths.runs, paths.dataset) == (Path("/a/runs"), Path("/d"))
    assert paths.samples == REPOSITORY / "chest_xray" / "samples"


def test_an_empty_variable_means_the_default():
    assert Paths.from_environment({"XRAY_DATASET": ""}).dataset == REPOSITORY / "chest_xray"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recipe", "secret"),
        ("optimizer", "lion"),
        ("monitor", "val_accuracy"),
        ("epochs", 0),
        ("batch_size", -1),
        ("learning_rate", float("nan")),
        ("validation_fraction", 0),
        ("label_smoothing", 1.0),
        ("seed", -1),
        ("weight_decay", -0.1),
    ],
)
def test_a_configuration_that_exists_is_valid(field, value):
    with pytest.raises(ValueError, match=f"Expected.*{field}.*Received"):
        TrainingConfig("compact", **{field: value})


def test_the_notebook_recipe_is_plain_sgd_and_can_be_changed():
    config = training_config("alexnet", "notebook", epochs=3)
    assert (config.optimizer, config.schedule, config.augment) == ("sgd", "constant", False)
    assert (config.recipe, config.epochs, config.size_px) == ("notebook", 3, 256)


def test_a_configuration_survives_json_and_ignores_keys_of_other_versions():
    config = training_config("compact", seed=4, flip=True)
    assert TrainingConfig.from_json(config.to_json() | {"of_the_future": 1}) == config
