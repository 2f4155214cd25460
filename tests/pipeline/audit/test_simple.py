"""The simple models read cell means, and never the patient they judge."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pipeline.audit.simple import auc, enough, fitted, held_out, thumbnails


def test_a_cell_is_the_mean_of_seven_by_seven_pixels():
    images = np.random.default_rng(0).integers(0, 256, (2, 224, 224), dtype=np.uint8)
    cells = thumbnails(images)
    assert cells.shape == (2, 1024)
    assert cells[1, 32 + 2] == pytest.approx(images[1, 7:14, 14:21].mean() / 255, abs=1e-6)


def test_of_the_ring_only_the_outer_cells_vary():
    images = np.random.default_rng(0).integers(0, 256, (4, 224, 224), dtype=np.uint8)
    cells = thumbnails(images, "border_ring").reshape(4, 32, 32)
    assert np.ptp(cells[:, 1:-1, 1:-1]) == 0
    assert (np.ptp(cells[:, 0], axis=0) > 0).all()


def test_another_size_is_the_callers_mistake():
    with pytest.raises(ValueError, match=r"Expected images \(N, 224, 224\)"):
        thumbnails(np.zeros((2, 64, 64), np.uint8))
    with pytest.raises(ValueError, match="Expected model to be one of linear, trees"):
        fitted(np.zeros((2, 1)), np.array([0, 1]), "forest")


def test_a_patient_learnt_by_heart_does_not_help_with_another():
    # Each patient looks like nobody else, and its label is chance: only leaking could tell it.
    generator = np.random.default_rng(1)
    faces, labels = generator.normal(size=(60, 300)), generator.permutation([0, 1] * 30)
    patients = np.repeat([f"p{i}" for i in range(60)], 4)
    features, label = np.repeat(faces, 4, axis=0), np.repeat(labels, 4)
    score = held_out(features, label, patients)
    assert 0.3 < roc_auc_score(label, score) < 0.7
    learnt = fitted(features, label).predict_proba(features)[:, 1]
    assert roc_auc_score(label, learnt) == 1.0


@pytest.mark.parametrize("model", ["linear", "trees"])
def test_what_can_be_told_is_told(model):
    generator = np.random.default_rng(2)
    label = np.repeat([0, 1], 100)
    features = generator.normal(size=(200, 10)) + 2 * label[:, None]
    score = held_out(features, label, [str(i) for i in range(200)], model)
    found = auc(score, label, [str(i) for i in range(200)])
    assert found["value"] == pytest.approx(roc_auc_score(label, score))
    assert found["value"] > 0.95
    assert found["low"] <= found["value"] <= found["high"]
    assert found["n"] == 200


def test_five_patients_of_each_label_are_needed_whatever_the_pictures():
    assert enough([0] * 5 + [1] * 5, list("abcdefghij"))
    assert not enough([0] * 5 + [1] * 9, [*"abcde", *"ffffffffg"])
