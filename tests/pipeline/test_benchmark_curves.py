"""The speed of the page of training curves, measured on a few made-up runs."""

import json
import subprocess
import sys

import pytest

from pipeline.benchmark import curves
from pipeline.runs import list_runs

RUNS, EPOCHS = 5, 6


def test_made_up_runs_can_be_listed_and_differ(tmp_path):
    curves._make_up(tmp_path, RUNS, EPOCHS)
    histories = [run.history() for run in list_runs(tmp_path).runs]
    assert [len(history) for history in histories] == [EPOCHS] * RUNS
    assert len({tuple(history["loss"]) for history in histories}) == RUNS
    assert {f"val_{name}" for name in curves.FIGURES} < set(histories[0])


@pytest.mark.browser
def test_page_and_tensorboard_are_timed_on_the_same_runs(chromium):
    # In a process of its own: Playwright does not run twice in one, and the stories' own may still.
    script = (
        "import json; from pipeline.benchmark import curves; "
        f"print(json.dumps(curves.measure({RUNS}, {EPOCHS}, 1, chromium={chromium!r})))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    page, board = report["page"], report["tensorboard"]
    assert (report["runs"], report["epochs"], report["series"]) == (RUNS, EPOCHS, 8)
    # The first visit is not counted among the later ones; each visit returns once.
    assert [len(page[name]["all"]) for name in ("new_browser", "picture")] == [1, 2]
    assert [len(page[name]["all"]) for name in ("filter", "smoothing")] == [2, 1]
    for told in (page["new_browser"], page["picture"], page["smoothing"], board["served"]):
        assert 0 < told["median"] <= told["longest"]
    assert page["first_visit"] > 0
    assert board["loaded"] > 0
