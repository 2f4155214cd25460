import json
import shutil

import numpy as np
import pytest

from pipeline import evaluation
from pipeline.classifier import Classifier
from pipeline.config import PNEUMONIA, training_config
from pipeline.errors import TrainingError
from pipeline.examples import LABEL, TARGET, batches, load_examples
from pipeline.runs import open_run
from pipeline.teachers import check_same_split, teachers
from pipeline.training import train


@pytest.fixture
def runs(tmp_path, toy_run):
    """A folder with two teachers, equal but for their names."""
    for name in ("first", "second"):
        shutil.copytree(toy_run.folder, tmp_path / name)
    return tmp_path


def student(**changes):
    settings = {"size_px": 32, "epochs": 1, "batch_size": 16, "teachers": ("first", "second")}
    return training_config("compact", "distilled", **{**settings, **changes})


def test_soft_labels_are_the_teachers_averaged_log_odds(runs):
    teach, taught_by = teachers(runs, student())
    images = np.random.default_rng(0).uniform(0, 255, (5, 32, 32)).astype(np.float32)
    expected = evaluation.probability(Classifier(taught_by[0]).logits(images), 1.0)
    soft = teach(images)
    assert [run.name for run in taught_by] == ["first", "second"]
    np.testing.assert_allclose(soft[:, PNEUMONIA], expected)
    np.testing.assert_allclose(soft.sum(axis=1), 1)


def test_a_batch_carries_the_blend_as_target_and_the_label_beside_it(toy_dataset):
    config = student(distillation=0.25)
    data = load_examples(config, toy_dataset, lambda _: None)

    def teach(images):
        return np.full((len(images), 2), 0.5)

    _, columns, _ = next(iter(batches(config, data, 1, 1, teach)))
    assert set(np.unique(columns[:, LABEL])) == {0, 1}
    np.testing.assert_allclose(columns[:, TARGET], 0.25 * 0.5 + 0.75 * columns[:, LABEL])


def test_the_teacher_sees_the_very_pixels_that_are_learned_from(toy_dataset):
    config = student()
    data = load_examples(config, toy_dataset, lambda _: None)
    taught = []

    def teach(images):
        taught.append(images.copy())
        return np.full((len(images), 2), 0.5)

    images, _, _ = next(iter(batches(config, data, 1, 1, teach)))
    np.testing.assert_array_equal(images[..., 0], taught[0])


def test_a_student_is_trained_and_names_its_teachers_by_their_hash(runs, toy_dataset):
    run = train(student(), toy_dataset, runs, "student")
    expected = open_run(runs, "first").document["model_sha256"]
    assert run.document["taught_by"] == {"first": expected, "second": expected}
    assert open_run(runs, "student").config["teachers"] == ["first", "second"]


def test_a_teacher_of_another_size_is_refused(runs):
    with pytest.raises(TrainingError, match="first sees 32 pixels a side, this training 64"):
        teachers(runs, student(size_px=64))


@pytest.mark.parametrize("part", ["data", "split_seed"])
def test_a_teacher_that_may_know_the_validation_patients_is_refused(runs, toy_dataset, part):
    path = runs / "second" / "run.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    if part == "data":
        document["data"]["fingerprint"] = "of other pictures"
    else:
        document["config"]["split_seed"] += 1
    path.write_text(json.dumps(document), encoding="utf-8")
    config = student()
    description = load_examples(config, toy_dataset, lambda _: None).description
    with pytest.raises(TrainingError, match="second was not trained on the same"):
        check_same_split([open_run(runs, name) for name in config.teachers], config, description)


def test_the_recipe_asks_for_teachers():
    with pytest.raises(ValueError, match="Expected teachers"):
        training_config("compact", "distilled")
