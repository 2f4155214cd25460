import json
import shutil

import pytest

from pipeline.architectures import ARCHITECTURES
from pipeline.config import REPOSITORY
from pipeline.errors import RunError
from pipeline.recorded import VALIDATED_ON_TEST, record
from pipeline.runs import list_runs
from pipeline.storage import write_json

SOURCE = REPOSITORY / "artifacts" / "notebooks"
TRAININGS = json.loads((SOURCE / "runs.json").read_text(encoding="utf-8"))


@pytest.fixture
def runs(tmp_path):
    record(SOURCE, tmp_path)
    return {run.document["source"]["identifier"]: run for run in list_runs(tmp_path).runs}


def test_every_recorded_training_becomes_a_run_with_exactly_its_figures(runs):
    assert len(TRAININGS) == len(runs) == 14
    for training in TRAININGS:
        run = runs[training["run_id"]]
        rows = run.history().to_dict("records")
        columns = ("epoch", "seconds", "loss", "accuracy", "val_loss", "val_accuracy")
        assert rows == [{key: epoch[key] for key in columns} for epoch in training["epochs"]]
        assert run.status == "recorded"
        assert not run.servable
        assert run.parameters == training["params_total"]
        assert run.config["epochs"] == training["epochs_planned"]
        assert run.config.get("learning_rate") == training["learning_rate"]
        assert run.document["seconds"] == sum(epoch["seconds"] for epoch in training["epochs"])


def test_the_rebuilt_architecture_has_the_recorded_parameters_but_for_the_known_variant(runs):
    described = json.loads((SOURCE / "architectures.json").read_text(encoding="utf-8"))["models"]
    names = ("dense_baseline", "basic_conv2d", "alexnet", "simple_resnet", "resnet_2_5_2")
    totals = {name: model["total"] for name, model in zip(names, described, strict=True)}
    for identifier, run in runs.items():
        assert run.architecture in ARCHITECTURES
        if identifier == "early_conv128_16":
            assert any("128 units" in note for note in run.notes)
        else:
            assert run.parameters == totals[run.architecture]


def test_recording_again_changes_no_byte(tmp_path):
    record(SOURCE, tmp_path)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    record(SOURCE, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first


def test_the_stored_runs_are_what_the_record_gives(tmp_path):
    for run in record(SOURCE, tmp_path):
        for name in ("run.json", "history.csv"):
            stored = REPOSITORY / "artifacts" / "runs" / run.name / name
            assert stored.read_bytes() == (run.folder / name).read_bytes()


def test_runs_validated_on_test_images_say_so_and_the_others_do_not(runs):
    for training in TRAININGS:
        run = runs[training["run_id"]]
        enlarged = training["validation_set"] == "enlarged 141"
        assert (VALIDATED_ON_TEST in run.tags) == enlarged
        assert any(note.startswith("125 of the 141") for note in run.notes) == enlarged
        assert any("6.25 percentage points" in note for note in run.notes) != enlarged


def test_only_the_report_carries_the_meaningless_test_accuracy(runs):
    having = {name for name, run in runs.items() if any("0.588" in note for note in run.notes)}
    assert having == {"report_simpleresnet_141"}
    assert all(run.metrics() == {} for run in runs.values())


def test_networks_that_never_learned_are_named(runs):
    having = {name for name, run in runs.items() if any("never learned" in n for n in run.notes)}
    assert having == {"maiden_baseline_16", "maiden_conv_16", "update_baseline_141"}


def test_a_log_that_breaks_off_is_a_valid_run_that_says_so(runs):
    run = runs["maiden_alexnet_16"]
    assert run.history().empty
    assert run.document["best_epoch"] is None
    assert any("0 of 25 epochs" in note for note in run.notes)


def test_a_run_of_ones_own_is_never_overwritten(tmp_path):
    mine = record(SOURCE, tmp_path)[0]
    write_json(mine.folder / "run.json", mine.document | {"status": "unfinished"})
    with pytest.raises(RunError, match="a run of your own"):
        record(SOURCE, tmp_path)


def test_a_missing_record_is_the_users_situation(tmp_path):
    shutil.copy(SOURCE / "runs.json", tmp_path)
    with pytest.raises(RunError, match=r"validation_moved\.json"):
        record(tmp_path, tmp_path / "runs")
