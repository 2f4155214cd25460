import json

import numpy as np
import pandas as pd
import pytest

from pipeline.comparison import NOT_RECORDED, differing_settings, setting_values, summary
from pipeline.errors import RunError
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


def test_a_summary_tells_what_was_wasted_and_what_the_losses_say(tmp_path):
    run = run_at(tmp_path / "a", history=HISTORY, config={"patience": 1, "epochs": 9})
    told = summary(run, run.history())
    assert (told["monitor"], told["best_value"], told["last_value"]) == ("val_loss", 0.4, 0.6)
    assert (told["epochs_wasted"], told["stop_epoch"], told["stopped_early"]) == (1, 3, True)
    assert told["gap_at_best"] == pytest.approx(-0.1)
    # Trapezoids by hand over two epochs: gaps -0.1, -0.1, 0.5.
    assert told["mean_gap"] == pytest.approx((-0.1 + 0.2) / 2)
    assert told["seconds"] == 18
    assert [flag["name"] for flag in told["flags"]] == ["too few epochs"]
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_a_run_without_an_epoch_has_a_summary_of_nothing(tmp_path):
    run = run_at(tmp_path / "a", parameters={"total": None})
    told = summary(run, run.history())
    named = ("run", "architecture", "status", "epochs", "monitor", "flags")
    assert told["epochs"] == 0
    assert {told[name] for name in told if name not in named} == {None}


def test_a_training_under_way_is_not_told_that_it_was_stopped(tmp_path):
    rows = "".join(f"{epoch},{1 - epoch / 20}\n" for epoch in range(1, 11))
    flags = {}
    for status in ("unfinished", "finished"):
        run = run_at(tmp_path / status, history="epoch,val_loss\n" + rows, status=status)
        flags[status] = [flag["name"] for flag in summary(run, run.history())["flags"]]
    assert flags == {"unfinished": [], "finished": ["still improving"]}


def judged(low, value, high):
    auc = {"value": value, "low": low, "high": high}
    return {"own": {"n": 624, "figures": {"auc": auc, "accuracy": {"value": 0.9}}}}


def test_the_drop_from_validation_to_test_has_the_interval_of_both(tmp_path):
    run = run_at(tmp_path / "a", history=HISTORY, operating_point="own")
    reports = {"validation": judged(0.97, 0.99, 1.0), "test": judged(0.92, 0.95, 0.97)}
    write_json(run.folder / "metrics.json", reports)
    told = summary(run, run.history())
    assert (told["test_auc_low"], told["test_auc_high"]) == (0.92, 0.97)
    assert told["validation_to_test_drop"] == pytest.approx(0.04)
    assert told["drop_low"] == pytest.approx(0.04 - np.hypot(0.02, 0.02))
    assert told["drop_high"] == pytest.approx(0.04 + np.hypot(0.01, 0.03))
    write_json(run.folder / "metrics.json", {"test": reports["test"]})
    assert summary(run, run.history())["validation_to_test_drop"] is None


def test_two_normal_figures_have_the_interval_of_their_difference(tmp_path):
    """Independent normal figures: the variance of the difference is the sum of theirs."""
    run = run_at(tmp_path / "a", operating_point="own")
    reports = {
        "validation": judged(0.99 - 1.96 * 0.003, 0.99, 0.99 + 1.96 * 0.003),
        "test": judged(0.95 - 1.96 * 0.004, 0.95, 0.95 + 1.96 * 0.004),
    }
    write_json(run.folder / "metrics.json", reports)
    told = summary(run, run.history())
    assert told["drop_high"] - told["drop_low"] == pytest.approx(2 * 1.96 * 0.005)


def test_damaged_figures_are_named(tmp_path):
    run = run_at(tmp_path / "a", history=HISTORY)
    write_text(run.folder / "metrics.json", "[]")
    with pytest.raises(RunError, match=r"metrics\.json of a"):
        summary(run, run.history())


def test_the_values_of_differing_settings_stay_what_they_are(tmp_path):
    first = run_at(tmp_path / "a", config={"rate": 0.1, "flip": True, "teachers": ["x"], "size": 3})
    other = run_at(tmp_path / "b", config={"rate": 0.2, "teachers": [], "size": 3})
    assert setting_values([first, other]) == {
        "rate": [0.1, 0.2],
        "flip": [True, None],
        "teachers": ["['x']", "[]"],
    }


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
    by_run = differing_settings(
        [run("a", seed=0, epochs=3), run("b", seed=1, epochs=3)], by_run=True
    )
    assert by_run.loc["b"].to_dict() == {"seed": "1"}
