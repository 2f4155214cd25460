"""A small synthetic run whose files follow from each other, as a training would leave them."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import evaluation
from pipeline.card import as_html, build
from pipeline.config import training_config
from pipeline.runs import PREDICTION_COLUMNS, open_run
from pipeline.storage import write_json

NETWORK = b"a network"


def _predictions(seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    rows = []
    for split in ("test", "validation"):
        for i in range(60):
            label = i % 2
            kind = ("bacteria", "virus")[i // 2 % 2] if label else "normal"
            series = "NORMAL2-IM" if i % 4 else "IM"
            patient = f"person{i // 4}_{kind}" if label else f"{series}-{i:04d}"
            name = f"{patient}_{i}.jpeg" if label else f"{patient}-0001.jpeg"
            rows.append((name, split, label, kind, patient, generator.normal(3 * label - 1.5, 1.5)))
    return pd.DataFrame(rows, columns=PREDICTION_COLUMNS[:-1]).round({"logit": 6})


def write_run(artifacts: Path, name: str, seed: int = 0, title: str = "Toy") -> Path:
    folder = artifacts / "runs" / name
    folder.mkdir(parents=True)
    table = _predictions(seed)
    decision = evaluation.fit_decision(table)
    temperature = decision["calibration"]["temperature"]
    table["probability"] = evaluation.probability(table["logit"], temperature).round(6)
    table.to_csv(folder / "predictions.csv", index=False)
    (folder / "history.csv").write_text(
        "epoch,seconds,loss,auc,val_loss,val_auc\n1,2.0,0.7,0.6,0.8,0.55\n2,2.0,0.4,0.8,0.6,0.75\n"
    )
    (folder / "model.onnx").write_bytes(NETWORK)
    document = {
        "schema": 1,
        "name": name,
        "title": title,
        "status": "finished",
        "architecture": "compact",
        "parameters": {"total": 1234, "trainable": 1200},
        "input": {"size_px": 32, "channels": 1},
        "config": training_config("compact", seed=seed, epochs=2, mixup=0.2).to_json(),
        "data": {
            "fingerprint": "f" * 64,
            "train": {"NORMAL": 10, "PNEUMONIA": 20, "patients": 15},
            "validation": {"NORMAL": 30, "PNEUMONIA": 30, "patients": 40},
        },
        "versions": {"python": "3.11", "keras": "3"},
        "seconds": 60,
        "finished": "2024-01-01T00:00:00+00:00",
        "model_sha256": hashlib.sha256(NETWORK).hexdigest(),
        **decision,
    }
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
    # As the run reads its predictions back, or the last digit might differ.
    run = open_run(artifacts / "runs", name)
    write_json(folder / "metrics.json", evaluation.judge(run.predictions(), run.operating_points))
    return folder


@pytest.fixture(scope="session")
def _toy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    write_run(folder, "toy")
    return folder


@pytest.fixture(scope="session")
def written(_toy) -> str:
    """The card of the run ``toy`` as HTML."""
    return as_html(build(open_run(_toy / "runs", "toy"), _toy))


@pytest.fixture
def toy_artifacts(tmp_path, _toy) -> Path:
    """An artifacts folder with the run ``toy``, to be changed at will."""
    return shutil.copytree(_toy, tmp_path / "artifacts")


@pytest.fixture
def add_run():
    """Writes another run: ``add_run(artifacts, name, seed, title)``."""
    return write_run
