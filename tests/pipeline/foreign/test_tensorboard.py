"""Event files of TensorBoard's own writer and of TensorFlow's, whole and damaged."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

from pipeline.config import REPOSITORY
from pipeline.foreign import read

START = 1_700_000_000.0


def only(path):
    found = read(path)
    assert found.problems == ()
    (run,) = found.runs
    return run


def test_keras_callback_comes_back_as_one_run_with_both_sides(keras_logs):
    run = only(keras_logs / "tb")
    truth = json.loads((keras_logs / "history.json").read_text(encoding="utf-8"))["history"]
    ours = {"acc": "accuracy", "auc_1": "auc", "recall": "sensitivity", "loss": "loss"}
    for theirs, name in ours.items():
        for side in ("", "val_"):
            expected = np.float32(truth[side + theirs])
            np.testing.assert_array_equal(np.float32(run.history[side + name]), expected)
    assert run.history["epoch"].tolist() == [1, 2, 3]
    assert run.history["step"].tolist() == [4, 8, 12]  # of evaluation_..._vs_iterations
    assert (run.history["seconds"].dropna() > 0).all()
    assert run.history["learning_rate"].tolist() == [0.001] * 3
    assert run.renamed["validation/epoch_recall"] == "val_sensitivity"
    assert run.name == "tb"
    assert run.started.startswith("20")


def test_reading_imports_no_tensorflow_and_no_tensorboard(keras_logs):
    script = (
        "import sys\nfrom pathlib import Path\nfrom pipeline.foreign import read\n"
        f"assert read(Path({str(keras_logs / 'tb')!r})).runs\n"
        "print([n for n in ('tensorflow', 'keras', 'tensorboard', 'mlflow', 'streamlit', 'plotly')"
        " if n in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert ended.stdout.strip() == "[]"


def test_tags_of_pytorch_are_two_sides_of_one_run(tmp_path, write_events):
    write_events(
        tmp_path / "bold-fox",
        {
            "Loss/train": [(10, 0.5), (20, 0.25)],
            "Loss/val": [(20, 0.75)],
            "Accuracy/val": [(20, 0.875)],
            "grad_norm": [(10, 3.0)],
        },
    )
    run = only(tmp_path)
    assert run.name == "bold-fox"
    assert run.history["epoch"].tolist() == [1, 2]
    assert run.history["step"].tolist() == [10, 20]
    assert run.history["loss"].tolist() == [0.5, 0.25]
    assert run.history["val_loss"].tolist()[1] == 0.75
    assert math.isnan(run.history["val_loss"][0])
    assert run.renamed == {
        "Loss/train": "loss",
        "Loss/val": "val_loss",
        "Accuracy/val": "val_accuracy",
    }
    assert any("rows are numbered" in note for note in run.notes)


def test_epochs_that_lightning_logs_beside_its_steps_count(tmp_path, write_events):
    write_events(
        tmp_path,
        {
            "train_loss": [(99, 0.5), (199, 0.25)],
            "val_loss": [(99, 0.6), (199, 0.5)],
            "epoch": [(99, 0.0), (199, 1.0)],
        },
    )
    run = only(tmp_path)
    assert run.history["epoch"].tolist() == [1, 2]
    assert run.history["step"].tolist() == [99, 199]
    assert run.figures == ("loss", "val_loss")
    assert run.notes == ()


def test_a_restarted_training_keeps_the_later_values_and_no_night_between(tmp_path, write_events):
    write_events(tmp_path, {"epoch_loss": [(0, 0.9), (1, 0.8), (2, 0.7)]}, START)
    write_events(tmp_path, {"epoch_loss": [(1, 0.5), (2, 0.4)]}, START + 1000, restart_at=1)
    run = only(tmp_path)
    assert run.history["loss"].tolist() == [0.9, 0.5, 0.4]
    # Step 0 ended a second after the start; step 1 two seconds after the second start.
    assert run.history["seconds"].tolist()[1:] == [2.0, 1.0]
    assert any("started again" in note for note in run.notes)


def test_a_session_start_forgets_figures_that_the_new_session_never_logs(tmp_path, write_events):
    write_events(tmp_path, {"epoch_loss": [(0, 0.9), (1, 0.8)], "epoch_gone": [(0, 1), (1, 2)]})
    write_events(tmp_path, {"epoch_loss": [(1, 0.5)]}, START + 1000, restart_at=1)
    history = only(tmp_path).history
    assert history["loss"].tolist() == [0.9, 0.5]
    assert history["gone"].tolist()[0] == 1
    assert math.isnan(history["gone"][1])


def test_batches_do_not_mix_with_epochs(tmp_path, write_events):
    write_events(
        tmp_path,
        {
            "epoch_loss": [(0, 0.5), (1, 0.25)],
            "batch_grad": [(n, 0.1) for n in range(10)],
            "temperature": [(0, 20.0), (1, 21.0)],
            "rate": [(500, 0.1)],
        },
    )
    run = only(tmp_path)
    assert run.figures == ("loss", "temperature")
    assert any("batch_grad, rate" in note for note in run.notes)


def test_what_is_not_finite_is_missing_and_told(tmp_path, write_events):
    write_events(tmp_path, {"epoch_loss": [(0, 0.5), (1, math.nan), (2, math.inf)]})
    run = only(tmp_path)
    assert run.history["loss"].isna().tolist() == [False, True, True]
    assert run.notes == ("2 values were not a finite number: kept as missing.",)


def test_a_file_cut_anywhere_gives_what_is_whole_and_says_what_is_lost(tmp_path, write_events):
    points = [(step, 1 / (step + 1)) for step in range(4)]
    path = write_events(tmp_path, {"epoch_loss": points, "epoch_acc": points})
    whole = path.read_bytes()
    rows, told = [], 0
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        found = read(tmp_path)
        rows.append(len(found.runs[0].history) if found.runs else 0)
        if found.runs:
            told += any("cut off" in note for note in found.runs[0].notes)
        else:
            assert len(found.problems) == 1
    assert rows == sorted(rows)
    assert (rows[0], rows[-1]) == (0, 4)
    assert told > 100


def test_any_flipped_byte_raises_nothing(tmp_path, write_events):
    path = write_events(tmp_path, {"epoch_loss": [(0, 0.5), (1, 0.25)]})
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        found = read(tmp_path)
        said = [*found.problems, *(note for run in found.runs for note in run.notes)]
        assert any("damaged" in sentence or "no figures" in sentence for sentence in said)


@pytest.mark.parametrize("kind", ["<f4", "<f8", "<i4", "<i8", "<f2"])
def test_scalars_as_tensors_of_every_kind(tmp_path, kind):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    from tensorboard.util.tensor_util import make_tensor_proto

    writer = EventFileWriter(str(tmp_path))
    for step, number in enumerate((2, 0, -1)):
        value = Summary.Value(tag="epoch_x", tensor=make_tensor_proto(np.array(number, kind)))
        value.metadata.plugin_data.plugin_name = "scalars"
        writer.add_event(Event(step=step, wall_time=START, summary=Summary(value=[value])))
    # Text and distributions are no scalars.
    text = Summary.Value(tag="epoch_text", tensor=make_tensor_proto(np.array(b"0.5")))
    many = Summary.Value(tag="epoch_many", tensor=make_tensor_proto(np.array([0.5, 1.5])))
    other = Summary.Value(tag="epoch_other", tensor=make_tensor_proto(np.array(0.5)))
    other.metadata.plugin_data.plugin_name = "histograms"
    writer.add_event(Event(step=0, wall_time=START, summary=Summary(value=[text, many, other])))
    writer.close()
    run = only(tmp_path)
    assert run.figures == ("x",)
    assert run.history["x"].tolist() == [2, 0, -1]


def test_runs_of_a_folder_are_told_apart_by_their_places(tmp_path, write_events):
    for place in ("a/version_0", "b/version_0", "c"):
        write_events(tmp_path / "logs" / place, {"loss": [(1, 0.5), (2, 0.25)]})
    names = [run.name for run in read(tmp_path / "logs").runs]
    assert names == ["logs-a-version_0", "logs-b-version_0", "c"]


def test_one_file_of_a_side_is_a_run_of_that_side(tmp_path, write_events):
    path = write_events(tmp_path / "mine" / "validation", {"epoch_loss": [(0, 0.5)]})
    run = only(path)
    assert (run.name, run.figures) == ("mine", ("val_loss",))


def test_times_that_all_are_one_give_no_seconds(tmp_path):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(tmp_path))
    for step in range(3):
        summary = Summary(value=[Summary.Value(tag="epoch_x", simple_value=step)])
        writer.add_event(Event(step=step, wall_time=START, summary=summary))
    writer.close()
    assert "seconds" not in only(tmp_path).history
