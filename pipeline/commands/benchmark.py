"""``python -m pipeline benchmark``: how fast LIME, serving, networks and pages are on this machine.

Of LIME besides: whether it says the same twice, and whether it is right.

With ``--write`` the result is stored as ``artifacts/benchmarks/<what>.json``.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
from collections.abc import Callable

import numpy as np

from pipeline.benchmark import machine
from pipeline.classifier import Classifier
from pipeline.commands import between, named_run
from pipeline.commands.benchmark_text import batch_lines, load_lines
from pipeline.config import Paths
from pipeline.dataset import load_held_out
from pipeline.errors import RunError
from pipeline.runs import Run, list_runs
from pipeline.sampling import drawn_names
from pipeline.storage import require_own, write_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("explain", "serve", "latency", "curves", "batch", "load"),
        help="explain: stock LIME, ours and the forward passes alone, then, where the data set is "
        "here, whether either says the same twice and is right; "
        "serve: cold start, warm prediction, memory; "
        "latency: every stored network in turn, milliseconds a picture; "
        "curves: the page of training curves with 300 runs in a real browser, and TensorBoard; "
        "batch: pictures a second against this machine's limits, Ray, memory; "
        "load: many people at once on the dashboard, at the level of its websocket",
    )
    parser.add_argument(
        "--run", help="the run to measure (default: the one the pages use; of latency: every run)"
    )
    parser.add_argument(
        "--samples",
        type=between(2, 100_000),
        default=1000,
        help="of each timed explanation (default: 1000)",
    )
    parser.add_argument(
        "--repeats",
        type=between(1, 100),
        help="rounds (default: 3 of explain and batch, 5 of serve and curves, 10 of latency)",
    )
    parser.add_argument(
        "--pictures",
        type=between(0, 624),
        default=30,
        help="of explain: official test pictures, half of each class (default: 30)",
    )
    parser.add_argument(
        "--seeds",
        type=between(2, 100),
        default=6,
        help="of explain: draws of the masks per picture (default: 6)",
    )
    parser.add_argument(
        "--sessions",
        type=between(1, 200),
        default=20,
        help="of load: people at once (default: 20)",
    )
    parser.add_argument(
        "--uploads",
        type=between(1, 100_000),
        default=1000,
        help="of load: pictures that all of them upload together (default: 1000)",
    )
    parser.add_argument(
        "--explanations",
        type=between(0, 200),
        default=10,
        help="of load: how many of them ask for one at the same moment (default: 10)",
    )
    parser.add_argument(
        "--seconds",
        type=between(20, 7200),
        default=360,
        help="of load: after which it ends, whatever is left (default: 360)",
    )
    parser.add_argument(
        "--address",
        help="of load: a dashboard of this machine that runs already, such as "
        "http://127.0.0.1:8501 (default: one is started)",
    )
    parser.add_argument(
        "--write", action="store_true", help="store it as artifacts/benchmarks/<what>.json"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    say = functools.partial(print, file=sys.stderr, flush=True)
    if arguments.write:
        require_own(Paths.from_environment().artifacts)
    report = _measure(arguments, say)
    if arguments.write:
        folder = Paths.from_environment().artifacts / "benchmarks"
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / f"{arguments.what}.json", report)
    print(json.dumps(report, indent=1) if arguments.json else "\n".join(_lines(report)))
    return 0


def _measure(arguments: argparse.Namespace, say: Callable[[str], None]) -> dict:
    if arguments.what == "curves":
        from pipeline.benchmark import curves

        measured = curves.measure(repeats=arguments.repeats or 5, say=say)
        return {"benchmark": "curves", **measured, "machine": machine()}
    if arguments.what == "load":
        return _load(arguments, say)
    if arguments.what == "latency" and not arguments.run:
        from pipeline.benchmark import latency

        runs = [run for run in list_runs(Paths.from_environment().runs).runs if run.servable]
        return latency.measure(runs, arguments.repeats or 10, say)
    chosen = named_run(arguments.run)
    if not chosen.servable:
        raise RunError(
            f"The run {chosen.name} has no exported network.",
            "Choose a finished run: 'python -m pipeline runs' lists them.",
        )
    if arguments.what == "latency":
        from pipeline.benchmark import latency

        return latency.measure([chosen], arguments.repeats or 10, say)
    if arguments.what == "batch":
        from pipeline.benchmark import batch

        paths = Paths.from_environment()
        others = batch.one_of_each(chosen, list_runs(paths.runs).runs)
        return batch.measure(chosen, paths.dataset, others, arguments.repeats or 3, say)
    if arguments.what == "explain":
        return _explain(chosen, arguments, say)
    from pipeline.benchmark import serve

    return serve.measure(chosen, arguments.repeats or 5, say=say)


def _load(arguments: argparse.Namespace, say: Callable[[str], None]) -> dict:
    from pipeline.benchmark import load  # it imports Streamlit's protobufs

    return load.measure(
        arguments.sessions,
        arguments.uploads,
        min(arguments.explanations, arguments.sessions),
        arguments.seconds,
        arguments.address,
        say=say,
    )


def _explain(chosen: Run, arguments: argparse.Namespace, say: Callable[[str], None]) -> dict:
    from pipeline.benchmark import explain, steadiness  # they import Keras and LIME when they run

    images = _test_pictures(chosen, arguments.pictures, say)
    first = images[0] if len(images) else None
    speed = explain.measure(chosen, arguments.samples, arguments.repeats or 3, say, first)
    report = {
        "benchmark": "explain",
        **speed,
        "picture": "synthetic"
        if first is None
        else "the first of the official test pictures below",
        "steadiness": None,
        "machine": machine(),
    }
    if len(images):
        report["steadiness"] = steadiness.measure(
            Classifier(chosen), images, arguments.seeds, arguments.samples, say
        )
    return report


def _test_pictures(chosen: Run, count: int, say: Callable[[str], None]) -> np.ndarray | tuple[()]:
    """Return prepared official test pictures (N, S, S) uint8, none where there are none."""
    dataset = Paths.from_environment().dataset
    if not count:
        return ()
    if not (dataset / "test").is_dir():
        say(
            "No test pictures are here, so what needs them is left out. Fetch them with 'python -m "
            "pipeline data fetch kaggle', or set XRAY_DATASET."
        )
        return ()
    names = drawn_names(chosen, "test", count, seed=0)
    size_px = chosen.document["input"]["size_px"]
    return load_held_out(names, ["test"] * len(names), dataset, size_px)


def _lines(report: dict) -> list[str]:
    where = report["machine"]
    if report["benchmark"] == "latency":
        return _latency_lines(report)
    if report["benchmark"] == "curves":
        return _curves_lines(report)
    if report["benchmark"] == "load":
        return load_lines(report)
    head = (
        f"Run {report['run']}, {where['cores']} cores, load {where['load']}, "
        f"ONNX Runtime {where['versions'].get('onnxruntime')}"
    )
    if report["benchmark"] == "batch":
        return [head, *batch_lines(report)]
    if report["benchmark"] == "explain":
        return [head, *_explain_lines(report)]
    memory = "unknown here" if report["peak_mb"] is None else f"{report['peak_mb']:.0f} MB"
    return [
        f"{head}; {report['picture']}, {report['repeats']} processes",
        f"Process start to first verdict: {report['cold_seconds']['median']:.2f} s (median)",
        f"Next verdicts: {report['warm_ms']['median']:.1f} ms (median), "
        f"{report['warm_ms']['p95']:.1f} ms (95th percentile of {report['warm_ms']['n']})",
        f"Largest resident memory: {memory}",
        "Training libraries loaded: " + (", ".join(report["training_libraries"]) or "none"),
    ]


def _explain_lines(report: dict) -> list[str]:
    ratios = report["ratios"]
    lines = [
        f"{report['samples']} samples at {report['size_px']} px, medians of {report['repeats']}; "
        f"picture: {report['picture']}",
        *(
            f"{entry['median']:8.2f} s  {entry['what']} ({entry['pictures']} pictures)"
            for entry in report["seconds"].values()
        ),
        f"{ratios['stock_to_ours']:8.2f}    times quicker than stock LIME",
        f"{ratios['stock_predict_on_batch_to_ours']:8.2f}    times quicker than stock LIME "
        "with predict_on_batch",
        f"{ratios['ours_to_forward']:8.2f}    times the forward passes alone",
        f"{100 * ratios['around_to_forward']:8.1f} %  of the forward passes for masks and fit",
    ]
    steady = report["steadiness"]
    if steady is None:
        return lines
    lines += [
        f"{steady['pictures']} official test pictures, {steady['seeds']} seeds",
        f"{'':36}{'ours':>12}{'stock':>12}",
    ]
    rows = {
        "five strongest, overlap of seeds": "{overlap:.3f}",
        "  lowest of a picture": "{lowest_overlap:.3f}",
        "sign changes among the evidence": "{sign_changes}/{evidence}",
        "sign changes among the strongest": "{sign_changes_of_strongest}/{strongest}",
        "superpixels": "{superpixels:.0f}",
        "R2 of the surrogate, median": "{fidelity_r2:.2f}",
        "settled": "{settled}/{explanations}",
        "forward passes, median": "{forward_passes_median:.0f}",
        "seconds, median": "{seconds_median:.2f}",
        "seconds, 95th percentile": "{seconds_p95:.2f}",
    }
    for title, text in rows.items():
        told = [text.format(**steady[name]) for name in ("ours", "stock")]
        lines.append(f"{title:36}{told[0]:>12}{told[1]:>12}")
    for replacement, areas in steady["faithfulness"].items():
        lines.append(f"taken away is replaced by {replacement}")
        lines += [
            f"{'  ' + name + ' area, ' + area['better'] + ' is better':36}"
            f"{area['ours']:12.3f}{area['stock']:12.3f}"
            f"  difference {area['difference']:+.3f} ({area['low']:+.3f} to {area['high']:+.3f}), "
            f"better in {area['ours_better']} of {area['n']}, p = {area['p']:.2g} (Wilcoxon)"
            for name, area in areas.items()
        ]
    return lines


def _curves_lines(report: dict) -> list[str]:
    page, board = report["page"], report["tensorboard"]

    def told(entry: dict) -> str:
        return f"{entry['median']:6.2f} s (longest {entry['longest']:.2f}, n = {len(entry['all'])})"

    return [
        f"{report['runs']} runs of {report['epochs']} epochs, {report['series']} figures each, "
        f"{report['machine']['cores']} cores, load {report['machine']['load']}",
        f"{page['first_visit']:6.2f} s from the request to the picture, first visit of a server",
        f"{told(page['new_browser'])} the same in a browser that was never here",
        f"{told(page['picture'])} the same when the browser knows the page",
        f"{told(page['filter'])} from a letter in the filter to the new list",
        f"{told(page['smoothing'])} from the slider to the smoothed curves of all runs",
        f"{board['loaded']:6.2f} s from the start of TensorBoard until it has loaded all",
        f"{told(board['served'])} for it to serve one figure of all runs, before drawing it",
    ]


def _latency_lines(report: dict) -> list[str]:
    where = report["machine"]
    quickest_first = sorted(report["runs"].items(), key=lambda entry: entry[1]["ms"]["median"])
    return [
        f"{where['cores']} cores, load {where['load']} before, "
        f"ONNX Runtime {where['versions'].get('onnxruntime')}; one network after the other, "
        f"{report['rounds']} rounds, milliseconds from a prepared picture to its probability",
        f"{'median':>9} {'p95':>9} {'of 8, each':>11} {'parameters':>12} {'MB':>7}  run",
        *(
            f"{entry['ms']['median']:9.2f} {entry['ms']['p95']:9.2f} "
            f"{entry['batch_ms']['median']:11.2f} {entry['parameters']:12,} "
            f"{entry['onnx_mb']:7.2f}  {name}"
            for name, entry in quickest_first
        ),
        *(f"left out: {reason}" for reason in report["left_out"].values()),
    ]
