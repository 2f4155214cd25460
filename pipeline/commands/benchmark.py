"""``python -m pipeline benchmark``: how fast LIME, serving and each network are on this machine.

With ``--write`` the result is stored as ``artifacts/benchmarks/<what>.json``.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
from collections.abc import Callable

from pipeline.commands import between, named_run
from pipeline.config import Paths
from pipeline.errors import RunError
from pipeline.runs import list_runs
from pipeline.storage import write_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("lime", "serve", "latency"),
        help="lime: stock LIME, ours and the forward passes alone; "
        "serve: cold start, warm prediction, memory; "
        "latency: every stored network in turn, milliseconds a picture",
    )
    parser.add_argument(
        "--run", help="the run to measure (default: the one the pages use; of latency: every run)"
    )
    parser.add_argument(
        "--samples",
        type=between(2, 100_000),
        default=1000,
        help="of each explanation (default: 1000)",
    )
    parser.add_argument(
        "--repeats",
        type=between(1, 100),
        help="rounds (default: 3 of lime, 5 of serve, 10 of latency)",
    )
    parser.add_argument(
        "--write", action="store_true", help="store it as artifacts/benchmarks/<what>.json"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    say = functools.partial(print, file=sys.stderr, flush=True)
    report = _measure(arguments, say)
    if arguments.write:
        folder = Paths.from_environment().artifacts / "benchmarks"
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / f"{arguments.what}.json", report)
    print(json.dumps(report, indent=1) if arguments.json else "\n".join(_lines(report)))
    return 0


def _measure(arguments: argparse.Namespace, say: Callable[[str], None]) -> dict:
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
    if arguments.what == "lime":
        from pipeline.benchmark import lime  # its contestants import Keras when they run

        return lime.measure(chosen, arguments.samples, arguments.repeats or 3, say)
    from pipeline.benchmark import serve

    return serve.measure(chosen, arguments.repeats or 5, say=say)


def _lines(report: dict) -> list[str]:
    where = report["machine"]
    if report["benchmark"] == "latency":
        return _latency_lines(report)
    head = (
        f"Run {report['run']}, {where['cores']} cores, load {where['load']}, "
        f"ONNX Runtime {where['versions'].get('onnxruntime')}"
    )
    if report["benchmark"] == "lime":
        ratios = report["ratios"]
        return [
            f"{head}; {report['samples']} samples at {report['size_px']} px, "
            f"medians of {report['repeats']}",
            *(f"{entry['median']:8.2f} s  {entry['what']}" for entry in report["seconds"].values()),
            f"{ratios['stock_to_ours']:8.2f}    times quicker than stock LIME",
            f"{ratios['stock_predict_on_batch_to_ours']:8.2f}    times quicker than stock LIME "
            "with predict_on_batch",
            f"{ratios['ours_to_forward']:8.2f}    times the forward passes alone",
        ]
    memory = "unknown here" if report["peak_mb"] is None else f"{report['peak_mb']:.0f} MB"
    return [
        f"{head}; {report['picture']}, {report['repeats']} processes",
        f"Process start to first verdict: {report['cold_seconds']['median']:.2f} s (median)",
        f"Next verdicts: {report['warm_ms']['median']:.1f} ms (median), "
        f"{report['warm_ms']['p95']:.1f} ms (95th percentile of {report['warm_ms']['n']})",
        f"Largest resident memory: {memory}",
        "Training libraries loaded: " + (", ".join(report["training_libraries"]) or "none"),
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
