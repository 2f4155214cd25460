import json
import re

import numpy as np
import pandas as pd
import pytest

from pipeline.comparison import summary
from pipeline.errors import RunError
from pipeline.foreign import Foreign, Found
from pipeline.importing import import_runs, safe_name
from pipeline.runs import checked_name, open_run


def logged(name="fox", losses=(0.5, 0.25), **entries):
    history = pd.DataFrame({"epoch": range(1, len(losses) + 1), "val_loss": losses})
    return Foreign(name, "TensorBoard", history, **entries)


def test_an_imported_run_is_a_run_like_any_other(tmp_path):
    run = logged(
        renamed={"epoch_loss": "val_loss"},
        config={"seed": 3},
        notes=("Odd.",),
        started="2023-11-14T22:13:20+00:00",
    )
    (written,) = import_runs(Found((run,)), tmp_path / "runs").runs
    assert open_run(tmp_path / "runs", "fox") == written
    assert (written.status, written.architecture, written.parameters) == (
        "imported",
        "unknown",
        None,
    )
    assert written.title == "fox, from TensorBoard"
    assert (written.seed, written.notes, written.tags) == (3, ("Odd.",), ("imported",))
    assert written.document["started"] == "2023-11-14T22:13:20+00:00"
    assert not written.servable
    pd.testing.assert_frame_equal(written.history(), run.history)
    told = summary(written, written.history())
    assert (told["best_epoch"], told["val_loss"], told["parameters"]) == (2, 0.25, None)


def test_a_taken_name_gets_a_number_and_nothing_is_overwritten(tmp_path):
    (tmp_path / "fox").mkdir()
    (tmp_path / "fox" / "mine.txt").write_text("mine")
    found = Found((logged(losses=(1.0, 2.0)), logged(losses=(3.0, 4.0))))
    names = [run.name for run in import_runs(found, tmp_path).runs]
    assert names == ["fox-2", "fox-3"]
    assert [path.name for path in (tmp_path / "fox").iterdir()] == ["mine.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fox", "fox-2", "fox-3"]


def test_the_same_history_is_not_imported_twice(tmp_path):
    import_runs(Found((logged(),)), tmp_path)
    again = import_runs(Found((logged("other"), logged("new", (9.0,)))), tmp_path)
    assert [run.name for run in again.runs] == ["new"]
    assert again.skipped == ("other is here already, as fox: left out.",)


def test_names_can_be_given(tmp_path):
    found = Found((logged(), logged(losses=(1.0,))))
    written = import_runs(found, tmp_path, names=["Große Füchse", "../../etc"])
    assert [run.name for run in written.runs] == ["Groe-Fuchse", "etc"]
    with pytest.raises(ValueError, match="Expected 2 names"):
        import_runs(found, tmp_path, names=["one"])


@pytest.mark.parametrize(
    "name", ["", "..", "...", "/", "日本語", "a/b\\c", "-x-", "x" * 500, ".hidden", "a\nb", "CON\0"]
)
def test_every_name_becomes_one_that_a_run_can_have(name):
    assert checked_name(safe_name(name)) == safe_name(name)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", safe_name(name))


def test_settings_that_cannot_mean_what_ours_mean_are_marked(tmp_path):
    config = {
        "seed": "three",
        "epochs": 5,
        "patience": -1,
        "monitor": "val_mae",
        "rate": 0.1,
    }
    (run,) = import_runs(Found((logged(config=config),)), tmp_path).runs
    assert run.config == {
        "seed of TensorBoard": "three",
        "epochs": 5,
        "patience of TensorBoard": -1,
        "monitor of TensorBoard": "val_mae",
        "rate": 0.1,
    }
    assert summary(run, run.history())["best_epoch"] == 2


def test_a_folder_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(RunError, match="could not be written"):
        import_runs(Found((logged(),)), tmp_path / "runs")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_numbers_survive_the_file_to_the_last_bit(tmp_path):
    losses = tuple(np.random.default_rng(0).normal(size=200))
    (run,) = import_runs(Found((logged(losses=losses),)), tmp_path).runs
    text = (run.folder / "history.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [float(line.split(",")[1]) for line in text] == list(losses)
    assert json.loads((run.folder / "run.json").read_text())["imported"].endswith("+00:00")
