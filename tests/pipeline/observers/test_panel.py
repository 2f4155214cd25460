"""Which answers belong together."""

from dataclasses import replace

import pytest

from pipeline.observers.panel import contrasts, panels, repeats, reveals
from pipeline.observers.study import findings
from pipeline.readings.design import AI_FIRST, READ_THEN_REVEAL


def moments(readings):
    return [(one.moment.pass_number, one.moment.stage) for one in panels(readings)]


def test_a_pass_with_a_reveal_has_two_moments_others_one(drawn_study):
    shapes = (("none", READ_THEN_REVEAL), ("text", AI_FIRST), ("overlay", READ_THEN_REVEAL))
    readings = drawn_study(2, 6, passes=shapes)
    assert moments(readings) == [(1, "before"), (2, "after"), (3, "before"), (3, "after")]


def test_answers_stand_where_their_case_and_reader_are(drawn_study):
    readings = drawn_study(3, 10)
    before, after = panels(readings)
    for one in readings:
        row, column = one.case - 1, before.readers.index(one.reader)
        assert before.call[row, column] == one.first.pneumonia
        assert before.score[row, column] == one.first.score
        assert after.call[row, column] == one.final.pneumonia
        assert before.patients[row] == one.patient
        assert before.model_call[row] == one.model_pneumonia


def test_what_is_missing_stays_missing(drawn_study):
    readings = drawn_study(2, 6)
    readings[0] = replace(readings[0], final=None)
    before, after = panels(readings)
    assert before.answered.all()
    assert (~after.answered).sum() == 1
    none = [replace(one, label=None) for one in readings]
    assert not panels(none)[0].labelled.any()


def test_passes_are_compared_only_where_readers_saw_other_things(drawn_study):
    shapes = (("overlay", READ_THEN_REVEAL), ("none", READ_THEN_REVEAL))
    every = panels(drawn_study(2, 6, passes=shapes))
    assert [(a.moment.pass_number, b.moment.pass_number) for a, b in reveals(every)] == [(1, 1)]
    # Between passes, the one that shows less comes first, whenever it was read.
    assert [(a.moment.pass_number, b.moment.pass_number) for a, b in contrasts(every)] == [
        (1, 1),
        (2, 1),
    ]
    assert [(a.moment.stage, b.moment.stage) for a, b in repeats(every)] == [("before", "before")]


def test_readings_of_two_studies_or_twice_the_same_are_refused(drawn_study):
    readings = drawn_study(2, 4)
    with pytest.raises(ValueError, match="one study"):
        findings([*readings, replace(readings[0], study="other")])
    with pytest.raises(ValueError, match="one reading of a case"):
        findings([*readings, readings[0]])


def test_nothing_gives_nothing():
    found = findings([])
    assert (found.readers, found.agreements, found.comparisons) == ((), (), ())
    assert found.finished == 0
