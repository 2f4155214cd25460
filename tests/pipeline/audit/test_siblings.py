"""Siblings, twins and numbers that name two children, on lists whose truth can be counted."""

from pathlib import Path

import pytest

from pipeline.audit.siblings import collisions, per_patient, random_split
from pipeline.dataset import Item, patient_of


def item(name: str, split: str = "train") -> Item:
    patient, kind = patient_of(name)
    return Item(Path(name), split, int(kind != "normal"), kind, patient)


def test_patients_are_counted_by_their_pictures():
    names = ["IM-0001-0001.jpeg", "IM-0001-0002.jpeg", "IM-0002-0001.jpeg", "person1_virus_1.jpeg"]
    found = per_patient([item(name) for name in names])
    assert found["NORMAL"] == {
        "patients": 2,
        "pictures": 3,
        "median": 1.5,
        "most": 2,
        "patients_with": {"1": 1, "2": 1},
    }
    assert found["PNEUMONIA"]["patients_with"] == {"1": 1}


def test_a_random_split_of_single_pictures_leaks_nothing():
    items = [item(f"person{i}_virus_1.jpeg") for i in range(50)]
    leak = random_split(items, range(50), 10)
    assert leak["sibling"] == {"value": 0.0, "low": 0.0, "high": 0.0, "n": 10}
    assert leak["twin"]["high"] == 0.0
    assert leak["classes"]["NORMAL"]["value"] is None
    assert leak["classes"]["PNEUMONIA"]["n"] == 10


def test_with_two_pictures_each_the_share_is_that_of_drawing_without_replacement():
    items = [item(f"person{i}_virus_{k}.jpeg") for i in range(300) for k in range(2)]
    leak = random_split(items, range(600), 60)
    # The sibling of a drawn picture stays behind with probability (600 - 60) / (600 - 1).
    assert leak["sibling"]["value"] == pytest.approx(540 / 599, abs=0.02)
    assert leak["sibling"]["low"] < leak["sibling"]["value"] < leak["sibling"]["high"]
    assert leak["twin"]["value"] == 0.0


def test_identical_pictures_of_two_patients_are_twins_and_no_siblings():
    items = [item(f"person{i}_virus_1.jpeg") for i in range(100)]
    leak = random_split(items, [i // 2 for i in range(100)], 10)
    assert leak["sibling"]["value"] == 0.0
    assert leak["twin"]["value"] > 0.7


def test_the_split_must_leave_something_on_both_sides():
    with pytest.raises(ValueError, match="Expected 0 < test < 1"):
        random_split([item("person1_virus_1.jpeg")], [0], 1)


def test_a_number_of_both_kinds_is_a_collision_and_counts_across_splits():
    items = [
        item("person7_virus_1.jpeg", "train"),
        item("person7_bacteria_2.jpeg", "test"),
        item("person8_virus_3.jpeg", "train"),
        item("person8_bacteria_4.jpeg", "train"),
        item("person9_virus_5.jpeg", "train"),
        item("person9_virus_6.jpeg", "test"),
        item("IM-0001-0001.jpeg"),
        item("NORMAL2-IM-0001-0001.jpeg"),
        item("IM-0002-0001.jpeg"),
    ]
    assert collisions(items) == {
        "numbers": 3,
        "both_kinds": 2,
        "across_splits": 1,
        "pictures": 4,
        "normal_series": 1,
    }
