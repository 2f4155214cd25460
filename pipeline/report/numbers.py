"""A report as a JSON document: everything needed to make it again."""

from __future__ import annotations

import importlib.metadata
import platform
from dataclasses import asdict

from pipeline.report.contents import Report
from pipeline.statements import NOTICE

SCHEMA = 1
# What the numbers depend on besides the run: another version may round or segment differently.
_PACKAGES = ("onnxruntime", "numpy", "scipy", "scikit-image", "pillow")


def to_json(report: Report) -> dict:
    """Return what JSON can hold; a figure that does not exist is None, never NaN."""
    picture, run, verdict = report.picture, report.run, report.verdict
    told, shown = report.explanation, report.shown
    height_px, width_px = picture.image.shape
    document = {
        "schema": SCHEMA,
        "picture": {
            "sha256": picture.sha256,
            "height_px": height_px,
            "width_px": width_px,
            "notes": list(picture.notes),
        },
        "run": {
            "name": run.name,
            "title": run.title,
            "architecture": run.architecture,
            "model_sha256": run.document["model_sha256"],
            "temperature": run.temperature,
        },
        "verdict": verdict.to_json()
        | {"operating_point": verdict.operating_point, "unsure": report.unsure},
        "explanation": told.to_json() if told else None,
        "settings": {
            "method": told.method,
            "target": report.target,
            "segments": told.segmentation,
            "fill": told.fill,
            "samples": shown.samples if shown.samples is not None else "the method's own",
            "seed": told.seed,
        }
        if told
        else None,
        "trust": report.trust.to_json() if report.trust else None,
        "shown": {name: value for name, value in asdict(shown).items() if name != "samples"},
        "repeat": report.command,
        "test": report.test,
        "versions": versions(),
        "notice": NOTICE,
    }
    if report.override:
        document["override"] = {"reason": report.override}
    return document


def versions() -> dict[str, str]:
    """Return the versions that the numbers were made with."""
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in _PACKAGES
    }
