import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from pipeline import evaluation


def test_file_names_tell_the_germ_and_the_series_of_the_normal_pictures():
    found = evaluation.name_families(
        [0, 0, 0, 1, 1, 1],
        ["normal", "normal", "normal", "bacteria", "virus", "unknown"],
        ["IM-0001", "NORMAL2-IM-0011", "RIM-3", "person1_bacteria", "person1_virus", "IM-0007"],
    )
    assert found["germ"] == [None, None, None, "bacterial", "viral", None]
    assert found["normal series"] == ["IM", "NORMAL2-IM", None, None, None, None]


@pytest.fixture
def judged():
    generator = np.random.default_rng(0)
    label = np.repeat([0, 1], [40, 60])
    return expit(generator.normal(label, 1)), label


def test_each_subgroup_has_the_report_of_its_own_pictures(judged):
    score, label = judged
    names = ["even" if i % 2 == 0 else "odd" for i in range(99)] + [None]
    patients = [f"p{i // 3}" for i in range(100)]
    found = evaluation.subgroups(score, label, 0.5, {"half": names}, patients, resamples=50)
    assert list(found) == ["half"]
    assert list(found["half"]) == ["even", "odd"]
    own = np.arange(0, 99, 2)
    expected = evaluation.report(
        score[own], label[own], 0.5, [patients[i] for i in own], resamples=50
    )
    assert found["half"]["even"] == expected
    assert found["half"]["odd"]["n"] == 49


def test_a_subgroup_of_one_class_is_ranked_among_all_of_the_other(judged):
    score, label = judged
    names = [None] * 40 + ["bacterial"] * 25 + ["viral"] * 35
    found = evaluation.subgroups(score, label, 0.5, {"germ": names}, resamples=50)["germ"]["viral"]
    own = np.r_[0:40, 65:100]
    auc = found["auc_against_others"]
    assert auc["value"] == pytest.approx(roc_auc_score(label[own], score[own]))
    assert auc["n"] == 75
    assert auc["low"] < auc["value"] < auc["high"]
    assert found["figures"]["auc"]["value"] is None
    assert found["figures"]["sensitivity"]["n"] == 35


def test_thirds_are_equal_parts_and_say_their_limits():
    values = np.random.default_rng(1).permutation(30) / 10
    names = evaluation.thirds(values, ("low", "middle", "high"), "cm", digits=1)
    assert {name: names.count(name) for name in set(names)} == {
        "low (up to 0.9 cm)": 10,
        "middle (up to 1.9 cm)": 10,
        "high (over 1.9 cm)": 10,
    }
    assert all(value <= 0.9 for value, name in zip(values, names, strict=True) if "low" in name)


def test_values_that_hardly_differ_make_no_thirds():
    assert evaluation.thirds([0.05] * 5, ("a", "b", "c"), "x", 2) == [None] * 5
    assert evaluation.thirds([1, 1, 1, 2], ("a", "b", "c"), "x") == [None] * 4


def test_subgroups_are_given_for_every_picture(judged):
    with pytest.raises(ValueError, match="Expected a subgroup per picture"):
        evaluation.subgroups(*judged, 0.5, {"half": ["even"]})
