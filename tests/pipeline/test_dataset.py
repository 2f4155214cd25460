"""The index, the patients behind file names, and a split that does not leak."""

import csv
from pathlib import Path

import numpy as np
import pytest

from pipeline.config import CLASS_NAMES, Paths
from pipeline.dataset import (
    Item,
    fingerprint,
    image_hashes,
    index,
    index_labelled,
    load_images,
    patient_of,
    split_by_patient,
)
from pipeline.errors import DatasetError
from pipeline.images import encode_png, read_image, resize


def put(folder: Path, place: str, seed: int = 0) -> Path:
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (64, 64), dtype=np.uint8)
    path.write_bytes(encode_png(noise))
    return path


def item(name: str, label: int, split: str = "train") -> Item:
    patient, kind = patient_of(name)
    return Item(Path(name), split, label, kind, patient)


def many_items() -> list[Item]:
    """Forty NORMAL and sixty PNEUMONIA patients with three pictures each."""
    normal = [item(f"IM-{n:04}-000{k}.jpeg", 0) for n in range(40) for k in range(3)]
    return normal + [item(f"person{n}_virus_{k}.jpeg", 1) for n in range(60) for k in range(3)]


def distinct(items: list[Item]) -> list[str]:
    return [f"hash of {each.name}" for each in items]


@pytest.mark.parametrize(
    ("name", "patient", "kind"),
    [
        ("IM-0001-0001.jpeg", "IM-0001", "normal"),
        ("IM-0149-0001-0001.jpeg", "IM-0149", "normal"),
        ("NORMAL2-IM-0051-0001.jpeg", "NORMAL2-IM-0051", "normal"),
        ("NORMAL2-IM-0173-0001-0002.jpeg", "NORMAL2-IM-0173", "normal"),
        ("person28_virus_63.jpeg", "person28_virus", "virus"),
        ("person447_virus_921_1.jpeg", "person447_virus", "virus"),
        ("person1_bacteria_1.jpeg", "person1_bacteria", "bacteria"),
        ("my own picture.png", "my own picture", "unknown"),
    ],
)
def test_the_patient_and_the_kind_are_read_from_the_files_name(name, patient, kind):
    assert patient_of(name) == (patient, kind)


def test_the_same_number_of_two_kinds_is_two_children():
    assert patient_of("person28_virus_63.jpeg")[0] != patient_of("person28_bacteria_139.jpeg")[0]
    assert patient_of("IM-0051-0001.jpeg")[0] != patient_of("NORMAL2-IM-0051-0001.jpeg")[0]


def test_the_index_lists_only_pictures_in_a_fixed_order(tmp_path):
    put(tmp_path, "train/PNEUMONIA/person2_virus_1.jpeg")
    put(tmp_path, "train/NORMAL/b.png")
    put(tmp_path, "train/NORMAL/a.JPG")
    put(tmp_path, "train/NORMAL/.partial-x.png")
    put(tmp_path, "train/NORMAL/notes.txt")
    found = index(tmp_path, ("train",))
    assert [(each.name, each.label, each.kind) for each in found] == [
        ("a.JPG", 0, "normal"),
        ("b.png", 0, "normal"),
        ("person2_virus_1.jpeg", 1, "virus"),
    ]


def test_a_missing_folder_and_a_missing_split_are_told_apart(tmp_path):
    with pytest.raises(DatasetError, match="does not exist"):
        index(tmp_path / "nowhere")
    put(tmp_path, "train/NORMAL/a.png")
    with pytest.raises(DatasetError, match="holds no pictures under val/ or test/"):
        index(tmp_path)


def test_any_folder_with_the_two_classes_can_be_indexed(tmp_path):
    put(tmp_path, "PNEUMONIA/x.png")
    assert [(each.split, each.label) for each in index_labelled(tmp_path)] == [("external", 1)]
    with pytest.raises(DatasetError, match="no pictures under NORMAL/ or PNEUMONIA/"):
        index_labelled(tmp_path / "PNEUMONIA")


def test_images_are_loaded_in_the_order_of_the_items(tmp_path):
    for seed in range(3):
        put(tmp_path, f"train/NORMAL/{seed}.png", seed)
    items = index(tmp_path, ("train",))
    told = []
    images = load_images(items, 32, told.append)
    assert told[-1] == 1.0
    for image, each in zip(images, items, strict=True):
        np.testing.assert_array_equal(image, resize(read_image(each.path), 32))
    assert len(set(image_hashes(images))) == 3


def test_a_broken_file_is_named(tmp_path):
    put(tmp_path, "train/NORMAL/good.png")
    whole = put(tmp_path, "train/NORMAL/torn.png")
    whole.write_bytes(whole.read_bytes()[:600])
    with pytest.raises(DatasetError, match=r"torn\.png cannot be read"):
        load_images(index(tmp_path, ("train",)), 32)


def test_the_fingerprint_ignores_order_but_no_pixel_label_or_name():
    items, hashes = [item("IM-1-1.png", 0), item("IM-2-1.png", 0)], ["a", "b"]
    same = fingerprint(items[::-1], hashes[::-1])
    assert fingerprint(items, hashes) == same
    assert fingerprint(items, ["a", "c"]) != same
    assert fingerprint([items[0], item("IM-2-1.png", 1)], hashes) != same
    assert fingerprint([items[0], item("IM-3-1.png", 0)], hashes) != same


@pytest.mark.parametrize("seed", range(5))
def test_no_patient_stands_on_both_sides_of_the_split(seed):
    items = many_items()
    chosen = split_by_patient(items, distinct(items), 0.2, seed)
    held_out = {each.patient for each, out in zip(items, chosen, strict=True) if out}
    kept = {each.patient for each, out in zip(items, chosen, strict=True) if not out}
    assert held_out
    assert not held_out & kept


@pytest.mark.parametrize("seed", range(20))
def test_patients_who_share_a_picture_stay_together_through_a_chain(seed):
    items = many_items()
    hashes = distinct(items)
    # 0 and 1 share a picture, and so do 1 and 2: all three belong together.
    hashes[0] = hashes[3] = "shared by patients 0 and 1"
    hashes[4] = hashes[6] = "shared by patients 1 and 2"
    chosen = split_by_patient(items, hashes, 0.5, seed)
    assert len(set(chosen[:9].tolist())) == 1


def test_each_class_gives_up_its_fraction_of_patients():
    items = many_items()
    chosen = split_by_patient(items, distinct(items), 0.2, seed=3)
    labels = np.array([each.label for each in items])
    assert chosen[labels == 0].sum() == 3 * 8
    assert chosen[labels == 1].sum() == 3 * 12


def test_the_split_depends_on_the_seed_and_on_nothing_else():
    items = many_items()
    chosen = split_by_patient(items, distinct(items), 0.2, seed=1)
    again = split_by_patient(items[::-1], distinct(items[::-1]), 0.2, seed=1)
    np.testing.assert_array_equal(chosen, again[::-1])
    assert (chosen != split_by_patient(items, distinct(items), 0.2, seed=2)).any()


def test_the_split_does_not_depend_on_the_order_of_joined_patients():
    items = many_items()
    hashes = distinct(items)
    hashes[0] = hashes[30] = "shared"
    chosen = split_by_patient(items, hashes, 0.3, seed=1)
    again = split_by_patient(items[::-1], hashes[::-1], 0.3, seed=1)
    np.testing.assert_array_equal(chosen, again[::-1])


def test_a_class_with_one_patient_cannot_be_split():
    items = [item("IM-0001-0001.jpeg", 0), item("person1_virus_1.jpeg", 1)]
    with pytest.raises(DatasetError, match="NORMAL has 1 patients, too few"):
        split_by_patient(items, distinct(items), 0.2, seed=0)


@pytest.mark.slow
def test_patients_agree_with_the_manifest_of_the_real_data_set():
    manifest = Paths.from_environment().dataset / "manifest.csv"
    if not manifest.is_file():
        pytest.skip(
            "needs manifest.csv (columns file,split,class,kind,patient) in the data set's folder; "
            "fetch the data set with 'python -m pipeline data fetch kaggle', put a manifest beside "
            "train/ and set XRAY_DATASET"
        )
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5856
    listed = {
        (row["split"], row["class"], row["file"]): (row["patient"], row["kind"]) for row in rows
    }
    found = {
        (each.split, CLASS_NAMES[each.label], each.name): (each.patient, each.kind)
        for each in index(manifest.parent)
    }
    assert found == listed
