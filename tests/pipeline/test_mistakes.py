"""Errors of a table whose answers can be counted by hand."""

import numpy as np
import pandas as pd
import pytest

from pipeline import mistakes
from pipeline.mistakes import FALSE_NEGATIVE, FALSE_POSITIVE, RIGHT

TABLE = pd.DataFrame(
    [
        ("IM-0001-0001.jpeg", 0, "normal", "IM-0001", 0.10),
        ("IM-0002-0001.jpeg", 0, "normal", "IM-0002", 0.90),
        ("NORMAL2-IM-0003-0001.jpeg", 0, "normal", "NORMAL2-IM-0003", 0.99),
        ("person1_bacteria_1.jpeg", 1, "bacteria", "person1_bacteria", 0.05),
        ("person1_virus_2.jpeg", 1, "virus", "person1_virus", 0.50),
        ("person2_virus_3.jpeg", 1, "virus", "person2_virus", 0.45),
        ("scan.jpeg", 1, "unknown", "scan", 0.80),
    ],
    columns=["file", "label", "kind", "patient", "probability"],
)


def test_a_call_at_the_threshold_is_pneumonia():
    judged = mistakes.outcomes(TABLE, 0.5)
    assert judged["outcome"].tolist() == [
        RIGHT,
        FALSE_POSITIVE,
        FALSE_POSITIVE,
        FALSE_NEGATIVE,
        RIGHT,
        FALSE_NEGATIVE,
        RIGHT,
    ]
    assert judged["margin"].iloc[4] == pytest.approx(0)
    assert judged["margin"].iloc[1] == pytest.approx(np.log(9))


def test_subgroups_come_from_the_names():
    assert mistakes.subgroups(TABLE) == [
        "normal IM",
        "normal IM",
        "normal NORMAL2-IM",
        "bacterial",
        "viral",
        "viral",
        "other",
    ]
    assert set(mistakes.subgroups(TABLE)) <= set(mistakes.SUBGROUPS)


def test_the_surest_error_comes_first_whichever_way_it_errs():
    judged = mistakes.outcomes(TABLE, 0.5)
    surest = mistakes.selected(judged)["probability"].tolist()
    assert surest == [0.99, 0.05, 0.90, 0.45]
    assert mistakes.selected(judged, order="least sure")["probability"].tolist() == surest[::-1]


def test_kinds_and_subgroups_filter_together():
    judged = mistakes.outcomes(TABLE, 0.5)
    missed = mistakes.selected(judged, FALSE_NEGATIVE)
    assert missed["file"].tolist() == ["person1_bacteria_1.jpeg", "person2_virus_3.jpeg"]
    assert len(mistakes.selected(judged, FALSE_NEGATIVE, ("viral",))) == 1
    assert mistakes.selected(judged, FALSE_POSITIVE, ("viral",)).empty
    assert mistakes.counts(judged) == {"all": 4, FALSE_POSITIVE: 2, FALSE_NEGATIVE: 2, "unsure": 0}


def test_unsure_cases_are_those_in_the_band_right_or_wrong():
    judged = mistakes.outcomes(TABLE, 0.5, {"low": 0.45, "high": 0.8})
    unsure = mistakes.selected(judged, "unsure", order="file")
    assert unsure["probability"].tolist() == [0.50, 0.45]  # low belongs to the band, high does not
    assert set(unsure["outcome"]) == {RIGHT, FALSE_NEGATIVE}


def test_the_most_shared_errors_come_first_when_asked():
    judged = mistakes.outcomes(TABLE, 0.5).assign(also_wrong=[0, 1, 0, 3, 0, 2, 0])
    assert mistakes.selected(judged, order="most shared")["also_wrong"].tolist() == [3, 2, 1, 0]


def test_error_rates_carry_their_denominator_and_interval():
    rows = {row["subgroup"]: row for row in mistakes.error_rates(mistakes.outcomes(TABLE, 0.5))}
    assert (rows["normal IM"]["wrong"], rows["normal IM"]["n"]) == (1, 2)
    assert rows["normal IM"]["error"] == FALSE_POSITIVE
    assert rows["viral"]["value"] == 0.5
    assert rows["viral"]["low"] < 0.5 < rows["viral"]["high"]


@pytest.mark.parametrize("threshold", [0, 1, float("nan")])
def test_a_threshold_outside_of_0_and_1_is_the_callers_mistake(threshold):
    with pytest.raises(ValueError, match=r"Expected 0 < threshold < 1\. Received"):
        mistakes.outcomes(TABLE, threshold)


def test_an_unknown_kind_or_order_is_the_callers_mistake():
    with pytest.raises(ValueError, match="Expected a known kind"):
        mistakes.selected(mistakes.outcomes(TABLE, 0.5), "wrong")


def test_a_picture_is_found_in_its_split_and_class(tmp_path):
    folder = tmp_path / "train" / "NORMAL"
    folder.mkdir(parents=True)
    (folder / "IM-1.jpeg").write_bytes(b"x")
    # Validation patients were taken out of the training folder.
    found = mistakes.picture_path(tmp_path, "validation", 0, "IM-1.jpeg")
    assert found == folder / "IM-1.jpeg"
    assert mistakes.picture_path(tmp_path, "validation", 1, "IM-1.jpeg") is None
    assert mistakes.picture_path(tmp_path, "test", 0, "IM-1.jpeg") is None


@pytest.mark.parametrize("file", ["../secret.txt", "NORMAL/../../secret.txt", "/etc/passwd", ".."])
def test_a_name_never_leads_out_of_the_data_set(tmp_path, file):
    (tmp_path / "test" / "NORMAL").mkdir(parents=True)
    (tmp_path / "test" / "secret.txt").write_text("x")
    assert mistakes.picture_path(tmp_path, "test", 0, file) is None
