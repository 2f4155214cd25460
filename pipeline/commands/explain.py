"""``python -m pipeline explain``: which parts of an X-ray moved the probability, as pictures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pipeline.classifier import Classifier
from pipeline.commands import between, named_run
from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.errors import PipelineError
from pipeline.explain import EXPLAINERS, Explanation, overlay
from pipeline.explain.segments import SEGMENTATIONS
from pipeline.images import encode_png, read_image
from pipeline.storage import replacing

_OPACITY = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="PNG or JPEG of a chest X-ray")
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="DIR",
        help="folder for original.png, mask.png and heatmap.png",
    )
    parser.add_argument("--method", choices=EXPLAINERS, default="lime")
    parser.add_argument("--run", help="the run to ask (default: the one the pages use)")
    parser.add_argument(
        "--samples",
        type=between(2, 100_000),
        default=1000,
        help="perturbed pictures to judge; more are steadier and slower (default: 1000)",
    )
    parser.add_argument(
        "--seed",
        type=between(0, 2**32 - 1),  # what NumPy's legacy generator takes, which LIME draws with
        default=0,
        help="decides what is hidden in which picture (default: 0)",
    )
    parser.add_argument(
        "--segments", choices=SEGMENTATIONS, default="slic", help="kind of superpixels"
    )
    parser.add_argument(
        "--k",
        type=between(0, 1000),
        default=5,
        help="superpixels outlined in mask.png (default: 5)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    image = read_image(arguments.file)
    chosen = named_run(arguments.run)
    _make(arguments.out)  # before the work, so that a wrong folder costs no waiting
    classifier = Classifier(chosen)
    # disable=None: shown only where somebody watches.
    with tqdm(total=arguments.samples, unit="picture", disable=None) as bar:
        explanation = EXPLAINERS[arguments.method](
            classifier.probabilities,
            classifier.prepare(image),
            run=chosen.name,
            target=PNEUMONIA,
            segments=arguments.segments,
            samples=arguments.samples,
            seed=arguments.seed,
            progress=lambda share: bar.update(round(share * arguments.samples) - bar.n),
        )
    written = _write(arguments.out, _pictures(image, explanation, arguments.k))
    if arguments.json:
        print(json.dumps(explanation.to_json(), indent=1))
    else:
        print("\n".join(_lines(explanation, arguments.k, written)))
    return 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _pictures(image: np.ndarray, explanation: Explanation, k: int) -> dict[str, np.ndarray]:
    mask = overlay.mask(explanation, *image.shape, k)
    heat = overlay.heatmap(explanation, *image.shape, _OPACITY)
    return {
        "original.png": image,
        "mask.png": overlay.compose(image, mask),
        "heatmap.png": overlay.with_colour_bar(overlay.compose(image, heat), explanation, _OPACITY),
    }


def _write(folder: Path, pictures: dict[str, np.ndarray]) -> list[Path]:
    try:
        for name, pixels in pictures.items():
            with replacing(folder / name) as temporary:
                temporary.write_bytes(encode_png(pixels))
    except OSError as error:
        raise _unwritable(folder, error) from error
    return [folder / name for name in pictures]


def _unwritable(folder: Path, error: OSError) -> PipelineError:
    return PipelineError(
        f"The pictures cannot be written to {folder} ({error.strerror or error}).",
        "Name another folder with --out, or mend its permissions.",
    )


def _lines(explanation: Explanation, k: int, written: list[Path]) -> list[str]:
    lines = [
        f"{explanation.method.upper()} of {explanation.run}: probability of "
        f"{CLASS_NAMES[explanation.target]} {explanation.probability:.4f}",
        f"{len(explanation.weights)} superpixels ({explanation.segmentation}), "
        f"{explanation.samples} samples, seed {explanation.seed}, "
        f"R2 of the surrogate {explanation.fidelity_r2:.3f}, {explanation.seconds:.1f} s",
        "SUPERPIXEL  WEIGHT",
    ]
    for superpixel in explanation.ranked()[:k]:
        weight = explanation.weights[superpixel]
        lines.append(f"{superpixel:10d}  {weight:+.4f} {'for' if weight > 0 else 'against'}")
    return lines + [f"Written: {path}" for path in written]
