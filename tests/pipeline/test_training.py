import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import evaluation
from pipeline.config import training_config
from pipeline.errors import DatasetError, TrainingError
from pipeline.export import file_sha256
from pipeline.runs import HISTORY_COLUMNS, PREDICTION_COLUMNS, best_epoch, list_runs, open_run
from pipeline.storage import write_json
from pipeline.training import Progress, _MemoryErrorsExplained, train

# Builds in no time: for all that is not about convolutions.
QUICK = training_config(
    "dense_baseline", size_px=32, epochs=2, batch_size=16, learning_rate=1e-3, augment=False
)


class Interruption(BaseException):
    """Like Ctrl-C: no handler of errors sees it."""


def interrupt(epoch: int, step: int) -> Callable[[Progress], None]:
    """Return a callback that stops when `step` has been made and `epoch` stored."""

    def check(progress: Progress) -> None:
        stored = progress.last_row["epoch"] if progress.last_row else 0
        if stored >= epoch and progress.step >= step:
            raise Interruption

    return check


@pytest.fixture(scope="module")
def reports() -> list[Progress]:
    """What `quick_run` reported."""
    return []


@pytest.fixture(scope="module")
def shares() -> list[float]:
    """What `quick_run` reported while reading."""
    return []


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory, toy_dataset, reports, shares):
    folder = tmp_path_factory.mktemp("quick")
    return train(
        QUICK, toy_dataset, folder, "quick", progress=reports.append, loading=shares.append
    )


@pytest.fixture(scope="module")
def begun(tmp_path_factory, toy_dataset) -> Path:
    """Folder of a training like `quick_run`, stopped in its second epoch."""
    folder = tmp_path_factory.mktemp("begun")
    with pytest.raises(Interruption):
        train(QUICK, toy_dataset, folder, "cut", progress=interrupt(epoch=1, step=1))
    return folder


def test_a_separable_toy_is_learned(toy_run):
    figures = toy_run.metrics()["test"]["balanced"]["figures"]
    assert figures["auc"]["value"] > 0.95
    assert figures["balanced_accuracy"]["value"] > 0.85


def test_a_finished_run_has_every_file_and_nothing_else(toy_run):
    assert sorted(path.name for path in toy_run.folder.iterdir()) == [
        "history.csv",
        "metrics.json",
        "model.keras",
        "model.onnx",
        "predictions.csv",
        "run.json",
    ]
    assert toy_run.status == "finished"
    assert toy_run.document["model_sha256"] == file_sha256(toy_run.folder / "model.onnx")


def test_the_stored_network_does_not_carry_the_optimiser(toy_run):
    weights = 4 * toy_run.parameters
    assert (toy_run.folder / "model.keras").stat().st_size < 1.3 * weights


def test_the_history_has_every_column_for_every_epoch(toy_run, toy_config):
    history = toy_run.history()
    assert tuple(history.columns) == HISTORY_COLUMNS
    assert history["epoch"].tolist() == list(range(1, toy_config.epochs + 1))
    assert history.notna().all(axis=None)
    # Warm-up reaches the highest rate at the end of its epoch, the cosine falls from there.
    assert history["learning_rate"].iloc[0] == pytest.approx(toy_config.learning_rate)
    assert history["learning_rate"].is_monotonic_decreasing


def test_the_best_epoch_is_the_one_with_the_best_monitored_figure(toy_run, toy_config):
    history = toy_run.history()
    best = toy_run.document["best_epoch"]
    assert best == best_epoch(history, toy_config.monitor)
    assert history.set_index("epoch").loc[best, "val_auc"] == history["val_auc"].max()
    # The stored network is that epoch's: its validation loss comes out of the predictions.
    own = toy_run.predictions().query("split == 'validation'")
    signed = np.where(own["label"] == 1, own["logit"], -own["logit"])
    expected = history.set_index("epoch").loc[best, "val_loss"]
    assert np.logaddexp(0, -signed).mean() == pytest.approx(expected, abs=1e-4)


def test_every_held_out_picture_is_judged_once_and_no_trained_one(toy_run, toy_dataset):
    table = toy_run.predictions()
    assert tuple(table.columns) == PREDICTION_COLUMNS
    assert not table.duplicated(["split", "file"]).any()
    # The toys' names repeat from split to split, as patients of different splits do not.
    assert table["split"].value_counts().to_dict() == {"validation": 12, "val": 4, "test": 40}
    counted = toy_run.document["data"]
    trained = {name: counted["train"][name] for name in ("NORMAL", "PNEUMONIA")}
    assert trained == {"NORMAL": 34, "PNEUMONIA": 34}
    there = {path.name for path in (toy_dataset / "train").glob("*/*")}
    assert set(table.query("split == 'validation'")["file"]) <= there


def test_all_figures_can_be_had_again_from_the_predictions(toy_run, tmp_path):
    table = toy_run.predictions()
    fitted = evaluation.fit_decision(table)
    assert fitted == {key: toy_run.document[key] for key in fitted}
    write_json(tmp_path / "again.json", evaluation.judge(table, fitted["operating_points"]))
    stored = (toy_run.folder / "metrics.json").read_bytes()
    assert (tmp_path / "again.json").read_bytes() == stored


def test_the_test_images_decide_nothing(toys, toy_dataset, quick_run, tmp_path):
    shutil.copytree(toy_dataset / "train", tmp_path / "data" / "train")
    toys(tmp_path / "data", "test", 7, 99)
    other = train(QUICK, tmp_path / "data", tmp_path / "runs", "other")
    for key in ("calibration", "operating_points", "operating_point", "best_epoch"):
        assert other.document[key] == quick_run.document[key]
    assert other.metrics()["validation"] == quick_run.metrics()["validation"]
    assert other.metrics()["test"] != quick_run.metrics()["test"]


def comparable(run) -> pd.DataFrame:
    return run.history().drop(columns="seconds")


def test_the_same_seed_gives_the_same_history(begun, quick_run):
    first_epoch = comparable(open_run(begun, "cut"))
    pd.testing.assert_frame_equal(first_epoch, comparable(quick_run)[:1], check_exact=True)


def test_another_seed_gives_another_history(toy_dataset, quick_run, reports, tmp_path):
    losses = []

    def stop(progress: Progress) -> None:
        losses.append(progress.loss)
        raise Interruption

    with pytest.raises(Interruption):
        train(replace(QUICK, seed=1), toy_dataset, tmp_path, "other", progress=stop)
    assert losses[0] != reports[0].loss


def test_every_seed_shares_the_validation_patients(toy_run, quick_run):
    def held_out(run):
        return set(run.predictions().query("split == 'validation'")["patient"])

    assert held_out(toy_run) == held_out(quick_run)


def test_progress_reports_every_step_and_then_the_epoch_s_row(quick_run, reports):
    assert [(p.epoch, p.step) for p in reports] == [
        (epoch, step) for epoch in (1, 2) for step in (1, 2, 3, 4, 5, 5)
    ]
    assert reports[0].last_row is None
    assert [p.last_row["epoch"] for p in reports[5:]] == [1] * 6 + [2]


def test_reading_reports_its_share_up_to_the_end(quick_run, shares):
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_training_stops_when_patience_is_spent(toy_dataset, tmp_path):
    # A rate so high that the first epoch stays the best, or nearly.
    config = replace(QUICK, epochs=30, patience=2, learning_rate=0.5, schedule="constant")
    run = train(config, toy_dataset, tmp_path, "a")
    epochs, best = len(run.history()), run.document["best_epoch"]
    assert epochs < 30
    assert epochs - best == 2


def test_the_data_set_is_only_read(toy_dataset, quick_run):
    assert {path.name for path in toy_dataset.iterdir()} == {"train", "val", "test"}
    assert all(path.suffix == ".jpeg" for path in toy_dataset.glob("*/*/*"))


class TestAUserSeesWhatFailed:
    def test_without_data_nothing_is_left_behind(self, tmp_path):
        with pytest.raises(DatasetError, match="does not exist"):
            train(QUICK, tmp_path / "nowhere", tmp_path / "runs", "a")
        assert list((tmp_path / "runs").iterdir()) == []

    def test_a_folder_that_cannot_be_written_is_named(self, toy_dataset, tmp_path):
        (tmp_path / "runs").write_text("a file where the folder should be")
        with pytest.raises(TrainingError, match="runs is not writable"):
            train(QUICK, toy_dataset, tmp_path / "runs", "a")

    def test_a_loss_that_is_no_number_stops_the_training(self, toy_dataset, tmp_path):
        config = replace(QUICK, learning_rate=1e38)
        with pytest.raises(TrainingError, match="stopped being a number in epoch 1"):
            train(config, toy_dataset, tmp_path, "a")
        assert list_runs(tmp_path).runs == ()

    def test_pictures_too_small_for_a_network_are_named(self, toy_dataset, tmp_path):
        config = training_config("alexnet", size_px=32)
        with pytest.raises(TrainingError, match="cannot be built for pictures of 32 pixels"):
            train(config, toy_dataset, tmp_path, "a")

    @pytest.mark.parametrize(
        "error",
        [
            MemoryError(),
            type("ResourceExhaustedError", (Exception,), {})("OOM when allocating tensor"),
            RuntimeError("RESOURCE_EXHAUSTED: out of memory"),
        ],
    )
    def test_too_little_memory_is_said_whatever_the_backend(self, toy_dataset, tmp_path, error):
        def fail(_):
            raise error

        with pytest.raises(TrainingError, match="too little memory"):
            train(QUICK, toy_dataset, tmp_path, "a", loading=fail)

    def test_any_other_error_passes_unchanged(self):
        with pytest.raises(KeyError), _MemoryErrorsExplained():
            raise KeyError("batch")

    def test_a_file_that_cannot_be_written_is_said(self, toy_dataset, tmp_path):
        (tmp_path / "a" / "run.json").mkdir(parents=True)
        with pytest.raises(TrainingError, match=r"could not be written \(Is a directory"):
            train(QUICK, toy_dataset, tmp_path, "a")

    def test_a_name_that_is_taken_is_refused(self, toy_dataset, quick_run):
        with pytest.raises(TrainingError, match="already finished"):
            train(QUICK, toy_dataset, quick_run.folder.parent, "quick")


class TestARunThatWasCutOff:
    @pytest.fixture
    def runs(self, begun, tmp_path) -> Path:
        return shutil.copytree(begun, tmp_path / "runs")

    def test_is_not_listed_unless_asked_for(self, runs):
        assert list_runs(runs).runs == ()
        assert [run.name for run in list_runs(runs, unfinished=True).runs] == ["cut"]

    def test_needs_resume(self, runs, toy_dataset):
        with pytest.raises(TrainingError, match="begun and cut off"):
            train(QUICK, toy_dataset, runs, "cut")

    def test_goes_on_only_with_the_same_settings_and_pictures(self, runs, toys, tmp_path):
        with pytest.raises(TrainingError, match="other settings"):
            train(replace(QUICK, epochs=9), tmp_path / "data", runs, "cut", resume=True)
        toys(tmp_path / "data", "train", 40, 123)
        with pytest.raises(TrainingError, match="other pictures"):
            train(QUICK, tmp_path / "data", runs, "cut", resume=True)

    def test_forgets_a_row_whose_checkpoint_was_not_stored(self, runs, toy_dataset, quick_run):
        with (runs / "cut" / "history.csv").open("a") as file:
            file.write("2,1.0,0.9,9,9,9,9,9,9,9,9,9,9,9\n3,1.0")
        (runs / "cut" / ".partial-abc.json").write_text("half")
        finished = train(QUICK, toy_dataset, runs, "cut", resume=True)
        pd.testing.assert_frame_equal(comparable(finished), comparable(quick_run))
        assert not list(finished.folder.glob(".partial-*"))
        assert json.loads((finished.folder / "run.json").read_text())["status"] == "finished"
