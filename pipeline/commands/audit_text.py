"""The audit of a data set for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.config import CLASS_NAMES


def as_text(document: Mapping) -> str:
    """Return the document of `pipeline.audit.document.examine` as lines."""
    lines = [f"{document['pictures']} pictures"]
    for split, kinds in document["kinds"].items():
        patients = sum(document["patients"][split].values())
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        lines.append(f"  {split:<6} {told}; {patients} patients")
    lines += [*_twice(document), *_leak(document), *_difference(document), *_models(document)]
    lines += [f"Problem: {sentence}" for sentence in document["problems"]]
    lines += [f"Caution: {sentence}" for sentence in document["cautions"]]
    lines += [f"Not computed. {sentence}" for sentence in document["not_computed"]]
    return "\n".join(lines)


def chest_field(document: Mapping) -> str:
    """Return the document of `pipeline.audit.thorax.examine` as lines."""
    lines = [f"Chest field: {document['method']}"]
    for name, own in document["segmented"].items():
        refused = ", ".join(f"{count} {why}" for why, count in own["refused"].items())
        lines.append(
            f"  lungs found in {own['accepted']} of {own['pictures']} pictures ({name}); "
            f"left out: {refused or 'none'}"
        )
    for name in ("validation", "ill"):
        if own := document[name]:
            dice = _figure(own["dice_of_typical_lungs"])
            lines += [
                f"  {name}, {own['pictures']} pictures of {own['patients']} patients",
                f"    share of lung inside the field          {_figure(own['covered'])}",
                f"    lowest                                  {own['covered_lowest']:.3f}",
                f"    pictures with 95 % of the lungs inside  {_figure(own['covered_95'])}",
                f"    Dice of the typical lungs               {dice}",
            ]
    lines.append(f"  field: {100 * document['field_share']:.1f} % of the picture")
    if document["outline"] != document["fitted_outline"]:
        lines.append(
            "Caution: this data gives another outline than pipeline/explain/thorax.py holds"
        )
    return "\n".join(lines)


def _twice(document: Mapping) -> list[str]:
    twice, same = document["duplicates"], document["collisions"]
    inside = ", ".join(f"{n} inside {split}" for split, n in twice["inside"].items() if n)
    most = max(own["most"] for own in document["per_patient"].values())
    return [
        f"Identical pictures: {twice['groups']} groups{f' ({inside})' if inside else ''}, "
        f"{twice['across_splits']} across splits; {twice['files']} files",
        f"Up to {most} pictures of one patient",
        f"{same['both_kinds']} of {same['numbers']} numbers name two children (bacteria and "
        f"virus), {same['across_splits']} of them across train and test",
    ]


def _leak(document: Mapping) -> list[str]:
    split = document.get("random_split")
    if split is None:
        return []
    leak = split["sibling"]
    return [
        f"A random split of all would leak: {100 * leak['value']:.1f} % of its {split['test']} "
        f"test pictures have a sibling in train ({100 * leak['low']:.1f} to "
        f"{100 * leak['high']:.1f} % over {split['seeds']} seeds)"
    ]


def _difference(document: Mapping) -> list[str]:
    lines = []
    if document["separability"]:
        lines.append("Train told from test within a class (AUC; .5 = same world)")
    for name in CLASS_NAMES:
        if own := document["separability"].get(name):
            lines.append(f"  {name:<10} {_figure(own['auc'])}, n = {own['auc']['n']}")
            lines += [
                f"    {what:<24} {_figure(figure)}"
                for what, figure in (
                    *own["parts"].items(),
                    ("brightness and contrast", own["brightness_and_contrast"]),
                    ("control: train halves", own["control"]),
                )
                if what != "whole" and figure
            ]
    if document["shift"]:
        lines.append("A linear model inside train (patients held out), and on the official test")
        for side, own in document["shift"].items():
            told = ", ".join(
                f"{key} {_figure(own[key])}" for key in ("auc", "accuracy", "specificity")
            )
            lines.append(f"  {side:<13} {told}, n = {own['n']}")
    return lines


def _models(document: Mapping) -> list[str]:
    if not document["shortcut_models"]:
        return []
    lines = ["Simple models that see one part alone: AUC on test, linear and trees"]
    return lines + [
        f"  {part:<18} {_figure(own['auc'])}  {_figure(own['auc_trees'])}"
        for part, own in document["shortcut_models"].items()
    ]


def _figure(figure: Mapping) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
