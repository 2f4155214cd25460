"""The README promises nothing that the repository does not keep."""

import json
import re
from pathlib import Path

import pytest

from pipeline.config import Paths
from pipeline.runs import list_runs, open_run

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

FIGURES = ("auc", "balanced_accuracy", "sensitivity", "specificity", "ece")


@pytest.fixture(autouse=True)
def the_stored_runs(monkeypatch):
    monkeypatch.delenv("XRAY_ARTIFACTS", raising=False)


def rows(point: str) -> list[str]:
    """The README's table of the compact network's seeds at one operating point."""
    folder = Paths.from_environment().runs
    names = [run.name for run in list_runs(folder).runs if run.name.startswith("compact-seed")]
    values = []
    lines = []
    for name in sorted(names):
        figures = open_run(folder, name).metrics()["test"][point]["figures"]
        values.append([figures[figure]["value"] for figure in FIGURES])
        cells = [
            f"{figures[f]['value']:.3f} ({figures[f]['low']:.3f} to {figures[f]['high']:.3f})"
            for f in FIGURES
        ]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    columns = list(zip(*values, strict=True))
    mean = " | ".join(f"{sum(column) / len(column):.3f}" for column in columns)
    span = " | ".join(f"{min(column):.3f} to {max(column):.3f}" for column in columns)
    return [*lines, f"| mean | {mean} |", f"| range | {span} |"]


@pytest.mark.parametrize("point", ["balanced", "sensitivity_95"])
def test_the_figures_are_those_of_the_stored_runs(point):
    for row in rows(point):
        assert row in README


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
    lime = json.loads((folder / "lime.json").read_text(encoding="utf-8"))
    serve = json.loads((folder / "serve.json").read_text(encoding="utf-8"))
    seconds = {name: entry["median"] for name, entry in lime["seconds"].items()}
    told = (
        f"stock LIME {seconds['stock']:.1f} s, ours {seconds['ours']:.1f} s, "
        f"the forward passes alone {seconds['forward']:.1f} s",
        f"{lime['ratios']['stock_to_ours']:.1f} times quicker",
        f"{lime['ratios']['ours_to_forward']:.2f} times the forward passes",
        f"first verdict {serve['cold_seconds']['median']:.1f} s after the process starts",
        f"then {serve['warm_ms']['median']:.0f} ms",
        f"{serve['peak_mb']:.0f} MB",
    )
    flat = " ".join(README.split())
    assert [sentence for sentence in told if sentence not in flat] == []
