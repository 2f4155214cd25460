"""The audit finds what was planted: a shortcut in the ring, a moved class, what is missing."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.audit.document import examine
from pipeline.audit.mean import means
from pipeline.config import REPOSITORY, Paths
from pipeline.errors import DatasetError
from pipeline.images import encode_png

CLASSES = ("NORMAL", "PNEUMONIA")


def put(root: Path, split: str, label: int, number: int, image: np.ndarray) -> None:
    name = f"person{number}_virus_1.png" if label else f"IM-{number:04}-0001.png"
    folder = root / split / CLASSES[label]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(encode_png(image))


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Noise. PNEUMONIA has a bright ring; the NORMAL pictures of test are bright in the middle."""
    root = tmp_path_factory.mktemp("planted")
    generator = np.random.default_rng(0)
    number = 0
    for split, count in (("train", 40), ("test", 20)):
        for label in (0, 1):
            for _ in range(count):
                number += 1
                image = generator.integers(60, 160, (224, 224), dtype=np.uint8)
                if label:
                    image[:3] += 60
                if split == "test" and not label:
                    image[80:140, 80:140] += 60
                put(root, split, label, number, image)
    return root


@pytest.fixture(scope="module")
def document(planted):
    told = []
    found = examine(planted, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    return found


def test_the_ring_gives_the_class_away_and_the_chest_does_not(document):
    parts = document["shortcut_models"]
    for part in ("border_ring", "border_frame", "lungs_blacked_out"):
        assert parts[part]["without_lungs"]
        assert parts[part]["auc"]["low"] > 0.9
        assert parts[part]["auc_trees"]["low"] > 0.9
        assert parts[part]["inside_train"]["n"] == 80
    # Inside train: in test it is the planted brightness of the normals that misleads.
    assert parts["border_blanked"]["inside_train"]["low"] < 0.5
    assert parts["border_blanked"]["inside_train"]["value"] < 0.65


def test_the_class_that_moved_is_named_and_the_other_is_not(document):
    normal, pneumonia = (document["separability"][name] for name in CLASSES)
    assert normal["auc"]["low"] > 0.9
    assert normal["parts"]["lungs_only"]["low"] > 0.9
    # Cross-validated on so few patients, noise comes out a little below .5.
    for nothing in (normal["parts"]["border_frame"], pneumonia["auc"]):
        assert nothing["low"] < 0.5
        assert nothing["value"] < 0.65
    for own in (normal, pneumonia):
        assert (own["train"], own["test"]) == (40, 20)
        assert own["control"]["low"] < 0.5


def test_the_linear_model_is_judged_on_both_sides(document):
    assert document["shift"]["inside_train"]["n"] == 80
    assert document["shift"]["test"]["n"] == 40
    assert document["shift"]["test"]["specificity"]["n"] == 20


def test_the_document_is_plain_json_and_tells_no_folder(document, planted):
    text = json.dumps(document, allow_nan=False)
    assert str(planted) not in text
    assert document["not_computed"] == []
    assert document["missing"] == ("val/NORMAL", "val/PNEUMONIA")
    assert document["kinds"]["test"] == {"normal": 20, "virus": 20}
    assert document["sizes"]["same"]


def test_the_same_pictures_give_the_same_document(tmp_path):
    generator = np.random.default_rng(3)
    for number in range(6):
        image = generator.integers(0, 255, (70, 90), dtype=np.uint8)
        put(tmp_path, "train", number % 2, number, image)
    assert examine(tmp_path) == examine(tmp_path)


def test_what_a_part_of_a_data_set_cannot_tell_is_said_and_a_broken_file_left_out(tmp_path):
    image = np.random.default_rng(4).integers(0, 255, (80, 100), dtype=np.uint8)
    put(tmp_path, "train", 0, 1, image)
    put(tmp_path, "train", 0, 2, image)
    put(tmp_path, "train", 1, 3, 255 - image)
    (tmp_path / "train/NORMAL/torn.png").write_bytes(b"no picture")
    found = examine(tmp_path)
    assert found["pictures"] == 3
    assert found["separability"] == {}
    assert found["shift"] is None
    assert found["shortcut_models"] == {}
    assert "random_split" not in found
    assert len(found["not_computed"]) == 4
    assert found["duplicates"]["inside"] == {"train": 1, "val": 0, "test": 0}
    assert found["problems"] == ("1 files cannot be read.",)


def test_a_folder_without_pictures_is_the_users_situation(tmp_path):
    with pytest.raises(DatasetError, match="holds no pictures"):
        examine(tmp_path)
    (tmp_path / "train/NORMAL").mkdir(parents=True)
    (tmp_path / "train/NORMAL/torn.png").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match="Not one of the 1 pictures"):
        examine(tmp_path)


def test_the_mean_is_of_the_class_and_split_alone(tmp_path):
    for number, level in enumerate((10, 30, 200)):
        put(tmp_path, "train", int(level == 200), number, np.full((64, 64), level, np.uint8))
    found = means(tmp_path)
    assert set(found) == {"train"}
    assert found["train"]["NORMAL"].n == found["train"]["NORMAL"].patients == 2
    assert (found["train"]["NORMAL"].image == 20).all()
    assert found["train"]["PNEUMONIA"].image.shape == (64, 64)


@pytest.mark.slow
def test_the_stored_audit_is_that_of_the_data_set():
    """Needs XRAY_DATASET; without the models, which take minutes."""
    from pipeline.audit import files, siblings
    from pipeline.audit.pictures import read

    stored = json.loads((REPOSITORY / "artifacts/audit/data.json").read_text(encoding="utf-8"))
    try:
        pictures = read(Paths.from_environment().dataset)
    except DatasetError as error:
        pytest.skip(str(error))
    assert files.of_pictures(pictures).files == stored["files"]
    assert siblings.collisions(pictures.items) == stored["collisions"]
    assert siblings.per_patient(pictures.items) == stored["per_patient"]
    found = siblings.random_split(pictures.items, pictures.digests, stored["random_split"]["test"])
    assert found["sibling"] == pytest.approx(stored["random_split"]["sibling"])
