"""Fuzz the import of runs: what came is written as runs that can be opened, or a sentence is said.

The first byte of an input says what the file is called, the rest is the file: event files, tables,
JSON, and ZIPs of any of them.
"""

from __future__ import annotations

import io
import json
import math
import random
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

from campaign import run, watched
from damage import damaged, rearranged
from text_parts import mutated_json, mutated_table

with watched(__name__ == "__main__"):
    from pipeline.errors import PipelineError
    from pipeline.exporting import to_csv
    from pipeline.foreign import read_uploads
    from pipeline.foreign.event import file_start, scalar
    from pipeline.foreign.record_file import packed
    from pipeline.importing import import_runs
    from pipeline.runs import list_runs

REFUSALS = PipelineError
NAMES = ("events.out.tfevents.1700000000.host", "log.csv", "history.json", "sent.zip", "notes")
_EVENTS, _TABLE, _JSON, _ZIP, _ANY = range(len(NAMES))
_CSV = b"epoch,loss,val_loss,lr\n0,0.7,0.8,0.001\n1,0.5,0.6,0.001\n2,0.4,0.7,0.0001\n"
_CHART = b'"Step","fox - loss","fox - loss__MIN","owl - loss"\n0,0.7,0.7,0.8\n1,0.5,0.5,0.6\n'
_HISTORY = {"history": {"loss": [0.7, 0.5], "val_loss": [0.8, 0.6]}, "epoch": [0, 1]}
_HISTORY |= {"params": {"epochs": 2, "lr": 0.1, "verbose": 1}}
_RUN = {
    "schema": 1, "name": "own", "title": "Own", "status": "finished", "architecture": "compact",
    "parameters": {"total": 4}, "config": {"seed": 1, "monitor": "val_loss", "epochs": 9},
}  # fmt: skip
_PLACES = (
    "../out.csv", "/abs.csv", "..\\out.csv", "a\\b.csv", "a/../../b.csv", "nul\0.csv", "CON.csv",
    "aux", "x" * 300 + ".csv", "a/" * 40 + "b.csv", "e\N{COMBINING ACUTE ACCENT}.csv", ".a.csv",
    "__MACOSX/a.csv", "log.csv", "LOG.CSV", "inner.zip", "a:b.csv", "a.csv/", "", ".", "a//b.csv",
    "run.json", "history.csv", "meta.yaml", "metrics/loss", "train/events.out.tfevents.1.x",
)  # fmt: skip


def seeds() -> list[bytes]:
    events = packed(
        [
            file_start(1.7e9),
            *(scalar("epoch_loss", n, 1 / (n + 1), 1.7e9 + n) for n in range(4)),
            *(scalar("epoch_learning_rate", n, 0.1, 1.7e9 + n) for n in range(4)),
        ]
    )
    mlflow = {
        "m/meta.yaml": b"run_name: fox\nstart_time: 1700000000000\n",
        "m/metrics/loss": b"1700000000000 0.5 0\n1700000001000 0.4 1\n",
        "m/metrics/val/loss": b"1700000000000 0.6 0\n1700000001000 0.5 1\n",
        "m/params/epochs": b"2",
        "m/tags/mlflow.autologging": b"keras",
    }
    own = {"own/run.json": json.dumps(_RUN).encode(), "own/history.csv": _CSV}
    sides = {f"tb/{side}/{NAMES[0]}": events for side in ("train", "validation")}
    files = [
        (_EVENTS, events),
        (_TABLE, _CSV),
        (_TABLE, _CSV.replace(b",", b";").replace(b".", b",")),
        (_TABLE, _CHART),
        (_JSON, json.dumps(_HISTORY).encode()),
        (_ZIP, zipped(list(mlflow.items()))),
        (_ZIP, zipped(list(own.items()))),
        (_ZIP, zipped(list(sides.items()))),
        (_ANY, _CSV),
    ]
    return [bytes((kind,)) + content for kind, content in files]


def zipped(entries: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            # Twice the same name is wanted; writing through an info does not warn of it.
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.NameToInfo.pop(name, None)
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def mutate(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return damaged(data, dice)
    kind, content = data[0] % len(NAMES), data[1:]
    if dice.random() < 0.02:
        kind = dice.randrange(len(NAMES))
    change = (_mutated_events, mutated_table, mutated_json, _mutated_zip, mutated_table)[kind]
    return bytes((kind,)) + change(content, dice)


def _mutated_events(data: bytes, dice: random.Random) -> bytes:
    """Change records and give them checksums that agree."""
    contents, position = [], 0
    while position + 12 <= len(data):
        (length,) = struct.unpack_from("<Q", data, position)
        contents.append(data[position + 12 : position + 12 + length])
        position += 16 + length
    for _ in range(dice.choice((1, 1, 2, 4))):
        kind = dice.randrange(4)
        if kind == 0 or not contents:
            contents = rearranged(contents, dice)
        elif kind == 1:
            value = dice.choice((0.5, math.inf, math.nan, -1e308, 1e-45))
            step = dice.choice((0, 1, -1, 2**31, 2**53, 2**63 - 1, -(2**63)))
            tag = dice.choice(("epoch_loss", "loss", "epoch", "step", "", "x" * 600, "a/b", "\n"))
            time = dice.choice((1.7e9, 0.0, -1.0, 1e300, math.nan, math.inf))
            contents.insert(dice.randrange(len(contents) + 1), scalar(tag, step, value, time))
        else:
            place = dice.randrange(len(contents))
            contents[place] = damaged(contents[place], dice)
    whole = packed(contents)
    return damaged(whole, dice) if dice.random() < 0.2 else whole


def _mutated_zip(data: bytes, dice: random.Random) -> bytes:
    if dice.random() < 0.25:
        return damaged(data, dice)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [(one.filename, archive.read(one)) for one in archive.infolist()]
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        ValueError,
        RuntimeError,
        struct.error,
        EOFError,
    ):
        return damaged(data, dice)
    for _ in range(dice.choice((1, 1, 2, 4))):
        kind = dice.randrange(4)
        if kind == 0 or not entries:
            entries = rearranged(entries, dice)
            continue
        place = dice.randrange(len(entries))
        name, content = entries[place]
        if kind == 1:
            entries[place] = (dice.choice(_PLACES), content)
        elif name.endswith(".json"):
            entries[place] = (name, mutated_json(content, dice))
        elif "tfevents" in name:
            entries[place] = (name, _mutated_events(content, dice))
        else:
            entries[place] = (name, mutated_table(content, dice))
    return zipped(entries)


def read(data: bytes) -> None:
    if not data:
        return
    found = read_uploads([(NAMES[data[0] % len(NAMES)], data[1:])])
    assert all("\n" not in problem for problem in found.problems)
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder, "runs")
        written = import_runs(found, here)
        listed = list_runs(here)
        assert not listed.damaged
        assert len(listed.runs) == len(written.runs)
        assert set(Path(folder).iterdir()) <= {here}
        for one in listed.runs:
            assert len(one.history())
        if listed.runs:
            to_csv(listed.runs, Path(folder, "csv"))


if __name__ == "__main__":
    run(seeds(), mutate, read, REFUSALS)
