import os

import pandas as pd

from pipeline.curves import axes, figures, stalled_since
from pipeline.runs import Run


def history(**columns):
    length = len(next(iter(columns.values())))
    return pd.DataFrame({"epoch": range(1, length + 1), **columns})


def run_of(folder, status="finished", **document):
    config = document.pop("config", {"batch_size": 32})
    required = {"name": "run", "title": "Run", "architecture": "a", "parameters": {"total": 1}}
    return Run(folder, {**required, "status": status, "config": config, **document})


TRAIN = {"train": {"NORMAL": 30, "PNEUMONIA": 71}}


def test_axes_count_epochs_steps_seconds_and_images(tmp_path):
    told = axes(run_of(tmp_path, data=TRAIN), history(epoch=[1, 2], seconds=[10.0, 5.0]))
    assert {name: list(values) for name, values in told.items()} == {
        "epoch": [1, 2],
        "step": [4, 8],  # 101 images in batches of 32
        "seconds": [10, 15],
        "images": [101, 202],
    }


def test_steps_that_were_logged_count_as_they_are(tmp_path):
    told = axes(run_of(tmp_path), history(epoch=[1, 2], step=[100, 250]))
    assert list(told["step"]) == [100, 250]
    assert list(told["images"]) == [3200, 8000]


def test_an_axis_that_nothing_tells_of_is_absent(tmp_path):
    assert set(axes(run_of(tmp_path, config={}), history(epoch=[1]))) == {"epoch"}


def test_figures_are_named_once_for_both_sides():
    told = history(epoch=[1], step=[1], seconds=[1], val_loss=[1], loss=[1], val_f1=[1])
    assert figures(told) == ["loss", "f1"]


def test_a_training_is_stalled_when_it_has_been_silent_for_five_epochs(tmp_path):
    (tmp_path / "history.csv").write_text("epoch\n")
    os.utime(tmp_path / "history.csv", (1000, 1000))
    under_way = run_of(tmp_path, "unfinished")
    slow, quick = history(epoch=[1], seconds=[300.0]), history(epoch=[1], seconds=[1.0])
    assert stalled_since(under_way, slow, now=1000 + 1500) is None
    assert stalled_since(under_way, slow, now=1000 + 1501) == 1000
    assert stalled_since(under_way, quick, now=1000 + 599) is None
    assert stalled_since(under_way, quick, now=1000 + 601) == 1000
    assert stalled_since(run_of(tmp_path, "finished"), quick, now=1e9) is None
