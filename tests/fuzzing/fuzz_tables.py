"""Fuzz what is read of tables and JSON: a study's truth, a run's own files, a card, annotations.

The first byte of an input says as what the rest is read.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from campaign import run, watched
from damage import damaged
from text_parts import mutated_json, mutated_table

with watched(__name__ == "__main__"):
    from pipeline import annotations
    from pipeline.card import binding
    from pipeline.curves import axes, figures
    from pipeline.diagnosis import diagnose
    from pipeline.errors import PipelineError
    from pipeline.readings import truth
    from pipeline.runs import Run, open_run, read_predictions

REFUSALS = PipelineError
_RUN = {
    "schema": 1, "name": "fox", "title": "Fox", "status": "finished", "architecture": "compact",
    "parameters": {"total": 4, "trainable": 4}, "tags": ["one"], "notes": ["A sentence."],
    "config": {"seed": 1, "monitor": "val_loss", "epochs": 9, "patience": 2, "batch_size": 8},
    "data": {"train": {"NORMAL": 3, "PNEUMONIA": 5}, "fingerprint": "ab"},
    "calibration": {"temperature": 1.5}, "operating_point": "balanced",
    "operating_points": {"balanced": {"threshold": 0.5}}, "abstain": {"low": 0.4, "high": 0.6},
}  # fmt: skip
_CARD = (
    b'<meta name="card-schema" content="%d"><meta name="card-run" content="fox">'
    b'<meta name="card-files" content="x"><table><tr data-file="run.json" data-sha256="ab">'
    b'<tr data-figure="auc"><td>0.9</td><td>0.8 to 1.0</td><td>5</td></tr></table>'
) % binding.SCHEMA


def _truth(content: bytes, folder: Path) -> None:
    for label, _ in truth.read(content).values():
        assert label in (0, 1)


def _named(content: bytes, folder: Path) -> None:
    assert truth.read_truth(content, ("file",))


def _run(content: bytes, folder: Path) -> None:
    found = _stored(folder, run_json=content)
    assert all(isinstance(tag, str) for tag in (*found.tags, *found.notes, found.title))
    found.point(), found.band(0.5), found.seed, found.parameters, found.recipe
    _looked_at(found)


def _history(content: bytes, folder: Path) -> None:
    _looked_at(_stored(folder, history=content))


def _looked_at(found: Run) -> None:
    """Ask of a run's history what the page of training curves asks."""
    history = found.history()
    axes(found, history)
    figures(history)
    settings = found.config.get("monitor", "val_loss"), found.config.get("patience")
    diagnose(history, *settings, found.config.get("epochs"))


def _predictions(content: bytes, folder: Path) -> None:
    path = folder / "predictions.csv"
    path.write_bytes(content)
    assert read_predictions(path)["label"].dtype.kind == "i"


def _annotations(content: bytes, folder: Path) -> None:
    found = _stored(folder)
    (found.folder / annotations.FILE).write_bytes(content)
    told = annotations.read(found)
    annotations.write(found, told)
    assert annotations.read(found) == told


def _card(content: bytes, folder: Path) -> None:
    told = binding.read(content.decode("utf-8", "replace"))
    assert told.run
    assert told.files


def _stored(folder: Path, run_json: bytes | None = None, history: bytes | None = None) -> Run:
    here = folder / "fox"
    here.mkdir()
    (here / "run.json").write_bytes(json.dumps(_RUN).encode() if run_json is None else run_json)
    (here / "history.csv").write_bytes(_HISTORY if history is None else history)
    return open_run(folder, "fox")


_HISTORY = b"epoch,step,seconds,loss,val_loss\n1,8,0.5,0.7,0.8\n2,16,0.5,0.5,0.6\n3,24,,0.4,0.7\n"
Way = tuple[Callable[[bytes, Path], None], Callable[[bytes, random.Random], bytes], bytes]
WAYS: tuple[Way, ...] = (
    (_truth, mutated_table, b"case,label,patient\n1,0,a\n2,PNEUMONIA,b\n3,1,\n"),
    (_truth, mutated_table, b"sha256;label\n" + b"ab" * 32 + b";normal\n"),
    (_named, mutated_table, b'file,label,patient\na/b.png,0,"x, y"\nc.png,1,z\n'),
    (_run, mutated_json, json.dumps(_RUN).encode()),
    (_history, mutated_table, _HISTORY),
    (
        _predictions,
        mutated_table,
        b"file,split,label,kind,patient,logit,probability\na.png,test,1,virus,p1,0.5,0.6\n",
    ),
    (_annotations, mutated_json, b'{"schema": 1, "tags": ["a", "b"], "note": "words"}'),
    (_card, damaged, _CARD),
)


def seeds() -> list[bytes]:
    return [bytes((number,)) + seed for number, (_, _, seed) in enumerate(WAYS)]


def mutate(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return damaged(data, dice)
    number = data[0] % len(WAYS)
    return bytes((number,)) + WAYS[number][1](data[1:], dice)


def read(data: bytes) -> None:
    if data:
        with tempfile.TemporaryDirectory() as folder:
            WAYS[data[0] % len(WAYS)][0](data[1:], Path(folder))


if __name__ == "__main__":
    run(seeds(), mutate, read, REFUSALS)
