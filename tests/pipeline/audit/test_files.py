"""The audit finds what was planted, and says what is missing."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.audit import Crossing, Identical, audit
from pipeline.dataset import SPLITS
from pipeline.errors import DatasetError
from pipeline.images import encode_png


def put(folder: Path, place: str, image: np.ndarray) -> Path:
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(image))
    return path


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (70, 80), dtype=np.uint8)


@pytest.fixture
def clean(tmp_path):
    """Two NORMAL pictures of one child and one PNEUMONIA in each split, all different."""
    for number, split in enumerate(("train", "val", "test")):
        put(tmp_path, f"{split}/NORMAL/IM-000{number}-0001.png", noise(3 * number))
        put(tmp_path, f"{split}/NORMAL/IM-000{number}-0002.png", noise(3 * number + 1))
        put(tmp_path, f"{split}/PNEUMONIA/person{number}_virus_1.png", noise(3 * number + 2))
    return tmp_path


def test_a_clean_data_set_has_neither_problems_nor_cautions(clean):
    told = []
    found = audit(clean, told.append)
    assert found.files == {key: {"NORMAL": 2, "PNEUMONIA": 1} for key in SPLITS}
    assert found.patients == {key: {"NORMAL": 1, "PNEUMONIA": 1} for key in SPLITS}
    assert (found.missing, found.unreadable, found.identical, found.crossing) == ((), (), (), ())
    assert (found.problems, found.cautions) == ((), ())
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_identical_pixels_are_found_whatever_the_files_bytes(clean):
    image = noise(0)
    twin = put(clean, "test/PNEUMONIA/person9_virus_1.png", np.stack([image] * 3, axis=2))
    assert twin.read_bytes() != (clean / "train/NORMAL/IM-0000-0001.png").read_bytes()
    found = audit(clean)
    assert found.identical == (
        Identical(
            files=("train/NORMAL/IM-0000-0001.png", "test/PNEUMONIA/person9_virus_1.png"),
            splits=("train", "test"),
            classes=("NORMAL", "PNEUMONIA"),
        ),
    )
    assert len(found.cautions) == 2
    assert not found.problems


def test_pictures_of_equal_pixels_and_another_shape_are_not_identical(clean):
    put(clean, "train/NORMAL/IM-0007-0001.png", np.zeros((64, 80), np.uint8))
    put(clean, "train/NORMAL/IM-0008-0001.png", np.zeros((80, 64), np.uint8))
    assert audit(clean).identical == ()


def test_a_patient_in_two_splits_is_reported_with_counts(clean):
    put(clean, "test/NORMAL/IM-0000-0003.png", noise(50))
    found = audit(clean)
    assert found.crossing == (Crossing("IM-0000", {"train": 2, "test": 1}),)
    assert "1 patients stand in more than one split." in found.cautions


def test_a_broken_file_is_a_problem_and_carries_its_reason(clean):
    (clean / "test/NORMAL/IM-0009-0001.jpeg").write_bytes(b"no picture")
    found = audit(clean)
    assert [entry.file for entry in found.unreadable] == ["test/NORMAL/IM-0009-0001.jpeg"]
    assert "not a PNG, JPEG or DICOM" in found.unreadable[0].reason
    assert found.files["test"]["NORMAL"] == 3
    assert found.problems == ("1 files cannot be read.",)


def test_two_broken_files_are_not_called_identical(clean):
    for name in ("a.png", "b.png"):
        (clean / "train/NORMAL" / name).write_bytes(b"")
    assert audit(clean).identical == ()


def test_a_part_of_the_data_set_is_examined_and_the_rest_named(tmp_path):
    put(tmp_path, "train/NORMAL/IM-0001-0001.png", noise(1))
    (tmp_path / "test/NORMAL").mkdir(parents=True)
    found = audit(tmp_path)
    assert found.missing == (
        *("train/PNEUMONIA", "val/NORMAL", "val/PNEUMONIA", "test/NORMAL", "test/PNEUMONIA"),
    )
    assert found.problems == ("train/PNEUMONIA holds no pictures.",)


def test_the_json_carries_everything_and_round_trips(clean):
    (clean / "train/NORMAL/broken.png").write_bytes(b"")
    found = audit(clean)
    stored = json.loads(json.dumps(found.to_json()))
    assert stored["folder"] == str(clean)
    assert stored["files"] == found.files
    assert stored["unreadable"] == [
        {"file": "train/NORMAL/broken.png", "reason": "The file is empty."}
    ]
    assert stored["problems"] == list(found.problems)
    assert set(stored) >= {"patients", "identical", "crossing", "missing", "cautions"}


def test_an_empty_or_absent_folder_is_the_users_situation(tmp_path):
    with pytest.raises(DatasetError, match="holds no pictures"):
        audit(tmp_path)
    with pytest.raises(DatasetError, match="does not exist"):
        audit(tmp_path / "nowhere")
