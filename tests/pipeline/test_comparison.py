import pandas as pd
import pytest

from pipeline.comparison import NOT_RECORDED, differing_settings, summary
from pipeline.runs import Run
from pipeline.storage import write_json, write_text

HISTORY = (
    "epoch,seconds,loss,val_loss,val_auc\n1,5,0.9,0.8,0.90\n2,7,0.5,0.4,0.95\n3,6,0.1,0.6,0.97\n"
)


def run_at(folder, history="", **entries):
    document = {
        "name": folder.name,
        "status": "finished",
        "title": "",
        "architecture": "compact",
        "parameters": {"total": 7},
        "config": {},
    }
    folder.mkdir(exist_ok=True)
    if history:
        write_text(folder / "history.csv", history)
    return Run(folder, document | entries)


def test_a_summary_holds_the_best_epoch_and_not_the_last(tmp_path):
    run = run_at(tmp_path / "a", history=HISTORY)
    told = summary(run, run.history())
    assert (told["best_epoch"], told["val_loss"], told["val_auc"]) == (2, 0.4, 0.95)
    assert told["val_accuracy"] is None
    assert told["overfit_gap"] == pytest.approx(0.5)
    assert told["seconds_per_epoch"] == 6
    assert told["test_n"] is None


def test_a_summary_takes_test_figures_at_the_runs_own_operating_point(tmp_path):
    run = run_at(tmp_path / "a", history=HISTORY, operating_point="chosen")

    def report(accuracy):
        return {"n": 624, "figures": {"auc": {"value": 0.97}, "accuracy": {"value": accuracy}}}

    write_json(run.folder / "metrics.json", {"test": {"other": report(0.5), "chosen": report(0.9)}})
    told = summary(run, run.history())
    assert (told["test_auc"], told["test_accuracy"], told["test_n"]) == (0.97, 0.9, 624)


def test_only_settings_that_differ_are_told_and_missing_ones_are_not_guessed(tmp_path):
    def run(name, **config):
        return run_at(tmp_path / name, config=config)

    table = differing_settings(
        [run("a", seed=0, flip=False, epochs=3), run("b", flip=True, epochs=3)]
    )
    pd.testing.assert_frame_equal(
        table,
        pd.DataFrame({"a": ["0", "no"], "b": [NOT_RECORDED, "yes"]}, index=["seed", "flip"]),
    )
    assert differing_settings([run("a", seed=0)]).empty
