"""Train an architecture and store it as a run.

A row per epoch goes to stdout; a bar with the time to go for the whole training, to stderr.
Ctrl-C, a crash or a power cut costs at most the epoch under way: go on with ``--resume``.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from pathlib import Path

from tqdm import tqdm

from pipeline.architectures import ARCHITECTURES
from pipeline.config import RECIPES, Paths, TrainingConfig, training_config
from pipeline.errors import TrainingError
from pipeline.runs import Run, checked_name, open_run
from pipeline.storage import require_own

# Option -> field of TrainingConfig. None means "as the recipe, or the stored run, has it".
_NUMBERS = {
    "seed": (int, "N", "decides weights, order, augmentation and dropout (default 0)"),
    "epochs": (int, "N", "how many times every picture is seen, at most"),
    "batch_size": (int, "N", "pictures per step"),
    "size_px": (int, "PX", "side of the square that the network sees"),
    "learning_rate": (float, "X", "highest rate of the schedule"),
    "patience": (int, "N", "epochs without a better validation loss before stopping"),
}
_COLUMNS = (
    ("epoch", "epoch", "{:>5}"),
    ("loss", "loss", "{:>7.4f}"),
    ("auc", "AUC", "{:>6.4f}"),
    ("val_loss", "val loss", "{:>8.4f}"),
    ("val_auc", "val AUC", "{:>7.4f}"),
    ("val_sensitivity", "val sens.", "{:>9.3f}"),
    ("val_specificity", "val spec.", "{:>9.3f}"),
    ("learning_rate", "rate", "{:>8.2g}"),
    ("seconds", "seconds", "{:>7.1f}"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "architecture",
        choices=tuple(ARCHITECTURES),
        metavar="ARCHITECTURE",
        help=f"one of {', '.join(ARCHITECTURES)}",
    )
    parser.add_argument("--recipe", choices=RECIPES, help="set of defaults (default modern)")
    for field, (kind, metavar, text) in _NUMBERS.items():
        option = "--size" if field == "size_px" else f"--{field.replace('_', '-')}"
        parser.add_argument(option, dest=field, type=kind, metavar=metavar, help=text)
    parser.add_argument(
        "--teacher",
        dest="teachers",
        action="append",
        metavar="RUN",
        help="finished run whose averaged opinion is learned, for the recipe distilled; "
        "may be given more than once",
    )
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="any other field of TrainingConfig, its value as in run.json, such as mixup=0.3",
    )
    parser.add_argument(
        "--flip",
        action="store_const",
        const=True,
        help="also mirror left and right; off, because the heart has a side",
    )
    parser.add_argument(
        "--no-augment",
        dest="augment",
        action="store_const",
        const=False,
        help="show every picture unchanged",
    )
    parser.add_argument(
        "--no-class-weights",
        dest="class_weights",
        action="store_const",
        const=False,
        help="let the frequent class weigh more",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="data set in the Kaggle layout (default XRAY_DATASET, or chest_xray/)",
    )
    parser.add_argument("--name", help="of the run (default ARCHITECTURE-seedN)")
    parser.add_argument(
        "--note",
        action="append",
        default=[],
        metavar="SENTENCE",
        help="kept with the run and shown beside it; may be given more than once",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with a run that was cut off, with its stored settings",
    )


def run(arguments: argparse.Namespace) -> int:
    paths = Paths.from_environment()
    require_own(paths.runs)  # before TensorFlow is loaded
    name = checked_name(arguments.name or _default_name(arguments))
    config = configuration(arguments, paths.runs, name)
    # TensorFlow reports its build on stderr unless told before it is imported.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from pipeline.training import train

    with _Display() as display:
        try:
            trained = train(
                config,
                arguments.data or paths.dataset,
                paths.runs,
                name,
                resume=arguments.resume,
                progress=display.show,
                loading=display.load,
                say=display.say,
                notes=arguments.note,
            )
        except KeyboardInterrupt:
            display.say(f"Stopped. Go on with: {_resume_command(arguments, name)}")
            return 130
    print(_summary(trained))
    return 0


def _default_name(arguments: argparse.Namespace) -> str:
    recipe = f"-{arguments.recipe}" if arguments.recipe not in (None, "modern") else ""
    return f"{arguments.architecture}{recipe}-seed{arguments.seed or 0}"


def configuration(arguments: argparse.Namespace, runs: Path, name: str) -> TrainingConfig:
    """Return the recipe with the given options on top; with --resume, the stored settings."""
    names = (*_NUMBERS, "flip", "augment", "class_weights", "teachers")
    given = {field: getattr(arguments, field) for field in names}
    given = {field: value for field, value in given.items() if value is not None}
    try:
        given |= dict(_setting(text) for text in arguments.settings)
        if arguments.resume and (runs / name / "run.json").is_file():
            given |= {"recipe": arguments.recipe} if arguments.recipe else {}
            given |= {"architecture": arguments.architecture}
            return TrainingConfig.from_json(open_run(runs, name).config | given)
        return training_config(arguments.architecture, arguments.recipe or "modern", **given)
    except (ValueError, TypeError) as error:
        raise TrainingError(
            f"These settings do not work: {error}.",
            "See 'python -m pipeline train --help'.",
        ) from error


def _setting(text: str) -> tuple[str, object]:
    name, found, value = text.partition("=")
    if not found:
        raise ValueError(f"Expected FIELD=VALUE. Received: {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value  # a word, such as val_loss


def _resume_command(arguments: argparse.Namespace, name: str) -> str:
    words = ["python", "-m", "pipeline", "train", arguments.architecture, "--name", name]
    words += ["--data", str(arguments.data)] if arguments.data else []
    return shlex.join([*words, "--resume"])


def _summary(run: Run) -> str:
    lines = [f"Stored as {run.name} (best epoch {run.document['best_epoch']}) in {run.folder}"]
    metrics = run.metrics()
    split = "test" if "test" in metrics else "validation"
    figures = metrics[split][run.document["operating_point"]]["figures"]
    for figure in ("auc", "balanced_accuracy", "sensitivity", "specificity"):
        entry = figures[figure]
        if entry["value"] is not None:
            lines.append(
                f"  {split} {figure.replace('_', ' ')} {entry['value']:.3f} "
                f"({entry['low']:.3f} to {entry['high']:.3f})"
            )
    return "\n".join([*lines, f"All figures: python -m pipeline evaluate {run.name}"])


class _Display:
    """The bar over all steps of all epochs, and a row for each epoch above it."""

    def __init__(self):
        self._bar: tqdm | None = None
        self._epochs_shown = 0

    def __enter__(self) -> _Display:
        return self

    def __exit__(self, *_) -> None:
        self._close()

    def say(self, sentence: str) -> None:
        self._close()
        print(sentence, file=sys.stderr, flush=True)

    def load(self, share: float) -> None:
        bar = self._open(100, "reading", "%", bar_format="{l_bar}{bar}| {elapsed}<{remaining}")
        bar.update(round(100 * share) - bar.n)
        if share >= 1:
            self._close()

    def show(self, progress) -> None:
        done = (progress.epoch - 1) * progress.steps + progress.step
        # A resumed training begins in the middle: the time to go follows from its own steps.
        bar = self._open(progress.epochs * progress.steps, "training", "step", initial=done - 1)
        bar.set_postfix_str(
            f"epoch {progress.epoch}/{progress.epochs}, loss {progress.loss:.3f}", refresh=False
        )
        bar.update(done - bar.n)
        row = progress.last_row
        if row is not None and row["epoch"] > self._epochs_shown:
            if self._epochs_shown == 0:
                bar.write("  ".join(_heading()), file=sys.stdout)
            bar.write("  ".join(_cells(row)), file=sys.stdout)
            sys.stdout.flush()
            self._epochs_shown = row["epoch"]

    def _open(self, total: int, what: str, unit: str, **options) -> tqdm:
        if self._bar is None:
            self._bar = tqdm(
                total=total, desc=what, unit=unit, file=sys.stderr, dynamic_ncols=True, **options
            )
        return self._bar

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _heading() -> list[str]:
    return [title.rjust(len(form.format(0))) for _, title, form in _COLUMNS]


def _cells(row: dict) -> list[str]:
    return [form.format(row[key]).rjust(len(title)) for key, title, form in _COLUMNS]
