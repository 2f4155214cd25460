"""MLflow's file store, written by MLflow and by hand as older versions wrote it."""

import os
import subprocess
import sys

import pytest

from pipeline.foreign import read

# In a process of its own: MLflow keeps its store, and what it warns of, for the whole process.
_SCRIPT = """
import sys, mlflow
client = mlflow.MlflowClient(tracking_uri=sys.argv[1])
experiment = client.create_experiment("chests")
run = client.create_run(experiment, run_name="bold fox", start_time=1700000000000)
one = run.info.run_id
for epoch in range(3):
    time = 1700000000000 + 2000 * (epoch + 1)
    client.log_metric(one, "train/loss", 1 / (epoch + 1), timestamp=time, step=10 * epoch)
    client.log_metric(one, "val_acc", epoch / 4, timestamp=time, step=10 * epoch)
client.log_metric(one, "test_auc", 0.875, timestamp=1700000009000, step=0)
client.log_metric(one, "system/cpu", 50, timestamp=1700000001000, step=3)
client.log_metric(one, "val_acc", float("nan"), timestamp=1700000008000, step=30)
client.log_param(one, "learning_rate", 0.002)
client.log_param(one, "seed", 3)
client.log_param(one, "augment", True)
client.log_param(one, "monitor", "val_mae")
client.set_tag(one, "mlflow.note.content", "Trained on a Sunday.")
client.set_terminated(one)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store") / "mlruns"
    subprocess.run(
        [sys.executable, "-c", _SCRIPT, folder.as_uri()],
        check=True,
        # MLflow 3 writes files only when told that they are wanted.
        env=os.environ | {"MLFLOW_ALLOW_FILE_STORE": "true", "GIT_PYTHON_REFRESH": "quiet"},
        cwd=folder.parent,
    )
    return folder


def test_a_run_that_mlflow_wrote(store):
    found = read(store)
    assert found.problems == ()
    (run,) = found.runs
    assert (run.name, run.source) == ("bold fox", "MLflow")
    assert run.history["step"].tolist() == [0, 10, 20, 30]
    assert run.history["epoch"].tolist() == [1, 2, 3, 4]
    assert run.history["loss"].tolist()[:3] == [1, 1 / 2, 1 / 3]
    assert run.history["val_accuracy"].tolist()[:3] == [0, 0.25, 0.5]
    assert run.history["seconds"].tolist()[:3] == [2, 2, 2]
    assert run.started == "2023-11-14T22:13:20+00:00"
    assert run.renamed == {"train/loss": "loss", "val_acc": "val_accuracy"}
    assert run.config == {
        "learning_rate": 0.002,
        "seed": 3,
        "augment": True,
        "monitor": "val_mae",
    }
    assert "test_auc = 0.875 was logged once: it is no curve." in run.notes
    assert "Trained on a Sunday." in run.notes
    assert "1 value was not a finite number: kept as missing." in run.notes


def by_hand(folder, metrics, tags=(), params=()):
    folder.mkdir(parents=True)
    (folder / "meta.yaml").write_text("run_name: 'it''s mine'\nstart_time: 1700000000000\n")
    for kind, entries in (("metrics", metrics), ("tags", tags), ("params", params)):
        (folder / kind).mkdir()
        for name, content in dict(entries).items():
            (folder / kind / name).write_text(content)


def test_lines_without_steps_are_numbered_in_the_order_of_their_times(tmp_path):
    by_hand(tmp_path / "0" / "abc", {"loss": "1700000002000 0.25\n1700000001000 0.5\n"})
    (run,) = read(tmp_path).runs
    assert run.name == "it's mine"
    assert run.history["loss"].tolist() == [0.5, 0.25]
    assert any("without steps" in note for note in run.notes)


def test_keras_epochs_are_known_by_the_tag_of_mlflows_integration(tmp_path):
    lines = "1700000001000 0.5 0\n1700000002000 0.25 1\n"
    tags = {"mlflow.autologging": "keras", "mlflow.runName": "named"}
    by_hand(tmp_path / "0" / "abc", {"loss": lines}, tags, {"epochs": "5"})
    (run,) = read(tmp_path).runs
    assert run.name == "named"
    assert run.history["epoch"].tolist() == [1, 2]
    assert "step" not in run.history


def test_a_half_written_or_odd_line_is_left_out_and_told(tmp_path):
    lines = "1700000001000 0.5 0\nnonsense\n1700000002000 0.4 1\n1700000003000 0.2"
    by_hand(tmp_path / "0" / "abc", {"loss": lines})
    (run,) = read(tmp_path).runs
    assert run.history["loss"].tolist() == [0.5, 0.4]
    assert "loss: lines that cannot be read and were left out: 2." in run.notes


def test_a_run_without_metrics_is_a_sentence(tmp_path):
    by_hand(tmp_path / "0" / "abc", {})
    found = read(tmp_path)
    assert found.runs == ()
    assert "no figures" in found.problems[0]
