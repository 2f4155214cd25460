import numpy as np
import pytest

from pipeline.foreign.timing import moment, seconds_of


def test_a_row_begins_where_the_one_before_ended():
    assert seconds_of(np.array([12.0, 15.0, 19.0]), [10.0]).tolist() == [2.0, 3.0, 4.0]


def test_the_pause_between_two_sessions_is_no_training():
    seconds = seconds_of(np.array([12.0, 1002.0, 1004.0]), [1000.0, 10.0])
    assert seconds.tolist() == [2.0, 2.0, 2.0]


def test_the_first_row_of_a_log_that_was_opened_late_is_unknown():
    seconds = seconds_of(np.array([10.0, 15.0, 20.0]), [9.9])
    assert np.isnan(seconds[0])
    assert seconds[1:].tolist() == [5.0, 5.0]


def test_a_clock_that_was_set_back_gives_no_negative_seconds():
    seconds = seconds_of(np.array([12.0, 8.0, 11.0]), [7.0])
    assert seconds[0] == 5.0
    assert np.isnan(seconds[1])
    assert seconds[2] == 3.0


@pytest.mark.parametrize("times", [[], [np.nan, np.nan], [5.0, 5.0]])
def test_without_times_there_are_no_seconds(times):
    assert seconds_of(np.array(times), []) is None


def test_a_moment_is_a_date_or_nothing():
    assert moment(1_700_000_000) == "2023-11-14T22:13:20+00:00"
    assert moment(0) is None
    assert moment(float("nan")) is None
    assert moment(1e300) is None
