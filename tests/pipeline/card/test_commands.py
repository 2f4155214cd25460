"""The commands on a card do what they say."""

import argparse
import shlex
from pathlib import Path

import pytest

from pipeline.card import commands
from pipeline.commands import evaluate, train
from pipeline.config import RECIPES, TrainingConfig, training_config
from pipeline.runs import Run


def run_of(config: TrainingConfig) -> Run:
    return Run(
        Path("runs/some-run"),
        {
            "name": "some-run",
            "status": "finished",
            "architecture": config.architecture,
            "title": "Some run",
            "parameters": {"total": 1},
            "config": config.to_json(),
        },
    )


def parsed(command: str, module) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return parser.parse_args(shlex.split(command)[4:])


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_training_command_asks_for_the_very_settings_of_the_run(recipe, tmp_path):
    config = training_config(
        "compact",
        recipe,
        seed=7,
        size_px=96,
        monitor="val_loss",
        flip=True,
        augment=False,
        mixup=0.25,
        teachers=("one", "two"),
    )
    arguments = parsed(commands.training(run_of(config)), train)
    assert arguments.name == "some-run"
    assert train.configuration(arguments, tmp_path, "some-run") == config


def test_the_evaluating_command_is_understood():
    command = commands.evaluation(run_of(training_config("compact")))
    assert parsed(command, evaluate).stored
