"""``python -m pipeline gate fit|check|measure``: may these pictures be judged at all?"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tqdm import tqdm

from pipeline import storage
from pipeline.config import Paths
from pipeline.errors import ImageError
from pipeline.gate import check
from pipeline.gate.model import GateModel, stored_model
from pipeline.images import read_picture

SIZE_PX = 224


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    fit = actions.add_parser("fit", help="fit the model on the training pictures and store it")
    fit.add_argument("--json", action="store_true", help="print one JSON document")
    ask = actions.add_parser("check", help="say of files whether they may be judged, and why not")
    ask.add_argument("files", nargs="+", metavar="FILE", help="PNG, JPEG or DICOM")
    ask.add_argument("--json", action="store_true", help="print one JSON document")
    measure = actions.add_parser("measure", help="count what is refused, and store the figures")
    measure.add_argument(
        "--outside",
        type=Path,
        required=True,
        metavar="DIR",
        help="pictures that are no such radiographs, in one folder a family",
    )
    measure.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    if arguments.action != "check":
        storage.require_own(Paths.from_environment().artifacts)
    return {"fit": _fit, "check": _check, "measure": _measure}[arguments.action](arguments)


def _fit(arguments: argparse.Namespace) -> int:
    from pipeline.dataset import fingerprint, image_hashes, index, load_images
    from pipeline.gate.fitting import fit

    items = index(Paths.from_environment().dataset, splits=("train",))
    with tqdm(total=100, unit="%", disable=None) as bar:
        images = load_images(items, SIZE_PX)
        model = fit(
            images,
            [item.patient for item in items],
            progress=lambda share: bar.update(round(100 * share) - bar.n),
        )
    model.document["data_fingerprint"] = fingerprint(items, image_hashes(images))
    folder = Paths.from_environment().artifacts / "gate"
    model.save(folder)
    if arguments.json:
        print(json.dumps({"folder": str(folder), **model.document}, indent=1))
        return 0
    told = model.document
    print(
        f"Fitted on {told['pictures']} pictures of {told['patients']} patients; of those, held "
        f"out in turn, {told['held_out_refused']} would be refused."
    )
    for name, refused in told["held_out_faults_refused"].items():
        print(f"  {name}: {refused} of {told['pictures']} refused")
    print(f"Stored in {folder}.")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    model = stored_model()
    rows = [_row(name, model) for name in tqdm(arguments.files, unit="file", disable=None)]
    if arguments.json:
        print(json.dumps(rows, indent=1, ensure_ascii=True))
    else:
        for row in rows:
            said = "accepted" if row.get("accepted") else "refused"
            print(f"{row['file']!a}: {'unreadable' if 'error' in row else said}")
            for reason in row.get("reasons") or ([row["error"]] if "error" in row else []):
                print(f"  {reason}")
    return 1 if any("error" in row for row in rows) else 0


def _row(name: str, model: GateModel) -> dict:
    try:
        gate = check(read_picture(name), model=model)
    except ImageError as error:
        return {"file": name, "error": error.message, "hint": error.hint}
    return {"file": name, "accepted": gate.accepted, "reasons": list(gate.reasons)}


def _measure(arguments: argparse.Namespace) -> int:
    from pipeline.dataset import index, load_images
    from pipeline.evaluation.wilson_score import share
    from pipeline.gate import measurement

    outside = measurement.families(arguments.outside)
    model = stored_model()
    document = {
        "model": model.document["npz_sha256"],
        "outside": {
            name: measurement.measure_outside(files, model)
            for name, files in tqdm(outside.items(), unit="family", disable=None)
        },
        "train_held_out": {
            "n": model.document["pictures"],
            "refused_count": model.document["held_out_refused"],
            "refused": share(model.document["held_out_refused"], model.document["pictures"]),
        },
    }
    for split in ("val", "test"):
        images = load_images(index(Paths.from_environment().dataset, (split,)), SIZE_PX)
        document[split] = measurement.measure_chests(images, model)
    document["milliseconds"] = measurement.milliseconds(images, model)
    folder = Paths.from_environment().artifacts / "gate"
    folder.mkdir(parents=True, exist_ok=True)
    storage.write_json(folder / "measured.json", document)
    if arguments.json:
        print(json.dumps(document, indent=1))
    else:
        print("\n".join(_table(document)))
    return 0


def _table(document: dict) -> list[str]:
    rows = [("train, held out in turn", document["train_held_out"])]
    for split in ("val", "test"):
        rows += [(f"official {split}, {way}", tally) for way, tally in document[split].items()]
    for name, tally in document["outside"].items():
        rows += [(f"{name}, as they are", tally), (f"{name}, in grey", tally["in_grey"])]
    width = max(len(name) for name, _ in rows)
    lines = [f"{'PICTURES':{width}}      N  REFUSED  95 % INTERVAL"]
    for name, tally in rows:
        figure = tally["refused"]
        value, low, high = (100 * figure[key] for key in ("value", "low", "high"))
        lines.append(f"{name:{width}}  {tally['n']:5d}  {value:5.1f} %  {low:.1f} to {high:.1f} %")
    return [*lines, f"One check takes {document['milliseconds']:.1f} ms."]
