"""Event files as TensorBoard's own writer writes them, and a training that Keras logs itself."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def write_events():
    """Writer: ``write_events(folder, {tag: [(step, value), ...]}, start, restart_at=None)``.

    Uses the ``tensorboard`` package. The event of a step gets the time `start` + step + 1.
    """
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    def write(folder: Path, scalars: dict, start: float = 1_700_000_000.0, restart_at=None):
        before = set(folder.glob("*")) if folder.exists() else set()
        writer = EventFileWriter(str(folder))
        if restart_at is not None:
            log = SessionLog(status=SessionLog.START)
            writer.add_event(Event(wall_time=start, step=restart_at, session_log=log))
        for tag, points in scalars.items():
            for step, value in points:
                summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
                event = Event(wall_time=start + step + 1, step=step, summary=summary)
                writer.add_event(event)
        writer.close()
        (path,) = set(folder.glob("*")) - before
        # Named by when it was opened, which the writer takes from its own clock.
        return path.rename(folder / f"events.out.tfevents.{int(start)}.host")

    return write


@pytest.fixture(scope="session")
def keras_logs(tmp_path_factory) -> Path:
    """Folder with ``tb/`` (TensorBoard), CSV and JSON files of one
    training of three epochs, four steps each.
    """
    import keras
    import numpy as np

    folder = tmp_path_factory.mktemp("keras")
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid", name="only")]
    )
    metrics = ["acc", keras.metrics.AUC(name="auc_1"), keras.metrics.Recall(name="recall")]
    model.compile("adam", "binary_crossentropy", metrics=metrics)
    x = np.random.default_rng(0).normal(size=(32, 4)).astype(np.float32)
    y = (x[:, :1] > 0).astype(np.float32)
    logged = model.fit(
        x,
        y,
        epochs=3,
        batch_size=8,
        validation_data=(x[:16], y[:16]),
        verbose=0,
        callbacks=[
            keras.callbacks.TensorBoard(str(folder / "tb"), update_freq=2),
            keras.callbacks.CSVLogger(str(folder / "log.csv")),
            keras.callbacks.CSVLogger(str(folder / "semicolons.csv"), separator=";"),
        ],
    )
    told = {"history": logged.history, "epoch": logged.epoch, "params": logged.params}
    (folder / "history.json").write_text(json.dumps(told), encoding="utf-8")
    (folder / "plain.json").write_text(json.dumps(logged.history), encoding="utf-8")
    return folder
