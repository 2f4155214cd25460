import numpy as np
import pandas as pd
import pytest

from pipeline.errors import RunError
from pipeline.exporting import to_csv, to_tensorboard
from pipeline.foreign import read
from pipeline.runs import open_run
from pipeline.storage import write_json

STARTED = "2023-11-14T22:13:20+00:00"


def stored(folder, name, history, **entries):
    document = {
        "name": name,
        "status": "finished",
        "title": name,
        "architecture": "compact",
        "parameters": {"total": 1},
        "config": {},
    }
    (folder / name).mkdir(parents=True)
    write_json(folder / name / "run.json", document | entries)
    history.to_csv(folder / name / "history.csv", index=False)
    return open_run(folder, name)


@pytest.fixture
def history():
    generator = np.random.default_rng(0)
    table = pd.DataFrame({"epoch": range(1, 8), "step": range(163, 8 * 163, 163)})
    table["seconds"] = [5.0, 6, 7, 5, 6, 7, 5]
    figures = ("learning_rate", "objective", "loss", "accuracy", "val_loss", "val_auc", "odd name")
    for name in figures:
        table[name] = generator.uniform(size=7)
    table.loc[3, "val_auc"] = np.nan
    return table


def test_tensorboard_itself_reads_what_is_written(tmp_path, history):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = stored(tmp_path / "runs", "fox", history, started=STARTED)
    files = to_tensorboard([run], tmp_path / "out")
    assert [path.parent.relative_to(tmp_path / "out").as_posix() for path in files] == [
        "fox/train",
        "fox/validation",
    ]
    for side, prefix in (("train", ""), ("validation", "val_")):
        read_back = EventAccumulator(str(tmp_path / "out" / "fox" / side))
        read_back.Reload()
        points = read_back.Scalars("epoch_loss")
        assert [point.step for point in points] == list(range(7))
        expected = np.float32(history[f"{prefix}loss"])
        np.testing.assert_array_equal(np.float32([point.value for point in points]), expected)
        times = [point.wall_time - 1_700_000_000 for point in points]
        assert times == history["seconds"].cumsum().tolist()
    assert [point.step for point in read_back.Scalars("epoch_auc")] == [0, 1, 2, 4, 5, 6]


@pytest.mark.parametrize("started", [{"started": STARTED}, {}])
def test_a_round_trip_through_tensorboard_gives_the_same_figures(tmp_path, history, started):
    run = stored(tmp_path / "runs", "fox", history, **started)
    to_tensorboard([run], tmp_path / "out")
    (back,) = read(tmp_path / "out").runs
    assert back.name == "fox"
    assert back.started == started.get("started")
    assert set(back.history) == set(history)
    for name in history:
        np.testing.assert_array_equal(np.float32(back.history[name]), np.float32(history[name]))
    assert back.notes == ()


def test_a_round_trip_through_csv_gives_the_same_bits(tmp_path, history):
    run = stored(tmp_path / "runs", "fox", history)
    (path,) = to_csv([run], tmp_path / "out")
    header, first, *_ = path.read_text(encoding="utf-8").splitlines()
    assert header.split(",")[:3] == ["epoch", "accuracy", "learning_rate"]
    assert first.startswith("0,")
    assert ",NA," in path.read_text(encoding="utf-8")
    (back,) = read(path).runs
    assert back.name == "fox"
    pd.testing.assert_frame_equal(back.history[list(history)], run.history(), check_dtype=False)


def test_nothing_is_overwritten(tmp_path, history):
    run = stored(tmp_path / "runs", "fox", history)
    for write in (to_tensorboard, to_csv):
        before = write([run], tmp_path / "out")
        contents = [path.read_bytes() for path in before]
        with pytest.raises(RunError, match="already"):
            write([run], tmp_path / "out")
        assert [path.read_bytes() for path in before] == contents


def test_runs_without_a_curve_are_passed_over_and_all_without_is_a_sentence(tmp_path, history):
    empty = stored(tmp_path / "runs", "owl", history[["epoch"]].head(0))
    run = stored(tmp_path / "runs", "fox", history)
    assert [path.name for path in to_csv([empty, run], tmp_path / "out")] == ["fox.csv"]
    for write in (to_tensorboard, to_csv):
        with pytest.raises(RunError, match="None of these runs has a curve"):
            write([empty], tmp_path / "none")


def test_a_place_that_cannot_be_written_says_so(tmp_path, history):
    run = stored(tmp_path / "runs", "fox", history)
    (tmp_path / "file").write_text("a file")
    for write in (to_tensorboard, to_csv):
        with pytest.raises(RunError, match="could not be written"):
            write([run], tmp_path / "file")
