import json
import signal
import subprocess
import sys

import numpy as np
import pandas as pd

from pipeline.runs import list_runs, open_run

# Trains, and kills itself `delay` seconds after the given step; the timer's thread runs beside
# the training, so the kill may fall into a step, a checkpoint or the export.
SCRIPT = """
import json, os, signal, sys, threading
from pathlib import Path
from pipeline.config import TrainingConfig
from pipeline.training import train

config, dataset, runs, kill = json.loads(sys.argv[1])

def kill_later(progress):
    if kill and [progress.epoch, progress.step] == kill[:2]:
        timer = threading.Timer(kill[2], os.kill, (os.getpid(), signal.SIGKILL))
        timer.daemon = True
        timer.start()

train(TrainingConfig.from_json(config), Path(dataset), Path(runs), "killed",
      resume=True, progress=kill_later)
"""


def test_a_training_killed_three_times_ends_like_one_that_never_was(
    toy_run, toy_config, toy_dataset, tmp_path
):
    generator = np.random.default_rng(2024)
    steps = 5
    kills = [
        [int(generator.integers(1, 3)), int(generator.integers(1, steps + 1)), 0.0],
        [3, steps, float(generator.uniform(0, 0.3))],  # while epoch 3 is judged and stored
        [toy_config.epochs, steps, float(generator.uniform(0.3, 1.5))],  # about the export
    ]
    for kill in [*kills, None]:
        order = json.dumps([toy_config.to_json(), str(toy_dataset), str(tmp_path), kill])
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SCRIPT, order], capture_output=True, check=False
        )
        if kill is None:
            assert ended.returncode == 0, ended.stderr
        else:
            assert ended.returncode == -signal.SIGKILL, ended.stderr
            listing = list_runs(tmp_path)
            assert (listing.runs, listing.damaged) == ((), ())

    resumed = open_run(tmp_path, "killed")
    assert resumed.status == "finished"
    pd.testing.assert_frame_equal(
        resumed.history().drop(columns="seconds"),
        toy_run.history().drop(columns="seconds"),
        check_exact=True,
    )
    assert resumed.document["best_epoch"] == toy_run.document["best_epoch"]
    pd.testing.assert_frame_equal(resumed.predictions(), toy_run.predictions(), atol=1e-4)
