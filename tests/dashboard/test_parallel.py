"""Settings against results: what each axis says."""

import json

import numpy as np
import pytest

from dashboard.figures import most_telling, parallel


def axes(**settings):
    count = len(next(iter(settings.values())))
    figure = parallel(settings, np.linspace(0, 1, count), "AUC")
    json.loads(figure.to_json())  # it can be sent
    return {axis.label: axis for axis in figure.data[0].dimensions}


def test_a_number_stands_where_it_is_and_the_result_comes_last():
    found = axes(width=[0.5, 1.0, 2.0])
    assert list(found) == ["width", "AUC"]
    assert list(found["width"].values) == [0.5, 1.0, 2.0]
    assert found["width"].ticktext == ("0.5", "1", "2")


def test_rates_of_very_different_size_stand_by_their_logarithm():
    rate = axes(learning_rate=[1e-5, 1e-3, 1e-1])["learning rate (log)"]
    assert np.diff(rate.values) == pytest.approx([2, 2])
    assert rate.ticktext == ("1e-05", "0.001", "0.1")


def test_words_switches_and_what_is_not_told_each_have_a_place():
    found = axes(optimizer=["sgd", "adam", None], flip=[True, False, True], patience=[10, None, 9])
    assert found["optimizer"].ticktext == ("adam", "sgd", "not recorded")
    assert list(found["optimizer"].values) == [1, 0, 2]
    assert found["flip"].ticktext == ("no", "yes")
    # Numbers keep their order beside one that is missing: 9 before 10.
    assert found["patience"].ticktext == ("9", "10", "not recorded")


def test_many_numbers_have_a_few_ticks_and_all_their_lines():
    rate = axes(rate=list(np.geomspace(1e-6, 1, 40)))["rate (log)"]
    assert len(rate.values) == 40
    assert len(rate.tickvals) == 6


def test_the_result_gives_the_colour_of_a_line():
    figure = parallel({"width": [1, 2]}, [0.7, 0.9], "AUC")
    assert list(figure.data[0].line.color) == [0.7, 0.9]


def test_a_setting_must_have_a_value_per_run():
    with pytest.raises(ValueError, match="Expected 2 values"):
        parallel({"width": [1, 2, 3]}, [0.7, 0.9], "AUC")


def test_seeds_and_untold_settings_stand_back():
    settings = {"seed": [0, 1, 2], "old": [1, None, 1], "rate": [1, 1, 2], "flip": [1, 2, 1]}
    assert most_telling(settings) == ["rate", "flip", "seed", "old"]


def test_long_words_are_cut():
    assert axes(loss=["categorical_crossentropy", "mse"])["loss"].ticktext[0] == "categorical_c…"
