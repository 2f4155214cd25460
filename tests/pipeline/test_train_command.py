"""`python -m pipeline train` maps its options, goes on where it stopped and says what failed."""

import argparse
import json
from pathlib import Path

import pytest

from pipeline.__main__ import main
from pipeline.commands import train as command
from pipeline.config import training_config
from pipeline.runs import open_run
from pipeline.training import train


@pytest.fixture
def runs(tmp_path, toy_dataset, monkeypatch) -> Path:
    monkeypatch.setenv("XRAY_ARTIFACTS", str(tmp_path))
    monkeypatch.setenv("XRAY_DATASET", str(toy_dataset))
    return tmp_path / "runs"


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "config"),
    [
        (["compact"], training_config("compact")),
        (["alexnet", "--recipe", "notebook"], training_config("alexnet", "notebook")),
        (
            [
                "compact",
                "--flip",
                "--no-augment",
                "--no-class-weights",
                *("--seed", "3", "--epochs", "2", "--batch-size", "8", "--size", "64"),
                *("--learning-rate", "1e-4", "--patience", "1"),
            ],
            training_config(
                "compact",
                seed=3,
                epochs=2,
                batch_size=8,
                size_px=64,
                learning_rate=1e-4,
                patience=1,
                flip=True,
                augment=False,
                class_weights=False,
            ),
        ),
    ],
)
def test_options_become_the_configuration(words, config, tmp_path):
    assert command.configuration(parsed(*words), tmp_path, "any") == config


class Stop(BaseException):
    pass


def begin(runs: Path, toy_dataset: Path, name: str):
    """Leave a run cut off in its second epoch, trained with settings that are no default."""
    config = training_config(
        "dense_baseline", size_px=32, epochs=2, batch_size=40, learning_rate=1e-3, patience=9
    )

    def stop(progress):
        if progress.last_row is not None:
            raise Stop

    with pytest.raises(Stop):
        train(config, toy_dataset, runs, name, progress=stop)
    return config


def test_a_cut_off_run_goes_on_with_its_stored_settings(runs, toy_dataset, capsys):
    config = begin(runs, toy_dataset, "dense_baseline-seed0")
    assert main(["train", "dense_baseline", "--seed", "0", "--resume"]) == 0
    run = open_run(runs, "dense_baseline-seed0")
    assert (run.status, run.config) == ("finished", config.to_json())
    shown = capsys.readouterr()
    # Rows to stdout, everything that moves to stderr.
    heading, second_epoch, stored, *figures = shown.out.splitlines()
    assert heading.split()[:3] == ["epoch", "loss", "AUC"]
    assert second_epoch.split()[0] == "2"
    assert stored.startswith("Stored as dense_baseline-seed0")
    assert any("test auc" in line for line in figures)
    assert "Going on after epoch 1" in shown.err


def test_a_note_is_kept_with_the_run_through_a_resume(runs, toy_dataset, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    words = ["train", "dense_baseline", "--size", "32", "--epochs", "1"]
    with monkeypatch.context() as patched:
        patched.setattr("pipeline.training._fit", interrupted)
        assert main([*words, "--note", "One epoch is enough here."]) == 130
    assert main([*words, "--resume"]) == 0
    assert open_run(runs, "dense_baseline-seed0").notes == ("One epoch is enough here.",)


def test_other_settings_cannot_be_slipped_into_a_cut_off_run(runs, toy_dataset, capsys):
    begin(runs, toy_dataset, "dense_baseline-seed0")
    assert main(["train", "dense_baseline", "--epochs", "9", "--resume"]) == 1
    assert "begun with other settings" in capsys.readouterr().err


def test_ctrl_c_says_how_to_go_on(runs, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.training._fit", interrupted)
    words = ["train", "dense_baseline", "--recipe", "notebook", "--seed", "2", "--size", "32"]
    assert main(words) == 130
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == (
        "Stopped. Go on with: python -m pipeline train dense_baseline "
        "--name dense_baseline-notebook-seed2 --resume"
    )
    document = json.loads((runs / "dense_baseline-notebook-seed2" / "run.json").read_text())
    assert document["status"] == "unfinished"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["compact", "--epochs", "0"], "These settings do not work: Expected epochs > 0"),
        (["compact", "--name", "../up"], "cannot be the name of a run"),
        (["compact", "--data", "nowhere"], "The data set folder nowhere does not exist"),
        (["alexnet", "--size", "20"], "cannot be built for pictures of 20 pixels"),
    ],
)
def test_what_cannot_be_trained_is_said_in_a_sentence(runs, capsys, words, sentence):
    assert main(["train", *words]) == 1
    assert sentence in capsys.readouterr().err.splitlines()[-1]
    assert not runs.exists() or list(runs.iterdir()) == []


def test_an_unknown_architecture_is_a_wrong_command(runs, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["train", "vgg"])
    assert ended.value.code == 2
    assert "compact" in capsys.readouterr().err
