"""Does the map of a method depend on what a run has learnt? Its weights are shuffled.

On validation pictures, one of each patient, both classes alike.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial

import numpy as np
from tqdm import tqdm

from pipeline import network
from pipeline.classifier import Classifier
from pipeline.config import PNEUMONIA, Paths
from pipeline.dataset import load_held_out
from pipeline.explain import EXPLAINERS, LOOKS_INSIDE, sanity
from pipeline.explain.feature_maps import FeatureMaps
from pipeline.runs import open_run
from pipeline.sampling import drawn_names

# A map is not refined further: what is lost shows long before it has settled.
SAMPLES = 512


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="name of a stored run")
    parser.add_argument("--method", choices=EXPLAINERS, default="lime", help="default: lime")
    parser.add_argument("--pictures", type=int, default=20, metavar="N", help="default: 20")
    parser.add_argument("--seed", type=int, default=0, help="of pictures, masks and shuffling")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Return 0 if the map is lost as it must be, else 1."""
    paths = Paths.from_environment()
    opened = open_run(paths.runs, arguments.run)
    classifier = Classifier(opened)
    names = drawn_names(opened, "validation", arguments.pictures, arguments.seed)
    images = load_held_out(names, ["validation"] * len(names), paths.dataset, classifier.size_px)
    ask = partial(
        EXPLAINERS[arguments.method], target=PNEUMONIA, samples=SAMPLES, seed=arguments.seed
    )
    if arguments.method in LOOKS_INSIDE:
        mixed = sanity.shuffled_network(network.stored(opened), arguments.seed)
        trained, shuffled = FeatureMaps(opened), FeatureMaps(opened, content=mixed)
    else:
        trained, shuffled = classifier.probabilities, sanity.shuffled(opened, arguments.seed)
    with tqdm(
        total=1.0,
        desc="Shuffling weights",
        bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}, {remaining} to go",
        file=sys.stderr,
    ) as bar:
        found = sanity.sanity(
            ask,
            trained,
            shuffled,
            images,
            lambda done: bar.update(done - bar.n),
        )
    document = {
        "run": opened.name,
        "method": arguments.method,
        "split": "validation",
        "correlation": _figure(found.correlations, arguments.seed),
        "ssim": _figure(found.ssims, arguments.seed),
        "limits": {"correlation": sanity.CORRELATION_LIMIT, "ssim": sanity.SSIM_LIMIT},
        "passed": found.passed,
    }
    print(json.dumps(document, indent=1, allow_nan=False) if arguments.json else _text(document))
    return 0 if found.passed else 1


def _figure(values: tuple[float, ...], seed: int) -> dict:
    """Return mean and its bootstrapped 95 % interval; every picture is another patient's."""
    generator = np.random.default_rng(seed)
    known = np.array(values)
    draws = known[generator.integers(0, len(known), (2000, len(known)))].mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return {
        "value": float(known.mean()),
        "low": float(low),
        "high": float(high),
        "n": len(known),
    }


def _text(document: dict) -> str:
    lines = [f"{document['run']}, {document['method']}: map against that of shuffled weights"]
    for name, title in (("correlation", "rank correlation"), ("ssim", "likeness (SSIM)")):
        figure = document[name]
        lines.append(
            f"  {title:<18}{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}), "
            f"limit {document['limits'][name]:g}, n = {figure['n']} {document['split']} pictures"
        )
    lines.append(
        "Passed: the map is lost with the weights."
        if document["passed"]
        else "Failed: the map is still there without what the network learnt. Do not show it."
    )
    return "\n".join(lines)
