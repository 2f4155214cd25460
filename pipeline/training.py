"""Train a network and store it as a run, so that a kill at any moment costs at most one epoch.

Everything random in an epoch follows from (seed, epoch), and a checkpoint holds weights and
optimiser, so a resumed training writes the same history as one that was never stopped. Written
against Keras 3's backend-neutral API: TensorFlow and JAX train alike.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from pipeline import evaluation, export, zips
from pipeline.architectures import architecture
from pipeline.classifier import Classifier
from pipeline.config import CLASS_NAMES, PNEUMONIA, TrainingConfig
from pipeline.errors import TrainingError
from pipeline.examples import LABEL, TARGET, Examples, Teach, batches, load_examples, with_channels
from pipeline.runs import (
    HISTORY_COLUMNS,
    LOGIT_DIGITS,
    PREDICTION_COLUMNS,
    SCHEMA,
    Run,
    best_epoch,
    checked_name,
    open_run,
    plain_csv,
)
from pipeline.storage import replacing, require_own, write_json, write_text
from pipeline.teachers import check_same_split, teachers

_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "onnxruntime", "numpy", "pillow")


@dataclass(frozen=True)
class Progress:
    """Where a training stands: `step` of `steps` in `epoch` of `epochs`, both from 1."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    last_row: dict | None = None


def train(
    config: TrainingConfig,
    dataset: Path,
    runs: Path,
    name: str,
    resume: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    loading: Callable[[float], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
    notes: Sequence[str] = (),
) -> Run:
    """Train `config` on ``dataset/train`` and write ``runs/name``.

    Parameters
    ----------
    dataset : folder in the Kaggle layout. Nothing is ever written there.
    resume : go on with a run of that name that was cut off, or begin if there is none.
    progress : called after every step, and once more when the epoch has been judged and stored.
    loading : called while pictures are read, with the share that is done.
    say : receives sentences about what is being done.
    notes : sentences to be kept with the run, such as the reason for an unusual setting.

    Returns
    -------
    Run : finished, with its exported network, calibration, thresholds and held-out figures.

    Raises
    ------
    TrainingError, DatasetError : before anything is written if it cannot work.
    """
    folder = runs / checked_name(name)
    _prepare_folder(folder, config, resume)
    teach, taught_by = teachers(runs, config)
    with _MemoryErrorsExplained():
        model = _build(config)
        if config.pretrained and not list(folder.glob("checkpoint-*")):
            from pipeline import pretrained

            say("Starting from weights learned on ImageNet.")
            pretrained.load_into(model)
        say("Reading the pictures.")
        data = load_examples(config, dataset, loading)
        check_same_split(taught_by, config, data.description)
        steps = -(-len(data.train) // config.batch_size)
        _compile(model, config, steps)
        try:
            done = _restore(model, folder, data)
            if done == 0:
                folder.mkdir(exist_ok=True)
                kept = notes or _notes(folder)  # of a run that was cut off in its first epoch
                document = _unfinished_document(name, config, model, data)
                document |= {"taught_by": {t.name: t.document["model_sha256"] for t in taught_by}}
                _write_run(folder, document | {"notes": list(kept)})
                write_text(folder / "history.csv", plain_csv(HISTORY_COLUMNS, []))
            else:
                say(f"Going on after epoch {done}.")
            _fit(model, config, data, teach, folder, done, steps, progress)
            say("Exporting the best epoch and judging the held-out pictures.")
            return _finish(model, config, data, folder)
        except OSError as error:
            raise TrainingError(
                f"The run could not be written ({error.strerror or error}).",
                "Free some disk space or mend the permissions, then go on with --resume.",
            ) from error


class _MemoryErrorsExplained(AbstractContextManager):
    """Turn running out of memory into a TrainingError.

    Each backend raises a kind of its own, and none can be imported here: hence no `except`.
    """

    def __exit__(self, kind, error, trace) -> None:
        if kind is not None and (
            issubclass(kind, MemoryError)
            or "ResourceExhausted" in kind.__name__
            or "RESOURCE_EXHAUSTED" in str(error)
        ):
            raise TrainingError(
                "There is too little memory for this training.",
                "Close other programs and go on with --resume, or begin another --name with a "
                "smaller --batch-size or --size.",
            ) from error


def _build(config: TrainingConfig) -> keras.Model:
    chosen = architecture(config.architecture)
    keras.utils.set_random_seed(config.seed)
    try:
        return chosen.build(
            config.size_px, **{name: getattr(config, name) for name in chosen.options}
        )
    except ValueError as error:  # a feature map with no pixel left
        raise TrainingError(
            f"{chosen.title} cannot be built for pictures of {config.size_px} pixels.",
            "Choose a larger --size.",
        ) from error


def _prepare_folder(folder: Path, config: TrainingConfig, resume: bool) -> None:
    require_own(folder.parent)
    if (folder / "run.json").is_file():
        existing = open_run(folder.parent, folder.name)
        if existing.status != "unfinished":
            raise TrainingError(
                f"The run {folder.name} is already {existing.status}.",
                "Give another --name, or remove its folder.",
            )
        if not resume:
            raise TrainingError(
                f"The run {folder.name} was begun and cut off.",
                "Go on with --resume, or remove its folder.",
            )
        if TrainingConfig.from_json(existing.config) != config:
            raise TrainingError(
                f"The run {folder.name} was begun with other settings.",
                "Give the same options as then, or another --name.",
            )
    # The folder itself is made when there is something to put into it.
    place = folder if folder.exists() else folder.parent
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
        for left_by_a_kill in folder.glob(".partial-*"):
            if left_by_a_kill.is_file():
                left_by_a_kill.unlink()
    except OSError as error:
        raise TrainingError(
            f"The folder {place} is not writable ({error.strerror}).",
            "Set XRAY_ARTIFACTS to a folder that is.",
        ) from error


def _compile(model: keras.Model, config: TrainingConfig, steps: int) -> None:
    rate: float | keras.optimizers.schedules.LearningRateSchedule = config.learning_rate
    if config.schedule == "cosine":
        warmup = round(config.warmup_epochs * steps)
        rate = keras.optimizers.schedules.CosineDecay(
            config.learning_rate / 100 if warmup else config.learning_rate,
            decay_steps=max(1, config.epochs * steps - warmup),
            alpha=0.01,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    average = {"use_ema": True, "ema_momentum": config.ema_momentum} if config.ema_momentum else {}
    if config.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay, **average)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    else:
        kind = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[config.optimizer]
        optimizer = kind(rate, **average)
    kind = {
        "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
        "binary_crossentropy": keras.losses.BinaryCrossentropy,
    }[config.loss]
    model.compile(
        optimizer=optimizer,
        loss=_on_target(kind)(label_smoothing=config.label_smoothing),
        metrics=[
            _on_label(keras.metrics.CategoricalCrossentropy)(name="cross_entropy"),
            _on_label(keras.metrics.CategoricalAccuracy)(name="accuracy"),
            _on_label(_PneumoniaAUC)(name="auc"),
            _on_label(keras.metrics.Recall)(top_k=1, class_id=PNEUMONIA, name="sensitivity"),
            _on_label(keras.metrics.Recall)(top_k=1, class_id=1 - PNEUMONIA, name="specificity"),
        ],
        # XLA on a CPU makes these convolutions slower; on a GPU Keras decides.
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )


# A batch carries what is learned (perhaps blended, or a teacher's) beside what is true.


def _on_target(kind: type[keras.losses.Loss]) -> type[keras.losses.Loss]:
    class OnTarget(kind):
        def call(self, y_true, y_pred):
            return super().call(y_true[:, TARGET], y_pred)

    return OnTarget


def _on_label(kind: type[keras.metrics.Metric]) -> type[keras.metrics.Metric]:
    class OnLabel(kind):
        def update_state(self, y_true, y_pred, sample_weight=None):
            return super().update_state(y_true[:, LABEL], y_pred, sample_weight)

    return OnLabel


class _PneumoniaAUC(keras.metrics.AUC):
    """AUC of the pneumonia column alone; the stock metric would pool both columns."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        return super().update_state(y_true[:, PNEUMONIA], y_pred[:, PNEUMONIA], sample_weight)


def _restore(model: keras.Model, folder: Path, data: Examples) -> int:
    """Load the newest checkpoint into `model`; return how many epochs it has behind it."""
    checkpoints = sorted(folder.glob("checkpoint-*"))
    if not checkpoints:
        return 0
    begun_on = open_run(folder.parent, folder.name).document["data"]["fingerprint"]
    if begun_on != data.description["fingerprint"]:
        raise TrainingError(
            f"The run {folder.name} was begun on other pictures.",
            "Give the same --data as then, or another --name.",
        )
    epoch = int(checkpoints[-1].name.split("-")[1])
    try:
        _load_checkpoint(model, checkpoints[-1])
    except (*zips.ERRORS, KeyError, TypeError) as error:
        raise TrainingError(
            f"{checkpoints[-1].name} of {folder.name} is damaged, or none of this program's.",
            "Remove that folder and resume: it goes on from what is left.",
        ) from error
    # A row may have been written after this checkpoint; it will be written again.
    rows = _history(folder)
    write_text(
        folder / "history.csv",
        plain_csv(HISTORY_COLUMNS, rows[rows["epoch"] <= epoch].to_dict("records")),
    )
    return epoch


def _load_checkpoint(model: keras.Model, folder: Path) -> None:
    stored = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    model.set_weights(stored.get_weights())
    model.optimizer.build(model.trainable_variables)
    with np.load(folder / "optimizer.npz", allow_pickle=False) as arrays:
        for variable, key in zip(model.optimizer.variables, sorted(arrays), strict=True):
            variable.assign(arrays[key])


def _fit(
    model: keras.Model,
    config: TrainingConfig,
    data: Examples,
    teach: Teach | None,
    folder: Path,
    done: int,
    steps: int,
    progress: Callable[[Progress], None],
) -> None:
    validation, validation_labels = data.validation
    channels = model.input_shape[-1]
    row = None
    for epoch in range(done + 1, config.epochs + 1):
        if _patience_is_spent(folder, config):
            return
        _seed_dropout(model, config.seed, epoch)
        began = time.monotonic()
        # train_on_batch begins every metric anew; their states are sums, so they add up.
        sums: list[np.ndarray] = []
        for step, batch in enumerate(batches(config, data, epoch, channels, teach), start=1):
            logs = model.train_on_batch(*batch, return_dict=True)
            _check_finite(logs["loss"], epoch)
            states = [variable.numpy().copy() for variable in model.metrics_variables]
            sums = [a + b for a, b in zip(sums, states, strict=True)] if sums else states
            progress(Progress(epoch, config.epochs, step, steps, logs["cross_entropy"], row))
        figures = _epoch_figures(model, sums)
        raw = model.get_weights()
        if config.ema_momentum:
            model.optimizer.finalize_variable_values(model.trainable_variables)
        row = {
            "epoch": epoch,
            "learning_rate": _learning_rate(model),
            "objective": figures["loss"],
            "loss": figures["cross_entropy"],
            **{name: figures[name] for name in ("accuracy", "auc", "sensitivity", "specificity")},
            **_validate(model, validation, validation_labels, epoch),
        }
        row = {key: round(float(value), 6) for key, value in row.items()} | {"epoch": epoch}
        row["seconds"] = round(time.monotonic() - began, 2)
        _checkpoint(model, raw, config, folder, row)
        progress(Progress(epoch, config.epochs, steps, steps, row["loss"], row))


def _check_finite(values, epoch: int) -> None:
    if not np.all(np.isfinite(values)):
        raise TrainingError(
            f"The loss stopped being a number in epoch {epoch}.",
            "Train under another --name with a smaller --learning-rate.",
        )


def _epoch_figures(model: keras.Model, sums: list[np.ndarray]) -> dict[str, float]:
    for variable, value in zip(model.metrics_variables, sums, strict=True):
        variable.assign(value)
    return {name: float(value) for name, value in model.get_metrics_result().items()}


def _seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Set every dropout's generator by (seed, epoch), so that resuming repeats its draws."""
    for position, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Dropout):
            state = [(seed * 100_003 + position) % 2**32, epoch * 1_000_003 % 2**32]
            layer.seed_generator.state.assign(np.array(state, np.uint32))


def _validate(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, epoch: int
) -> dict[str, float]:
    logit = _logits(model, images)
    _check_finite(logit, epoch)
    signed = np.where(labels == PNEUMONIA, logit, -logit)
    names = ("accuracy", "auc", "sensitivity", "specificity")
    figures = evaluation.figures(evaluation.probability(logit, 1.0), labels, 0.5, only=names)
    return {"val_loss": float(np.logaddexp(0, -signed).mean())} | {
        f"val_{name}": figures[name] for name in names
    }


def _logits(model: keras.Model, images: np.ndarray) -> np.ndarray:
    channels = model.input_shape[-1]
    scores = [
        keras.ops.convert_to_numpy(model.predict_on_batch(with_channels(batch, channels)))
        for batch in np.array_split(images, -(-len(images) // 32))
    ]
    return evaluation.pneumonia_logit(np.concatenate(scores))


def _learning_rate(model: keras.Model) -> float:
    return float(model.optimizer.learning_rate)


def _history(folder: Path) -> pd.DataFrame:
    return open_run(folder.parent, folder.name).history()


def _notes(folder: Path) -> tuple[str, ...]:
    return open_run(folder.parent, folder.name).notes if (folder / "run.json").is_file() else ()


def _patience_is_spent(folder: Path, config: TrainingConfig) -> bool:
    history = _history(folder)
    best = best_epoch(history, config.monitor)
    return best is not None and len(history) - best >= config.patience


def _checkpoint(
    model: keras.Model, raw: list[np.ndarray], config: TrainingConfig, folder: Path, row: dict
) -> None:
    """Append the epoch's row and store a checkpoint. Called with the averaged weights in place."""
    with (folder / "history.csv").open("a", encoding="utf-8", newline="") as file:
        file.write(plain_csv(HISTORY_COLUMNS, [row]).split("\n", 1)[1])
        file.flush()
        os.fsync(file.fileno())
    epoch = row["epoch"]
    previous = sorted(folder.glob("checkpoint-*"))
    partial = folder / ".partial-checkpoint"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    if best_epoch(_history(folder), config.monitor) == epoch:
        model.save_weights(partial / "best.weights.h5")
    else:
        shutil.copy2(previous[-1] / "best.weights.h5", partial)
    model.set_weights(raw)
    model.save(partial / "model.keras")
    variables = model.optimizer.variables
    np.savez(
        partial / "optimizer.npz",
        **{f"{i:05d}": variable.numpy() for i, variable in enumerate(variables)},
    )
    for file in partial.iterdir():
        with file.open("rb+") as handle:
            os.fsync(handle.fileno())
    # A checkpoint exists whole, under its final name, or not at all.
    partial.rename(folder / f"checkpoint-{epoch:04d}")
    for old in previous:
        shutil.rmtree(old)


def _finish(model: keras.Model, config: TrainingConfig, data: Examples, folder: Path) -> Run:
    checkpoint = sorted(folder.glob("checkpoint-*"))[-1]
    model.load_weights(checkpoint / "best.weights.h5")
    # A .keras file always holds the optimiser of a compiled model, three times the weights.
    bare = _build(config)
    bare.set_weights(model.get_weights())
    if not config.half_precision:
        with replacing(folder / "model.keras") as path:
            bare.save(path)
    with replacing(folder / "model.onnx") as path:
        export.to_onnx(bare, path, half_precision=config.half_precision)

    logit = Classifier.raw_logits(folder / "model.onnx", data.held_out_images)
    table = pd.DataFrame(
        {
            "file": [item.name for _, item in data.held_out],
            "split": [split for split, _ in data.held_out],
            "label": [item.label for _, item in data.held_out],
            "kind": [item.kind for _, item in data.held_out],
            "patient": [item.patient for _, item in data.held_out],
            # Rounded before anything follows from it: every figure can be had again from the file.
            "logit": logit.round(LOGIT_DIGITS),
        }
    )
    fitted = evaluation.fit_decision(table)
    temperature = fitted["calibration"]["temperature"]
    table["probability"] = evaluation.probability(table["logit"], temperature)
    rows = table.to_dict("records")
    write_text(folder / "predictions.csv", plain_csv(PREDICTION_COLUMNS, rows))
    history = _history(folder)
    document = (
        open_run(folder.parent, folder.name).document
        | fitted
        | {
            "status": "finished",
            "finished": _now(),
            "seconds": round(float(history["seconds"].sum()), 1),
            "best_epoch": best_epoch(history, config.monitor),
            "model_sha256": export.file_sha256(folder / "model.onnx"),
        }
    )
    write_json(folder / "metrics.json", evaluation.judge(table, fitted["operating_points"]))
    _write_run(folder, document)  # last: only now the run counts as finished
    for old in folder.glob("checkpoint-*"):
        shutil.rmtree(old)
    return open_run(folder.parent, folder.name)


def _unfinished_document(name: str, config: TrainingConfig, model, data: Examples) -> dict:
    chosen = architecture(config.architecture)
    trainable = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    return {
        "schema": SCHEMA,
        "name": name,
        "title": f"{chosen.title}, {config.recipe} recipe, seed {config.seed}",
        "status": "unfinished",
        "origin": "trained by this project",
        "tags": [chosen.origin, config.recipe],
        "architecture": config.architecture,
        "parameters": {"total": model.count_params(), "trainable": trainable},
        "class_names": list(CLASS_NAMES),
        "input": {"size_px": config.size_px, "channels": chosen.channels},
        "config": config.to_json(),
        "data": data.description,
        "versions": _versions(),
        "started": _now(),
    }


def _write_run(folder: Path, document: dict) -> None:
    write_json(folder / "run.json", document)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "backend": keras.backend.backend()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
