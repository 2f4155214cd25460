"""The 14 trainings of the 2021 notebook study as runs without weights, their faults stated.

The facts lie in ``artifacts/notebooks``, read from the notebooks of
https://github.com/Zealfire243/X-ray-Classification-Model. Nothing here is measured anew.
"""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.architectures import ARCHITECTURES
from pipeline.config import CLASS_NAMES
from pipeline.errors import RunError
from pipeline.runs import SCHEMA, Run, open_run, plain_csv
from pipeline.storage import require_own, write_json, write_text

ORIGIN = "recorded in the 2021 notebooks"
REPOSITORY_URL = "https://github.com/Zealfire243/X-ray-Classification-Model"

# A tag, so that every page can warn of it without reading sentences.
VALIDATED_ON_TEST = "validated on test images"

_COLUMNS = ("epoch", "seconds", "loss", "accuracy", "val_loss", "val_accuracy")

# The notebooks number their models; the number leads the recorded name.
_ARCHITECTURE = {
    "1": "dense_baseline",
    "2": "basic_conv2d",
    "3": "alexnet",
    "4": "simple_resnet",
    "5": "resnet_2_5_2",
}
# The official folders; the enlarged validation set adds what `validation_moved.json` lists.
_TRAIN = {"NORMAL": 1341, "PNEUMONIA": 3875}
_ORIGINAL_VALIDATION = {"NORMAL": 8, "PNEUMONIA": 8}

# What only the notebook itself can tell of one training; the rest follows from its figures.
_PECULIARITIES = {
    "maiden_alexnet_16": (
        "The stored log is a repetition that was interrupted at step 4 of 163 of the first epoch; "
        "the log of the earlier, finished training is lost.",
    ),
    "update_simpleresnet_141_resumed": (
        "It probably went on from weights that were already trained: its first epoch begins at a "
        "loss of 0.124 where fresh trainings begin at 0.41 to 0.50.",
    ),
    "update_simpleresnet_141_25ep": (
        "Only an older version of the notebook holds this log; a run of 8 epochs replaced it.",
    ),
    "report_simpleresnet_141": (
        "The notebook prints a test accuracy of 0.588, which does not measure the network: it "
        "compares predictions in shuffled order with labels in folder order. It is not shown as "
        "a result.",
        "The LIME pictures in this notebook were probably made with the training of 15 October "
        "2021 (limecheck), not with this one of 19 October 2021.",
    ),
    "limecheck_simpleresnet_141": (
        "The notebook's LIME pictures, probably made with this network, show it images scaled to "
        "-1..1, although it was trained on pixels of 0..255: what they explain is doubtful.",
    ),
    "early_baseline_adam_16": (
        "It was interrupted at step 141 of 163 of its second epoch.",
        "The network differs from the later dense baseline in its optimizer (Adam).",
    ),
    "early_conv128_16": (
        "The log ends at step 87 of 163 of its second epoch.",
        "The network differs from the later BasicConv2D: a dense layer of 128 units and a "
        "softmax output.",
    ),
}


def record(source: Path, runs: Path) -> list[Run]:
    """Write every recorded training as a run folder; the same bytes at every call.

    Parameters
    ----------
    source : folder with ``runs.json`` and ``validation_moved.json`` of the notebook study.
    runs : ``artifacts/runs``.

    Returns
    -------
    The runs, by name. Each has status ``recorded``: a history, no weights, no predictions.

    Raises
    ------
    RunError : if the record cannot be read, or a folder of that name holds another run.
    """
    require_own(runs)
    trainings = _read(source / "runs.json")
    moved = _read(source / "validation_moved.json")["counts"]
    written = []
    for training in trainings:
        document = _document(training, moved)
        folder = runs / document["name"]
        if (folder / "run.json").is_file() and open_run(runs, folder.name).status != "recorded":
            raise RunError(
                f"{folder.name} is a run of your own.", "Rename its folder, then record again."
            )
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "history.csv", plain_csv(_COLUMNS, _rows(training)))
        write_json(folder / "run.json", document)
        written.append(open_run(runs, folder.name))
    return sorted(written, key=lambda run: run.name)


def _read(path: Path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(
            f"The record of the notebooks cannot be read: {path}.",
            "Give the folder that holds it with --from.",
        ) from error


def _rows(training: dict) -> list[dict]:
    return [{column: epoch[column] for column in _COLUMNS} for epoch in training["epochs"]]


def _document(training: dict, moved: dict[str, int]) -> dict:
    architecture = ARCHITECTURES[_ARCHITECTURE[training["model"][0]]]
    validation = _validation(training, moved)
    images = sum(validation[name] for name in CLASS_NAMES)
    # Identifiers read <notebook>_<network>_<validation images>[_<what is special>], or with
    # what is special before the number.
    notebook, *special = (
        part
        for part in training["run_id"].split("_")
        if part not in (str(images), "baseline", "conv", "alexnet", "simpleresnet", "resnet")
    )
    stem = "-".join([notebook, *special])
    return {
        "schema": SCHEMA,
        "name": f"notebook-{architecture.name}-{images}-{stem}",
        "title": f"{architecture.title}, {stem} notebook of 2021, {images} validation images",
        "status": "recorded",
        "origin": ORIGIN,
        "tags": ["notebook", *([VALIDATED_ON_TEST] if validation["also_test_images"] else [])],
        "notes": _notes(training, validation),
        "architecture": architecture.name,
        "parameters": {
            "total": training["params_total"],
            "trainable": training["params_trainable"],
        },
        "class_names": list(CLASS_NAMES),
        "input": {"size_px": training["input_shape"][0], "channels": training["input_shape"][2]},
        "config": _config(training, architecture.name),
        "data": {"train": _TRAIN, "validation": validation},
        "seconds": training["total_seconds"],
        "best_epoch": min(
            training["epochs"], key=lambda epoch: epoch["val_loss"], default={"epoch": None}
        )["epoch"],
        "source": {
            "repository": REPOSITORY_URL,
            "notebook": training["notebook"],
            "commit": training["commit"],
            "identifier": training["run_id"],
            "loss": training["loss"],
            "remarks": [
                training[key]
                for key in ("note", "params_note", "batch_size_note")
                if key in training
            ],
        },
    }


def _validation(training: dict, moved: dict[str, int]) -> dict:
    if training["validation_set"] == "original 16":
        return _ORIGINAL_VALIDATION | {
            "taken_from": "the official val folder",
            "also_test_images": 0,
        }
    return {
        "NORMAL": moved["val_after_normal"],
        "PNEUMONIA": moved["val_after_pneumonia"],
        "taken_from": f"the official val folder, and {moved['total']} images of the test folder",
        "also_test_images": moved["total"],
    }


def _config(training: dict, architecture: str) -> dict:
    """Return what the notebooks record; what they do not is absent, not guessed."""
    config = {
        "architecture": architecture,
        "recipe": "notebook",
        "size_px": training["input_shape"][0],
        "epochs": training["epochs_planned"],
        "batch_size": training["batch_size"],
        "optimizer": training["optimizer"].lower(),
        "learning_rate": training["learning_rate"],
        "loss": training["loss"].split()[0],
        "class_weights": False,
        "augment": False,
    }
    return {key: value for key, value in config.items() if value is not None}


def _notes(training: dict, validation: dict) -> list[str]:
    counts = [validation[name] for name in CLASS_NAMES]
    images = sum(counts)
    notes = []
    if validation["also_test_images"]:
        notes.append(
            f"{validation['also_test_images']} of the {images} validation images are test images "
            "too, so neither its validation figures nor any test figure is independent."
        )
    else:
        notes.append(
            f"Validated on {images} images only: one image is {100 / images:.2f} percentage "
            "points of accuracy."
        )
    done, planned = len(training["epochs"]), training["epochs_planned"]
    if done != planned:
        notes.append(f"The log is incomplete: it holds {done} of {planned} epochs.")
    if _never_learned(training["epochs"], max(counts) / images):
        share = _TRAIN["PNEUMONIA"] / sum(_TRAIN.values())
        pneumonia = validation["PNEUMONIA"] / images
        notes.append(
            f"It never learned: its accuracy stays at the share of pneumonia, {share:.3f} of the "
            f"training and {pneumonia:.3f} of the validation images."
        )
    notes.extend(_PECULIARITIES.get(training["run_id"], ()))
    if training["learning_rate"] is None:
        notes.append("The learning rate is not written in the notebook (the optimizer's default).")
    notes.append(
        "Trained once, without a seed: the three fresh SimpleResNet trainings of the study end "
        "between 0.787 and 0.794, so small differences mean nothing."
    )
    return notes


def _never_learned(epochs: list[dict], majority: float) -> bool:
    """Whether the validation accuracy is always, and the training accuracy at last, the larger
    class's share (to the four digits of the log)."""
    if len(epochs) < 2:
        return False
    train_majority = max(_TRAIN.values()) / sum(_TRAIN.values())
    return (
        all(abs(epoch["val_accuracy"] - majority) < 1e-4 for epoch in epochs)
        and abs(epochs[-1]["accuracy"] - train_majority) < 1e-3
    )
