"""The page of training curves with hundreds of runs, in a real browser; TensorBoard beside it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import numpy as np

from pipeline.benchmark.server import dashboard, fetched, serving
from pipeline.errors import RunError
from pipeline.exporting import to_tensorboard
from pipeline.runs import SCHEMA, list_runs
from pipeline.storage import write_json, write_text

# What is logged of each run: eight figures an epoch, as a training here has them on both sides.
FIGURES = ("loss", "accuracy", "auc", "sensitivity")
_SERIES = (*FIGURES, *(f"val_{name}" for name in FIGURES))
_PATIENCE_SECONDS = 300.0
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")

# Until the browser has painted: the second frame begins when the first is on the screen.
_CHANGED = """async (input, value) => {
  const started = performance.now();
  input.value = value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return (performance.now() - started) / 1000;
}"""
# Seconds from the request to the painted curves, by the browser's own clock.
_FIRST = "() => performance.getEntriesByName('first curves')[0]?.startTime / 1000"


def measure(
    runs: int = 300,
    epochs: int = 500,
    repeats: int = 5,
    say: Callable[[str], None] = lambda _: None,
    chromium: str | None = None,
) -> dict:
    """Time the page and TensorBoard on the same runs, which are made up.

    Parameters
    ----------
    repeats : visits of the page, and changes of filter and of smoothing on each.
    chromium : path of the browser; looked for in the usual places by default.

    Returns
    -------
    ``{"page": {"first_visit", "new_browser", "picture", "filter", "smoothing"}, "tensorboard":
    {"loaded", "served"}, ...}``, in seconds. `picture` counts from the request to the painted
    curves of all runs; `new_browser` is of one that was never here and has Streamlit's scripts to
    compile, `first_visit` besides of a server that has just been started, which reads every run.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        say(f"Writing {runs} runs of {epochs} epochs.")
        _make_up(folder / "artifacts" / "runs", runs, epochs)
        page = _page(folder / "artifacts", runs, repeats, say, chromium or _browser())
        say("Writing the same runs as event files of TensorBoard.")
        to_tensorboard(list_runs(folder / "artifacts" / "runs").runs, folder / "events")
        board = _tensorboard(folder / "events", 2 * runs, epochs, repeats, say)
    return {
        "runs": runs,
        "epochs": epochs,
        "series": len(_SERIES),
        "repeats": repeats,
        "page": page,
        "tensorboard": board,
    }


def _make_up(folder: Path, runs: int, epochs: int) -> None:
    generator = np.random.default_rng(0)
    epoch = np.arange(1, epochs + 1)
    for number in range(runs):
        name = f"made-up-{number // 5:02d}-seed{number % 5}"
        pace, noise = generator.uniform(20, 200), generator.normal(0, 0.02, (len(_SERIES), epochs))
        falling = np.exp(-epoch / pace)
        columns = [
            np.abs((falling if "loss" in series else 1 - 0.5 * falling) + noise[place])
            for place, series in enumerate(_SERIES)
        ]
        header = ",".join(("epoch", "seconds", *_SERIES))
        rows = (
            ",".join((str(at + 1), "30", *(f"{column[at]:.6f}" for column in columns)))
            for at in range(epochs)
        )
        (folder / name).mkdir(parents=True)
        write_text(folder / name / "history.csv", "\n".join((header, *rows)) + "\n")
        document = {
            "schema": SCHEMA,
            "name": name,
            "title": f"Made up, {number}",
            "status": "recorded",
            "architecture": f"made up {number % 7}",
            "parameters": {"total": 1000 * (number + 1)},
            "config": {"seed": number % 5, "batch_size": 32, "learning_rate": 10 ** -(number % 4)},
            "data": {"train": {"NORMAL": 1000, "PNEUMONIA": 3000}},
        }
        write_json(folder / name / "run.json", document)


def _page(
    artifacts: Path, runs: int, repeats: int, say: Callable[[str], None], chromium: str
) -> dict:
    from playwright.sync_api import sync_playwright  # here: for tests and this only

    visits, returns, filters, smoothings = [], [], [], []
    with (
        dashboard(XRAY_ARTIFACTS=str(artifacts)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for visit in range(repeats + 1):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            for times in (visits, returns):
                page.goto(f"{server.address}/compare?runs=*")
                page.wait_for_function(_FIRST, timeout=60_000)
                times.append(page.evaluate(_FIRST))
                sleep(2)  # until Streamlit has drawn the tables below, too
            say(f"Visit {visit + 1} of {repeats + 1}: {visits[-1]:.2f} s, then {returns[-1]:.2f} s")
            curves = page.locator(".curves")
            if curves.get_attribute("data-runs") != str(runs):
                raise RuntimeError("The page has not drawn every run.")
            text = curves.locator('[data-set="text"]')
            smoothing = curves.locator('[data-set="smoothing"]')
            for turn in range(repeats if visit else 0):
                filters.append(text.evaluate(_CHANGED, f"{turn:02d}-seed"))
                filters.append(text.evaluate(_CHANGED, ""))
                smoothings.append(smoothing.evaluate(_CHANGED, f"{0.1 + 0.15 * turn:.2f}"))
            context.close()
        browser.close()
    return {
        "first_visit": round(visits[0], 3),
        "picture": _told(returns),
        "new_browser": _told(visits[1:]),
        "filter": _told(filters),
        "smoothing": _told(smoothings),
    }


def _tensorboard(
    events: Path, folders: int, epochs: int, repeats: int, say: Callable[[str], None]
) -> dict:
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(events)]
    tags, several = "/data/plugin/scalars/tags", "/data/plugin/scalars/scalars_multirun"
    with serving([*command, "--host=127.0.0.1"], "--port={}", tags) as server:
        address = server.address
        while True:
            told = json.loads(fetched(address + tags))
            if len(told) == folders and _complete(address + several, told, epochs):
                break
            if perf_counter() - server.started > _PATIENCE_SECONDS:
                raise TimeoutError(f"TensorBoard has loaded {len(told)} of {folders} folders.")
            sleep(0.25)
        loaded = perf_counter() - server.started
        say(f"TensorBoard has loaded all: {loaded:.1f} s")
        served = []
        for _ in range(repeats):
            started = perf_counter()
            _answer(address + several, sorted(told), "epoch_loss")
            served.append(perf_counter() - started)
    return {"loaded": round(loaded, 2), "served": _told(served)}


def _complete(address: str, told: dict, epochs: int) -> bool:
    answer = _answer(address, sorted(told), "epoch_loss")
    return len(answer) == len(told) and all(rows[-1][1] >= epochs - 1 for rows in answer.values())


def _answer(address: str, runs: list[str], tag: str) -> dict:
    asked = urllib.parse.urlencode({"tag": tag, "runs": runs}, doseq=True).encode()
    return json.loads(fetched(address, asked))


def _browser() -> str:
    found = next(filter(None, map(shutil.which, _CHROMIUMS)), None)
    if found is None:
        raise RunError(
            "There is no Chromium here to measure the page in.",
            "Install it (Debian: apt-get install chromium).",
        )
    return found


def _told(seconds: list[float]) -> dict:
    return {
        "median": round(median(seconds), 4),
        "longest": round(max(seconds), 4),
        "all": [round(value, 4) for value in seconds],
    }
