"""The commands that make a run's files and figures anew."""

from __future__ import annotations

import json
import shlex
from dataclasses import fields

from pipeline.config import TrainingConfig, training_config
from pipeline.runs import Run

EVALUATE = "python -m pipeline evaluate {} --stored"
AUDIT = "python -m pipeline data audit --write"
GATE = "python -m pipeline gate measure"


def training(run: Run) -> str:
    """Return the command that trains `run` again; for a recorded run, that writes its record."""
    if run.status == "recorded":
        return "python -m pipeline runs record"
    stored = TrainingConfig.from_json(run.config)
    usual = training_config(stored.architecture, stored.recipe, teachers=stored.teachers)
    words = ["python", "-m", "pipeline", "train", stored.architecture, "--name", run.name]
    words += ["--recipe", stored.recipe, "--seed", str(stored.seed)]
    words += [word for teacher in stored.teachers for word in ("--teacher", teacher)]
    for field in fields(TrainingConfig):
        value = getattr(stored, field.name)
        if field.name in ("architecture", "recipe", "seed") or value == getattr(usual, field.name):
            continue
        text = value if isinstance(value, str) else json.dumps(value)
        words += ["--set", f"{field.name}={text}"]
    return shlex.join(words)


def card(run: Run) -> str:
    return shlex.join(["python", "-m", "pipeline", "card", run.name])


def evaluation(run: Run) -> str:
    return EVALUATE.format(shlex.quote(run.name))


def shortcuts(run: Run) -> str:
    return f"python -m pipeline shortcuts {shlex.quote(run.name)} --write"


def check() -> str:
    return "python -m pipeline card --check FILE"
