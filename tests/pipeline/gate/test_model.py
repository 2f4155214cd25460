"""The gate's fitted part: known distances, known directions, and files that belong together."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from pipeline.config import REPOSITORY
from pipeline.errors import GateError
from pipeline.gate import model as module
from pipeline.gate.faults import FAULTS
from pipeline.gate.features import describe
from pipeline.gate.fitting import FOLDS, RIDGE, fit
from pipeline.gate.model import UNLIKE, GateModel, stored_model


def features(images) -> np.ndarray:
    return np.stack([describe(image) for image in images])


def test_unlikeness_is_the_mahalanobis_distance_of_probabilistic_pca(small_model, chests):
    along = small_model.components
    covariance = along @ np.diag(small_model.variances - small_model.noise) @ along.T
    covariance += small_model.noise * np.eye(len(along))
    inverse = np.linalg.inv(covariance)
    for row in features(chests[100:103]).astype(float):
        expected = mahalanobis(row, small_model.mean, inverse) ** 2
        assert small_model.unlikeness(row[None])[0] == pytest.approx(expected, rel=1e-5)


def test_a_faults_direction_is_fishers(small_model, chests):
    fault = FAULTS[4]
    right, wrong = features(chests[:100]), features([fault.make(one) for one in chests[:100]])
    independent = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=RIDGE / (1 + RIDGE))
    independent.fit(np.concatenate([right, wrong]), [0] * 100 + [1] * 100)
    ours, theirs = small_model.directions[4], independent.coef_[0]
    cosine = ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)
    assert cosine == pytest.approx(1, abs=1e-4)
    assert np.std(right @ ours, ddof=1) == pytest.approx(1, abs=1e-3)


def test_chests_it_has_not_seen_pass_and_wrong_ones_do_not(small_model, chests):
    assert small_model.refuses(features(chests[100:])).mean() <= 0.1
    for fault in FAULTS:
        wrong = features([fault.make(one) for one in chests[100:]])
        assert small_model.refuses(wrong).mean() >= 0.95, fault.name


def test_the_reason_is_the_fault_that_explains_the_picture(small_model, chests):
    for fault in FAULTS:
        if fault.undo:
            assert small_model.check(fault.make(chests[120])) == [fault.reason]
    noise = np.random.default_rng(0).integers(0, 256, (96, 96)).astype(np.uint8)
    assert small_model.check(noise) == [UNLIKE]


def test_the_limits_come_from_patients_that_were_held_out(chests):
    patients = [f"patient{number // 2}" for number in range(60)]
    fitted = fit(chests[:60], patients)
    assert fitted.document["folds"] == FOLDS
    assert (fitted.document["pictures"], fitted.document["patients"]) == (60, 30)
    # With sixty pictures each limit lies at the worst but one hundredth of a rank.
    assert fitted.document["held_out_refused"] <= 1 + len(FAULTS)
    seen = fitted.unlikeness(features(chests[:60]))
    assert fitted.limit > np.median(seen)
    assert fitted.components.shape == (512, 30)
    assert set(fitted.document["held_out_faults_refused"]) == {fault.name for fault in FAULTS}


def test_too_few_patients_are_a_callers_mistake(chests):
    with pytest.raises(ValueError, match=r"Expected at least 5 patients\. Received: 4"):
        fit(chests[:8], ["a", "b", "c", "d"] * 2)


def test_it_can_be_stored_and_read_again(small_model, chests, tmp_path):
    small_model.save(tmp_path / "gate")
    again = GateModel.load(tmp_path / "gate")
    looked = features(chests[100:])
    np.testing.assert_allclose(again.unlikeness(looked), small_model.unlikeness(looked), rtol=1e-3)
    np.testing.assert_allclose(again.faults(looked), small_model.faults(looked), atol=1e-3)
    assert again.document["pictures"] == 100


def damaged_arrays(folder):
    path = folder / "gate.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def pickled_arrays(folder):
    np.savez(folder / "gate.npz", mean=np.array([{}], dtype=object))


def no_arrays(folder):
    (folder / "gate.npz").unlink()


def no_json(folder):
    (folder / "gate.json").write_text("{")


def other_faults(folder):
    document = json.loads((folder / "gate.json").read_text())
    (folder / "gate.json").write_text(json.dumps({**document, "faults": ["sideways"]}))


def no_limit(folder):
    document = json.loads((folder / "gate.json").read_text())
    (folder / "gate.json").write_text(json.dumps({**document, "limit": None, "noise": "much"}))


@pytest.mark.parametrize(
    "damage", [damaged_arrays, pickled_arrays, no_arrays, no_json, other_faults, no_limit]
)
def test_files_that_do_not_belong_together_are_refused(small_model, tmp_path, damage):
    small_model.save(tmp_path)
    damage(tmp_path)
    with pytest.raises(GateError, match=r"missing, damaged or of another version.*gate fit"):
        GateModel.load(tmp_path)


def test_a_model_that_exists_is_valid(small_model):
    with pytest.raises(ValueError, match=r"Expected limits \(10,\). Received: \(3,\)"):
        replace(small_model, limits=np.zeros(3))
    with pytest.raises(ValueError, match="Expected variances > 0"):
        replace(small_model, noise=0.0)


def test_a_folder_of_artifacts_may_have_its_own_model(small_model, tmp_path, monkeypatch):
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    assert module.model_folder() == REPOSITORY / "artifacts" / "gate"
    small_model.save(tmp_path / "gate")
    assert module.model_folder() == tmp_path / "gate"
    assert stored_model().document["pictures"] == 100
    assert stored_model() is stored_model()
    replace(small_model, document={**small_model.document, "pictures": 99}).save(tmp_path / "gate")
    os.utime(tmp_path / "gate" / "gate.json", ns=(1, 1))
    assert stored_model().document["pictures"] == 99
