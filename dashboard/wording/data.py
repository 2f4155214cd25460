"""Sentences of the Data page: what each finding means for the trust in a figure."""

from __future__ import annotations

from collections.abc import Mapping

AUDIT_COMMAND = "python -m pipeline data audit --write"

NO_AUDIT = (
    "The data set has not been audited yet. Fetch it with `python -m pipeline data fetch kaggle` "
    f"and audit it with `{AUDIT_COMMAND}` (some minutes on two cores)."
)
NO_RUN = (
    "No trained network is stored yet, so there is none whose shortcuts could be looked into. "
    "Train one with `python -m pipeline train compact`."
)
NO_DATA = (
    "Mean pictures are drawn from the data set itself, which is not on this machine: no picture "
    "of it, not even a mean, is stored with the project. Fetch it with "
    "`python -m pipeline data fetch kaggle`, or set `XRAY_DATASET` to the folder that holds "
    "train/, val/ and test/."
)

INTERVALS = (
    "In brackets and as whiskers 95 % intervals: bootstrap over patients for AUC and means, "
    "Wilson's for shares of a count."
)

LEAD = (
    "A figure is worth as much as the pictures it was measured on. What is in this data set, what "
    "is twice in it, and what can be told from it without looking at a lung."
)

SIBLINGS = (
    "Pictures of one child look alike. Drawn one by one they would count as independent, which "
    "they are not: every bootstrap of this project resamples patients, never pictures."
)

SEPARABILITY = (
    "A simple model (logistic regression on 32 x 32 grey cells) is asked to tell *train* from "
    "*test* within one class, on patients it has not seen. If both sides came from the same world "
    "nobody could: AUC .5, the dotted line. *Control*: two random halves of the training patients."
)

MODELS = (
    "Simple models, trained on one part of every training picture and judged on the official test "
    "set. No disease can be seen in the outermost pixels; whatever is above the dotted line there "
    "is a shortcut that a network can learn too: letters, borders, collimation, the way a child "
    "was laid."
)

RUN_PARTS = (
    "The network itself, not trained again, shown the same parts. What is hidden is mid-grey or "
    "black, which it has never seen in training: an AUC near .5 shows that this part alone does "
    "not carry its answers, not that it ignores the part."
)

BOX = (
    "The chest is the same box in every picture, fixed on the mean of the training pictures: rows "
    "12 to 88 %, columns 10 to 90 %. In some pictures the tip of a lung reaches out of it."
)

BRIGHTNESS = (
    "Boxes: the middle half of the pictures; whiskers from 5 to 95 %. Brightness and contrast are "
    "the mean and the standard deviation of a picture's grey levels."
)

MEANS = (
    "Hundreds of children averaged: nobody's chest. On the right test minus train; green is "
    "brighter in test, purple darker, full colour at 30 grey levels."
)

STRENGTHS = {
    "strong": "**uses a shortcut**: it tells the classes apart where no lung is to be seen",
    "trace": "**leans on a shortcut a little**: better than chance where no lung is to be seen",
    "none": "no shortcut shown: no better than chance",
    "reversed": "no shortcut shown: what is left moves its answer, but against the class, so no "
    "right answer comes from it alone",
}

PART_NAMES = {
    "whole": "whole picture",
    "border_ring": "outermost ring (3 px)",
    "border_frame": "outer tenth",
    "lungs_blacked_out": "chest blacked out",
    "border_blanked": "border blanked",
    "lungs_only": "chest alone",
}


def number(figure: Mapping) -> str:
    """Say a figure with its interval: ``0.921 (0.900 to 0.938)``."""
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def counts(files: Mapping[str, Mapping[str, int]]) -> str:
    """Say what the shares mean, and what the split *val* is good for."""
    ill, few = files["test"]["PNEUMONIA"], sum(files["val"].values())
    tested = sum(files["test"].values())
    told = "Accuracy alone says little where one class is more frequent"
    if tested:
        told += (
            f": whoever always says *pneumonia* is right on {100 * ill / tested:.1f} % of the test "
            f"set ({ill} of {tested})"
        )
    return (
        f"{told}. The {few} pictures of *val* are not used to choose anything: this project holds "
        "out whole patients of *train* instead."
    )


def level(figure: Mapping) -> str:
    """Say a mean grey level with its interval: ``122.6 (121.7 to 123.5)``."""
    return f"{figure['value']:.1f} ({figure['low']:.1f} to {figure['high']:.1f})"


def random_split(split: Mapping) -> str:
    """Say what a split by pictures leaks, and what that does to figures."""
    leak, classes = split["sibling"], split["classes"]
    if not leak["high"]:
        return (
            f"**A random split would leak nothing**: in {split['seeds']} draws of "
            f"{split['test']} test pictures none had a sibling of the same child in training."
        )
    per_class = ", ".join(
        f"{100 * own['value']:.0f} % of the {name.lower()} ones"
        for name, own in classes.items()
        if own["value"] is not None
    )
    return (
        f"**A random split leaks.** Shuffle all {split['pictures']:,} pictures and draw "
        f"{split['test']} for the test, as much published work does: "
        f"**{100 * leak['value']:.0f} %** of them ({100 * leak['low']:.0f} to "
        f"{100 * leak['high']:.0f} % over {split['seeds']} draws) have a sibling of the same "
        f"child in training ({per_class}). A network may then recognise the child. Figures of "
        "98 or 99 % on such splits cannot be compared with any on the official test set."
    )


def crossing(document: Mapping) -> str:
    """Say whether the stored split itself keeps patients apart."""
    count = len(document["crossing"])
    if count == 0:
        return "No patient stands on both sides of the official split."
    return (
        f"**{count} patients stand in more than one split of this data set.** Figures on its test "
        "set flatter."
    )


def twins(duplicates: Mapping) -> str:
    """Say how many pictures are there twice, and what that does."""
    if not duplicates["groups"]:
        return "No two pictures are identical."
    inside = duplicates["inside"]
    places = ", ".join(f"{n} inside {split}" for split, n in inside.items() if n)
    across = duplicates["across_splits"]
    return (
        f"**{duplicates['groups']} groups of identical pictures**: "
        f"{places or 'none inside one split'}, {across} across splits; {duplicates['files']} "
        "files in all. "
        + (
            "Those inside test count twice in every test figure; "
            if inside.get("test")
            else "None distorts the test set from inside; "
        )
        + (
            "those across splits are leaks."
            if across
            else "none lets the test be learnt by heart. Patients who share a picture are kept on "
            "one side when validation patients are held out."
        )
    )


def collisions(same: Mapping) -> str:
    """Say why a number alone is no patient."""
    return (
        f"**A number is no patient.** {same['both_kinds']} of {same['numbers']:,} numbers name two "
        f"children, one with bacteria and one with a virus ({same['pictures']:,} pictures); "
        f"{same['across_splits']} of them lie across train and test. Taken for the same child "
        "they would be leaks that are none; here a patient is number and kind."
    )


def separability(classes: Mapping[str, Mapping]) -> str:
    """Say which class moved between train and test."""
    moved = {name: own for name, own in classes.items() if own["auc"]["low"] > 0.5}
    if not moved:
        return (
            "Within neither class can train be told from test: the test set is a fair sample of "
            "the same world."
        )
    most = max(moved, key=lambda name: moved[name]["auc"]["value"])
    told = "; ".join(f"{name.lower()} {number(own['auc'])}" for name, own in classes.items())
    grey = classes[most]["brightness_and_contrast"]
    cause = (
        f"Brightness and contrast alone do not explain it ({number(grey)})."
        if grey["high"] < 0.7
        else f"Brightness and contrast alone tell much of it ({number(grey)})."
    )
    return (
        f"**It is the {most.lower()} class that moved most** (AUC {told}): the {most.lower()} "
        "pictures of the test set were taken or processed differently from those in train. "
        f"{cause} So figures on held-out training patients say little about the test set, and "
        "those on the test set little about another hospital."
    )


def shift(sides: Mapping[str, Mapping]) -> str:
    """Say what that costs a simple model."""
    inside, test = sides["inside_train"], sides["test"]
    told = (
        f"The same linear model, learning pneumonia: on {inside['n']:,} pictures of training "
        f"patients it had not seen, accuracy {number(inside['accuracy'])} and specificity "
        f"{number(inside['specificity'])}; on the {test['n']} of the test set accuracy "
        f"{number(test['accuracy'])} and specificity {number(test['specificity'])}; the AUC goes "
        f"from {number(inside['auc'])} to {number(test['auc'])}. "
    )
    lost = {name: inside[name]["value"] - test[name]["value"] for name in ("accuracy", "auc")}
    if test["accuracy"]["high"] >= inside["accuracy"]["low"]:
        return told + "The intervals of the accuracy overlap: nothing is shown to be lost."
    if lost["accuracy"] > 1.5 * max(lost["auc"], 0):
        return told + "The order of the pictures survives better than the threshold does."
    return told + "Order and threshold suffer alike."


def models(parts: Mapping[str, Mapping]) -> str:
    """Say what can be learnt from no lung at all."""
    told = "; ".join(
        f"{PART_NAMES[name]}: linear {number(own['auc'])}, trees {number(own['auc_trees'])}"
        for name, own in parts.items()
        if own["without_lungs"]
    )
    n = parts["whole"]["auc"]["n"]
    return f"**Without a lung** (AUC on {n} test pictures) {told}."


def run_parts(document: Mapping) -> str:
    """Say what a run's own shortcut audit found, a line per part without lungs."""
    parts = document["parts"]
    lines = [
        f"- {PART_NAMES[name].capitalize()}: AUC {number(part['auc'])}: "
        f"{STRENGTHS[part['shortcut']]}."
        for name, part in parts.items()
        if "shortcut" in part
    ]
    whole, blanked = parts["whole"], parts["border_blanked"]
    change = blanked["auc_change"]
    lines.append(
        f"- With the border blanked its AUC changes by {change['value']:+.3f} "
        f"({change['low']:+.3f} to {change['high']:+.3f}) and its specificity goes from "
        f"{number(whole['specificity'])} to {number(blanked['specificity'])}: what the border is "
        "worth to it beside the lungs."
    )
    return "\n".join(lines)


def sizes(found: Mapping) -> str:
    """Say whether the files' sizes tell anything."""
    groups = found["groups"]
    first = next(iter(next(iter(groups.values())).values()))
    if found["same"]:
        return (
            f"All files have the same size ({first['width'][2]:.0f} x {first['height'][2]:.0f} "
            "pixels): this was made from a resized copy. On the originals the sizes differ; audit "
            "them to see whether size and aspect give the class away."
        )
    told = "; ".join(
        f"{split}, {name.lower()}: {own['width'][2]:.0f} x {own['height'][2]:.0f} pixels, width "
        f"over height {own['aspect'][2]:.2f} ({own['aspect'][1]:.2f} to {own['aspect'][3]:.2f})"
        for split, classes in groups.items()
        for name, own in classes.items()
    )
    return f"Median size and aspect of the files (in brackets the middle half): {told}."
