"""The README promises nothing that the repository does not keep."""

import json
import re
from pathlib import Path

import pytest

from pipeline.commands.benchmark_text import (
    batch_sentences,
    batch_table,
    load_sentences,
    sizing_sentences,
)
from pipeline.config import Paths
from pipeline.performance.measured import latencies
from pipeline.performance.results import as_markdown, name_smallest, stored_results
from pipeline.performance.table import own_report
from pipeline.runs import list_runs

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def the_stored_runs(monkeypatch):
    monkeypatch.delenv("XRAY_ARTIFACTS", raising=False)


def test_the_table_is_what_the_stored_runs_give():
    found = stored_results(list_runs(Paths.from_environment().runs).runs)
    assert found
    assert "\n".join(as_markdown(found)) in README


def test_the_smallest_good_network_is_the_one_stored():
    paths = Paths.from_environment()
    found = stored_results(list_runs(paths.runs).runs)
    assert name_smallest(found, latencies(paths.artifacts)) in " ".join(README.split())


def test_plain_and_regularised_networks_compare_as_the_readme_says():
    runs = [run for run in list_runs(Paths.from_environment().runs).runs if run.is_baseline]

    def auc(recipe: str, split: str) -> dict[str, float]:
        own = {run.architecture: run for run in runs if run.config.get("recipe") == recipe}
        return {
            name: own_report(run, run.metrics(), split)["figures"]["auc"]["value"]
            for name, run in own.items()
        }

    def better(recipe: str, other: str, split: str) -> str:
        first, second = auc(recipe, split), auc(other, split)
        assert first.keys() == second.keys()
        return f"{sum(first[name] > second[name] for name in first)} of {len(first)}"

    flat = " ".join(README.split())
    on_validation = better("plain", "regularised", "validation")
    assert f"higher AUC on validation patients in {on_validation} pairs" in flat
    on_test = better("regularised", "plain", "test")
    assert f"the regularised one on the test set in {on_test}." in flat


def test_the_gate_refuses_what_the_readme_says():
    stored = ROOT / "artifacts" / "gate" / "measured.json"
    measured = json.loads(stored.read_text(encoding="utf-8"))
    for sentence in gate_sentences(measured):
        assert sentence in " ".join(README.split())


def gate_sentences(measured: dict) -> list[str]:
    def said(part: dict) -> str:
        return f"{part['refused_count']} of {part['n']}"

    grey = {name: part["in_grey"] for name, part in measured["outside"].items()}
    slices = [part for name, part in grey.items() if name.startswith("ct_")]
    test = measured["test"]["upright"]
    return [
        f"refuses {said(test)} official test pictures",
        f"all {grey['photographs']['n']} outside photographs"
        if grey["photographs"]["refused_count"] == grey["photographs"]["n"]
        else f"{said(grey['photographs'])} outside photographs",
        f"Of CT slices it refuses {sum(part['refused_count'] for part in slices)} of "
        f"{sum(part['n'] for part in slices)}",
    ]


def test_both_commands_stand_alone_in_the_readme():
    commands = re.findall(r"^pip install .*$", README, flags=re.MULTILINE)
    assert commands == [
        "pip install -r requirements.txt && streamlit run dashboard/app.py",
        "pip install -r requirements.txt && pytest",
    ]


def test_every_dependency_has_its_reason():
    required = {
        re.split(r"[><=;\[ ]", line)[0]
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    table = README.split("## Dependencies")[1].split("## Data")[0]
    named = set(re.findall(r"[a-z0-9-]+", table))
    assert {name.replace("-cpu", "") for name in required} <= named


def test_every_module_is_on_the_map():
    drawn = README.split("## Map")[1].split("## Screenshots")[0]
    words = set(re.findall(r"[a-z_]+", drawn))
    modules = {path.stem for path in (ROOT / "pipeline").glob("*.py")}
    modules |= {path.stem for path in (ROOT / "dashboard").glob("*.py")}
    modules |= {path.name for path in (ROOT / "pipeline").iterdir() if path.is_dir()}
    assert {m for m in modules if not m.startswith("__")} <= words


def test_the_speeds_are_those_of_the_stored_measurement():
    folder = ROOT / "artifacts" / "benchmarks"
    lime = json.loads((folder / "explain.json").read_text(encoding="utf-8"))
    serve = json.loads((folder / "serve.json").read_text(encoding="utf-8"))
    seconds = {name: entry["median"] for name, entry in lime["seconds"].items()}
    told = (
        f"stock LIME {seconds['stock']:.1f} s, ours {seconds['ours']:.1f} s, "
        f"the forward passes alone {seconds['forward']:.1f} s",
        f"{lime['ratios']['stock_to_ours']:.1f} times quicker",
        f"{lime['ratios']['ours_to_forward']:.2f} times the forward passes",
        f"masks and fit take {100 * lime['ratios']['around_to_forward']:.1f} %",
        f"first verdict {serve['cold_seconds']['median']:.1f} s after the process starts",
        f"then {serve['warm_ms']['median']:.0f} ms",
        f"{serve['peak_mb']:.0f} MB",
    )
    flat = " ".join(README.split())
    assert [sentence for sentence in told if sentence not in flat] == []


def test_the_speed_of_the_curves_is_that_of_the_stored_measurement():
    path = ROOT / "artifacts" / "benchmarks" / "curves.json"
    measured = json.loads(path.read_text(encoding="utf-8"))
    page, board = measured["page"], measured["tensorboard"]
    told = (
        f"with {measured['runs']} runs of {measured['epochs']} epochs and {measured['series']}",
        f"{page['picture']['median']:.1f} s from the request to the painted curves",
        f"({page['new_browser']['median']:.1f} s in a browser that was never here",
        f"{page['first_visit']:.1f} s if the server has just been started, too",
        f"the filter answers within {1000 * page['filter']['longest']:.0f} ms, "
        f"smoothing within {1000 * page['smoothing']['longest']:.0f} ms",
        f"same figures {board['loaded']:.1f} s after its start",
        f"takes {board['served']['median']:.1f} s to hand out",
    )
    flat = " ".join(README.split())
    assert [sentence for sentence in told if sentence not in flat] == []


def test_the_speed_of_a_batch_and_of_many_readers_is_what_was_measured():
    batch, load = (
        json.loads((ROOT / "artifacts" / "benchmarks" / f"{what}.json").read_text("utf-8"))
        for what in ("batch", "load")
    )
    assert "\n".join(batch_table(batch)) in README
    flat = " ".join(README.split())
    told = [*batch_sentences(batch), *load_sentences(load)]
    assert [sentence for sentence in told if sentence not in flat] == []
    deploying = " ".join((ROOT / "dashboard" / "deploy" / "README.md").read_text("utf-8").split())
    told = sizing_sentences(load, batch)
    assert [sentence for sentence in told if sentence not in deploying] == []


def test_how_steady_explanations_are_is_what_was_measured():
    folder = ROOT / "artifacts"
    measured = json.loads((folder / "benchmarks" / "explain.json").read_text(encoding="utf-8"))
    steady = measured["steadiness"]
    ours, stock = steady["ours"], steady["stock"]
    rows = (
        ("draws (Jaccard)", "{overlap:.3f}"),
        ("on the worst picture", "{lowest_overlap:.3f}"),
        ("evidence that change sign", "{sign_changes} of {evidence}"),
        ("of the five strongest", "{sign_changes_of_strongest} of {strongest}"),
        ("passes, median", "{forward_passes_median:.0f}"),
        ("percentile)", "{seconds_median:.1f} ({seconds_p95:.1f})"),
    )
    told = [f"{row} | {text.format(**ours)} | {text.format(**stock)} |" for row, text in rows]
    for replacement, areas in steady["faithfulness"].items():
        cells = (
            f"{area['ours']:.3f} / {area['stock']:.3f}, {area['ours_better']} of {area['n']}, "
            f"p = {area['p']:.1g}"
            for area in (areas["deletion"], areas["insertion"])
        )
        told.append(f"| {replacement} | {' | '.join(cells)} |")
    told.append(f"{ours['settled']} of {ours['explanations']} settled")
    thorax = json.loads((folder / "audit" / "thorax.json").read_text(encoding="utf-8"))
    covered = thorax["validation"]["covered"]
    told.append(
        f"on {covered['n']} normal validation pictures it holds {100 * covered['value']:.1f} % "
        f"({100 * covered['low']:.1f} to {100 * covered['high']:.1f})"
    )
    flat = " ".join(README.split())
    assert [sentence for sentence in told if sentence not in flat] == []
