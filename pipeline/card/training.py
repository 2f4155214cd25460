"""What a card says of the network and of how it was trained."""

from __future__ import annotations

from pipeline.card import charts, commands, wording
from pipeline.card.parts import Chart, Facts, Section, Text
from pipeline.runs import Run, best_epoch

_CHARTED = {"loss": "cross-entropy", "auc": "AUC", "accuracy": "accuracy"}
_NOT_TOLD = "not recorded"


def model(run: Run) -> Section:
    document = run.document
    size = document.get("input", {})
    network = document.get("model_sha256")
    kept = (run.folder / "model.onnx").is_file()
    rows = (
        ("run", run.name),
        ("architecture", run.architecture),
        ("parameters", f"{run.parameters:,}"),
        (
            "input",
            f"{size.get('size_px', '?')} x {size.get('size_px', '?')} px, "
            f"{size.get('channels', '?')} channel(s)",
        ),
        ("output", "two columns, NORMAL and PNEUMONIA; their log odds divided by a temperature"),
        ("start", _start(run)),
        ("network (SHA-256 of model.onnx)", network or _NOT_TOLD),
        ("weights", "stored with the run" if kept else "not stored; train it again to have them"),
    )
    return Section(
        "model",
        "Model",
        "CLAIM: Model; TRIPOD+AI: Model output, Model specification",
        (Facts(rows, "From run.json."), Text(wording.EXPLANATION)),
    )


def _start(run: Run) -> str:
    if run.config.get("pretrained"):
        return "ImageNet weights"
    return "random weights" + (
        f", seed {run.seed}" if run.seed is not None else ", seed not recorded"
    )


def training(run: Run) -> Section:
    history = run.history()
    monitor = run.config.get("monitor", "val_loss")
    best = best_epoch(history, monitor)
    settings = tuple((name, _text(value)) for name, value in run.config.items())
    seconds = run.document.get("seconds")
    rows = (
        ("epochs run", str(len(history)) if len(history) else _NOT_TOLD),
        ("epoch kept", f"{best}, by {monitor}" if best is not None else _NOT_TOLD),
        ("time", f"{seconds / 60:.0f} minutes" if seconds else _NOT_TOLD),
        ("finished", run.document.get("finished", _NOT_TOLD)),
    )
    drawn = []
    for name, title in _CHARTED.items():
        lines = {
            side: (history[column].tolist(), side == "validation")
            for side, column in (("training", name), ("validation", f"val_{name}"))
            if column in history
        }
        if lines and len(history) > 1:
            svg = charts.training(history["epoch"].tolist(), lines, best, title)
            caption = f"{title.capitalize() if title.islower() else title} by epoch, from "
            caption += "history.csv. Solid: training. Dashed: validation."
            drawn.append(Chart(caption, svg, commands.training(run)))
    return Section(
        "training",
        "Training",
        "CLAIM: Training; TRIPOD+AI: Model development",
        (Facts(rows), *drawn, Facts(settings, "Every setting, from run.json.")),
    )


def _text(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)
