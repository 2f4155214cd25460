"""Lines and lists per epoch: Keras' CSVLogger and History, and our own history.csv."""

import json
import math

import numpy as np
import pytest

from pipeline.config import REPOSITORY
from pipeline.foreign import read
from pipeline.recorded import record
from pipeline.runs import list_runs, open_run
from pipeline.storage import write_json


def only(path):
    found = read(path)
    assert found.problems == ()
    (run,) = found.runs
    return run


def written(folder, text, name="log.csv"):
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("name", ["log.csv", "semicolons.csv", "history.json", "plain.json"])
def test_what_keras_wrote_comes_back_exactly(keras_logs, name):
    truth = json.loads((keras_logs / "history.json").read_text(encoding="utf-8"))["history"]
    run = only(keras_logs / name)
    assert run.history["epoch"].tolist() == [1, 2, 3]
    assert run.history["val_loss"].tolist() == truth["val_loss"]
    assert run.history["sensitivity"].tolist() == truth["recall"]
    assert run.renamed["val_auc_1"] == "val_auc"
    assert run.source == ("Keras CSVLogger" if name.endswith("csv") else "Keras History")


def test_history_tells_its_settings(keras_logs):
    assert only(keras_logs / "history.json").config == {"epochs": 3, "steps": 4}


def test_a_half_written_line_is_left_out_and_told(tmp_path):
    whole = "epoch,loss,val_loss\r\n0,0.5,0.6\r\n1,0.25,0.4321\r\n"
    rows = []
    for cut in range(len(whole) + 1):
        found = read(written(tmp_path, whole[:cut]))
        rows.append(len(found.runs[0].history) if found.runs else 0)
        values = found.runs[0].history["val_loss"].tolist() if found.runs else []
        assert values == [0.6, 0.4321][: len(values)]
    assert rows == sorted(rows)
    assert rows[-1] == 2
    run = only(written(tmp_path, whole[:-4]))
    assert run.notes == ("Its last line has no end and was left out: it may be half written.",)


def test_decimal_commas_of_a_spreadsheet(tmp_path):
    run = only(written(tmp_path, "epoch;loss\n1;0,5\n2;0,25\n"))
    assert run.history["loss"].tolist() == [0.5, 0.25]
    assert run.history["epoch"].tolist() == [1, 2]


def test_a_tab_separates_too(tmp_path):
    run = only(written(tmp_path, "epoch\tloss\n0\t0.5\n", "log.tsv"))
    assert run.history["loss"].tolist() == [0.5]


def test_an_appended_log_that_goes_back_keeps_the_later_lines(tmp_path):
    text = "epoch,loss,val_loss\n0,0.9,0.9\n1,0.8,0.8\nepoch,loss,val_loss\n1,0.5,NA\n2,0.4,0.4\n"
    run = only(written(tmp_path, text))
    assert run.history["loss"].tolist() == [0.9, 0.5, 0.4]
    text = text.replace("epoch,loss,val_loss\n1,", "0,0.7,0.7\n1,")
    assert only(written(tmp_path, text)).history["loss"].tolist() == [0.7, 0.5, 0.4]


def test_both_sides_on_lines_of_their_own_come_together(tmp_path):
    text = "epoch,step,train_loss,val_loss\n0,9,,0.6\n0,9,0.5,\n1,19,,0.4\n1,19,0.3,\n"
    run = only(written(tmp_path, text, "metrics.csv"))
    assert run.history["loss"].tolist() == [0.5, 0.3]
    assert run.history["val_loss"].tolist() == [0.6, 0.4]
    assert run.history["step"].tolist() == [9, 19]
    assert run.name == tmp_path.name  # "metrics" says nothing


def test_missing_and_infinite_fields(tmp_path):
    run = only(written(tmp_path, "epoch,loss,acc\n0,nan,NA\n1,inf,0.5\n2,0.1,\n"))
    assert run.history["loss"].isna().tolist() == [True, True, False]
    assert run.history["accuracy"].isna().tolist() == [True, False, True]
    assert run.notes == ("2 values were not a finite number: kept as missing.",)


def test_a_column_of_words_is_left_out_and_named(tmp_path):
    run = only(written(tmp_path, 'epoch,loss,weights\n0,0.5,"[0.1, 0.2]"\n'))
    assert run.figures == ("loss",)
    assert run.notes == ("Not numbers, so left out: weights.",)


def test_a_folder_of_our_own_runs_comes_back(tmp_path):
    record(REPOSITORY / "artifacts" / "notebooks", tmp_path)
    found = read(tmp_path)
    (problem,) = found.problems
    assert "notebook-alexnet-16-maiden: No line of it holds an epoch" in problem
    assert len(found.runs) == len(list_runs(tmp_path).runs) - 1 == 13  # one stopped in epoch 1
    for run in found.runs:
        own = open_run(tmp_path, run.name)
        np.testing.assert_array_equal(run.history["val_loss"], own.history()["val_loss"])
        assert run.config["batch_size"] == own.config["batch_size"]


def test_validation_every_other_epoch(tmp_path):
    path = tmp_path / "mine.json"
    write_json(path, {"loss": [4, 3, 2, 1], "val_loss": [8, 6]})
    run = only(path)
    assert run.history["val_loss"].tolist()[1::2] == [8, 6]
    assert math.isnan(run.history["val_loss"][0])
    assert "every 2 epochs" in run.notes[0]


def test_a_list_that_fits_no_frequency_is_left_out(tmp_path):
    path = tmp_path / "mine.json"
    write_json(path, {"loss": list(range(10)), "val_loss": [8, 6, 5, 4]})
    run = only(path)
    assert run.figures == ("loss",)
    assert "val_loss was left out" in run.notes[0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 200_000, '{"a": [1e999', '{"a": ' + "9" * 5000 + "}", "[1, 2]", '{"a": "b"}'],
)
def test_json_that_is_no_history_becomes_a_sentence(tmp_path, text):
    found = read(written(tmp_path, text, "odd.json"))
    assert found.runs == ()
    assert len(found.problems) == 1


def test_numbers_beyond_all_floats_are_missing(tmp_path):
    run = only(written(tmp_path, '{"loss": [1e999, ' + "9" * 400 + ", NaN, 0.5]}", "odd.json"))
    assert run.history["loss"].isna().tolist() == [True, True, True, False]
    assert "3 of its values" in run.notes[0]
