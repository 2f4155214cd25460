"""``python -m pipeline benchmark``: how fast LIME and serving are on this machine."""

from __future__ import annotations

import argparse
import functools
import json
import sys

from pipeline.commands import between, named_run
from pipeline.errors import RunError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=("lime", "serve"),
        help="lime: stock LIME, ours and the forward passes alone; "
        "serve: cold start, warm prediction, memory",
    )
    parser.add_argument("--run", help="the run to measure (default: the one the pages use)")
    parser.add_argument(
        "--samples",
        type=between(2, 100_000),
        default=1000,
        help="of each explanation (default: 1000)",
    )
    parser.add_argument(
        "--repeats", type=between(1, 100), help="rounds (default: 3 of lime, 5 of serve)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    chosen = named_run(arguments.run)
    if not chosen.servable:
        raise RunError(
            f"The run {chosen.name} has no exported network.",
            "Choose a finished run: 'python -m pipeline runs' lists them.",
        )
    say = functools.partial(print, file=sys.stderr, flush=True)
    if arguments.what == "lime":
        from pipeline.benchmark import lime  # its contestants import Keras when they run

        report = lime.measure(chosen, arguments.samples, arguments.repeats or 3, say)
    else:
        from pipeline.benchmark import serve

        report = serve.measure(chosen, arguments.repeats or 5, say=say)
    print(json.dumps(report, indent=1) if arguments.json else "\n".join(_lines(report)))
    return 0


def _lines(report: dict) -> list[str]:
    where = report["machine"]
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
