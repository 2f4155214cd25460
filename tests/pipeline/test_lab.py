import argparse
import json
import shlex
import shutil

import numpy as np
import pytest

from pipeline import evaluation, lab
from pipeline.__main__ import main
from pipeline.commands import train
from pipeline.errors import RunError
from pipeline.runs import open_run


@pytest.fixture
def places(tmp_path, toy_run, toy_dataset, monkeypatch):
    """An artifacts folder whose two runs are the toy run and the toy run with bent scores."""
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    monkeypatch.setenv("XRAY_DATASET", str(toy_dataset))
    for name in ("first", "second"):
        shutil.copytree(toy_run.folder, tmp_path / "runs" / name)
    path = tmp_path / "runs" / "second" / "predictions.csv"
    table = open_run(tmp_path / "runs", "second").predictions()
    table["logit"] = table["logit"] * 3 - 1
    table.to_csv(path, index=False)
    return tmp_path


def command(*words):
    return main(["lab", "--json", *words])


def test_a_training_is_kept_without_its_weights_and_says_how_to_do_it_again(places, capsys):
    words = ("keep", "first", "--name", "small", "--lever", "resolution", "--tried", "32 px.")
    assert command(*words) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    kept = sorted(path.name for path in (places / "lab" / "small").iterdir())
    assert kept == ["history.csv", "metrics.json", "predictions.csv", "run.json", "try.json"]
    assert (entry["name"], entry["lever"]) == ("small", "resolution")
    assert "train compact --recipe modern --seed 0" in entry["command"]
    assert "--set size_px=32" in entry["command"]
    # Given back to the parser, the words make the very settings that the run was trained with.
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    again = train.configuration(
        parser.parse_args(shlex.split(entry["command"])[4:]), places / "runs", "new"
    )
    assert again.to_json() == open_run(places / "runs", "first").config


def test_its_figures_come_from_the_stored_scores_alone(places, capsys):
    command("keep", "first", "--lever", "none", "--tried", "As it is.")
    (entry,) = json.loads(capsys.readouterr().out)
    table = open_run(places / "runs", "first").predictions()
    own = table[table["split"] == "test"]
    expected = evaluation.figures(own["logit"].to_numpy(), own["label"].to_numpy(), 0, ["auc"])
    assert entry["test"]["figures"]["auc"]["value"] == pytest.approx(expected["auc"])
    assert entry["test"]["n"] == len(own)

    path = places / "lab" / "first" / "predictions.csv"
    text = path.read_text(encoding="utf-8")
    swapped = table.assign(logit=-table["logit"])
    swapped.to_csv(path, index=False)
    assert text != path.read_text(encoding="utf-8")
    command()
    (stored,) = json.loads(capsys.readouterr().out)
    assert stored == entry
    command("again")
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["test"]["figures"]["auc"]["value"] == pytest.approx(1 - expected["auc"])


def test_an_ensemble_averages_log_odds(places):
    runs = [open_run(places / "runs", name) for name in ("first", "second")]
    table = lab.averaged(runs)
    logit = runs[0].predictions()["logit"]
    np.testing.assert_allclose(table["logit"], (logit + 3 * logit - 1) / 2, atol=1e-5)


def test_views_average_the_network_over_parts_of_the_picture(places, toy_dataset, monkeypatch):
    run = open_run(places / "runs", "first")
    stored = run.predictions()["logit"]
    # Twice the whole picture must give what the run stored, picture by picture ...
    monkeypatch.setattr(lab, "VIEWS", (lab.VIEWS[0],) * 2 + lab.VIEWS[1:])
    np.testing.assert_allclose(lab.averaged([run], toy_dataset, 2)["logit"], stored, atol=1e-3)
    # ... and other parts something else.
    assert not np.allclose(lab.averaged([run], toy_dataset, 4)["logit"], stored, atol=1e-2)


def test_the_first_view_is_the_whole_picture():
    image = np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)
    np.testing.assert_array_equal(lab.seen(image, lab.VIEWS[0]), image)
    assert lab.seen(image, lab.VIEWS[3]).shape == (32, 32)
    assert lab.seen(image, lab.VIEWS[3]).dtype == np.uint8


def test_runs_of_other_pictures_are_not_averaged(places):
    path = places / "runs" / "second" / "predictions.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    runs = [open_run(places / "runs", name) for name in ("first", "second")]
    with pytest.raises(RunError, match="same pictures"):
        lab.averaged(runs)


def test_an_empty_record_says_how_to_begin(places, capsys):
    assert main(["lab"]) == 0
    assert "lab keep RUN" in capsys.readouterr().out


def test_a_damaged_entry_is_named(places, capsys):
    (places / "lab" / "odd").mkdir(parents=True)
    (places / "lab" / "odd" / "try.json").write_text("{", encoding="utf-8")
    assert main(["lab"]) == 1
    assert "try.json of odd is damaged" in capsys.readouterr().err
