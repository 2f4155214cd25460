"""What a DICOM header says against judging its picture."""

import pytest

from pipeline.gate.tags import check_tags
from pipeline.tags import Tags, years


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        ("003Y", 3),
        ("018M", 1.5),
        ("052W", 52 * 7 / 365.25),
        ("100D", 100 / 365.25),
        ("58Y", 58),
        (" 004y ", 4),
    ],
)
def test_ages_are_read_as_dicom_writes_them(age, expected):
    assert years(age) == pytest.approx(expected)


@pytest.mark.parametrize("age", [None, "", "4", "Y", "00YY", "four", "0004Y", "-03Y", "003Y\\004Y"])
def test_an_age_that_cannot_be_read_is_not_known(age):
    assert years(age) is None


@pytest.mark.parametrize(
    "tags",
    [
        Tags(),
        Tags(age_years=1, view="AP", body_part="CHEST", modality="CR"),
        Tags(age_years=5.9, view=" pa ", body_part="chest", modality="dx"),
        Tags(view="", body_part=" ", modality="SC"),
    ],
)
def test_a_small_childs_frontal_chest_and_a_silent_header_pass(tags):
    assert check_tags(tags) == ()


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        (Tags(age_years=58), "an adult of 58 years; the model saw children of 1 to 5 years only"),
        (Tags(age_years=9), "a child of 9 years"),
        (Tags(age_years=0.5), "an infant of 6 months"),
        (Tags(view="LL"), "a lateral view"),
        (Tags(view="lateral"), "a lateral view"),
        (Tags(view="RLD"), "a decubitus view"),
        (Tags(view="LORDOTIC"), "“lordotic”"),
        (Tags(body_part="HAND"), "another part of the body: “hand”"),
        (Tags(modality="CT"), "computed tomography, not a radiograph"),
        (Tags(modality="XC"), "“xc”, not a radiograph"),
    ],
)
def test_anything_else_is_refused_with_the_reason(tags, words):
    (reason,) = check_tags(tags)
    assert words in reason
    assert reason.endswith(".")


def test_every_tag_has_its_own_reason():
    tags = Tags(age_years=40, view="RL", body_part="KNEE", modality="MR")
    assert len(check_tags(tags)) == 4


def test_a_hostile_header_is_shown_as_short_plain_words():
    (reason,) = check_tags(Tags(body_part="[x](http://y)\n# <b>" + "A" * 500))
    assert not set("[]()<>#\n/") & set(reason)
    assert len(reason) < 120
    assert check_tags(Tags(body_part="***"))[0].endswith("an unknown term.")


@pytest.mark.parametrize("age", [-1, 200, float("nan")])
def test_an_impossible_age_is_a_callers_mistake(age):
    with pytest.raises(ValueError, match="Expected an age of 0 to 200 years"):
        Tags(age_years=age)
