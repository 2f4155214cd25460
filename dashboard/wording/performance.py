"""Sentences of the Performance page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SPLITS = {
    "test": "Official test set: the pictures that every figure of the literature is measured on. "
    "Nothing here was chosen by it.",
    "validation": "Validation patients: held out of training, but temperature and thresholds were "
    "fitted on them, so these figures flatter.",
}
SPLIT_NAMES = {"test": "official test set", "validation": "validation patients"}

SHOWN_FIRST = (
    "Shown first: the run of the highest AUC on validation patients of each architecture, the "
    "project's own network before those of the notebooks. The test set has no say in it."
)

CLICK = (
    "Drag ● along a curve or the slider, or type a number. ◇ marks the run's own "
    "operating points, ● the threshold in use with its 95 % limits."
)

INTERVALS = (
    "In brackets 95 % intervals: Wilson's for shares of a count, a bootstrap over patients for AUC "
    "and calibration error; for PPV, NPV and cost at a prevalence they follow from those of "
    "sensitivity and specificity (MOVER)."
)

COST = (
    "How many false alarms one missed pneumonia is worth is a judgement of values, not of "
    "statistics. Costs are counted in false alarms."
)

SPREAD_CAPTION = (
    "Dotted: validation patients. Filled: official test set. Grey line: the threshold, right of "
    "which the model calls pneumonia."
)

PRICE = (
    "Up and to the left is better. *Training seconds* are what the run took on the machine it was "
    "trained on, which differs between runs; latency was measured on one machine, one network "
    "after the other."
)

WHERE_LATENCY = (
    "Milliseconds a picture have not been measured yet. Measure them with "
    "`python -m pipeline benchmark latency --write`."
)

WHERE_CAUSE = (
    "Whether the pictures themselves changed between train and test has not been measured yet. "
    "Measure it with `python -m pipeline data audit`."
)


def number(figure: Mapping, digits: int = 3) -> str:
    """Say a figure with its interval: ``0.985 (0.974 to 0.994)``."""
    if figure["value"] is None:
        return "cannot be computed"
    return " ".join(
        (
            f"{figure['value']:.{digits}f}",
            f"({figure['low']:.{digits}f} to {figure['high']:.{digits}f})",
        )
    )


def share(figure: Mapping) -> str:
    """Say a share: ``95.1 % (92.5 to 96.9)``."""
    if figure["value"] is None:
        return "cannot be computed"
    low, high = 100 * figure["low"], 100 * figure["high"]
    return f"{100 * figure['value']:.1f} % ({low:.1f} to {high:.1f})"


def of_hundred(counts: Mapping[str, int], prevalence: float) -> str:
    """Say what happens to a hundred children of whom that share is ill."""
    ill = counts["found"] + counts["missed"]
    return (
        f"**Of 100 children like these, {ill} have pneumonia**: the model finds "
        f"**{counts['found']}** and misses **{counts['missed']}**. Of the other {100 - ill} it "
        f"clears **{counts['cleared']}** and raises a false alarm for "
        f"**{counts['false_alarm']}**. (Expected numbers at a prevalence of "
        f"{100 * prevalence:.1f} %, rounded.)"
    )


def pairs(compared: Mapping) -> str:
    """Say how many pairs `pipeline.pairing.compare` compared."""
    count = len(compared["pairs"])
    return "1 pair" if count == 1 else f"{count} pairs"


def cost(figure: Mapping, miss: float) -> str:
    """Say what errors among a hundred children cost."""
    return (
        f"If a missed pneumonia is as bad as **{miss:g} false alarms**, the errors among 100 "
        f"children cost **{figure['value']:.1f}** ({figure['low']:.1f} to {figure['high']:.1f}) "
        f"false alarms; n = {figure['n']}."
    )


def cheapest(found: Mapping[str, float]) -> str:
    """Say which threshold would cost least, and on whom that was found."""
    return (
        f"Cheapest on the {found['n']} pictures of the **validation patients** is the threshold "
        f"**{found['threshold']:.4f}** ({found['low']:.4f} to {found['high']:.4f} over resampled "
        "patients). It is never fitted on the test set; what it costs there you see by using it."
    )


def calibration(before: Mapping, after: Mapping, temperature: float, split: str) -> str:
    """Say what temperature scaling changed."""
    return (
        f"Calibration error (ECE): **{number(after['ece'])}**, before calibration "
        f"{number(before['ece'])}. Brier score: **{number(after['brier'])}**, before "
        f"{number(before['brier'])}; both are better when lower. n = {after['ece']['n']}, "
        f"{SPLIT_NAMES[split]}. The temperature {temperature:.2f} was fitted on validation "
        "patients. Below the diagonal the model says more pneumonia than there is."
    )


def abstaining(found: Mapping, rule: str, split: str) -> str:
    """Say what is won and lost when the model may say *unsure*."""
    low, high = found["low"], found["high"]
    return (
        f"**When it may say *unsure*** (probability from {low:.3f} to {high:.3f}), it decides "
        f"{share(found['coverage'])} of {found['n']} pictures ({SPLIT_NAMES[split]}), and of those "
        f"{found['accuracy']['n']} it is right in {share(found['accuracy'])}; sensitivity "
        f"{share(found['sensitivity'])}, specificity {share(found['specificity'])} of the decided. "
        f"The band: {rule}."
    )


def lost(name: str, splits: Mapping[str, Mapping], difference: Mapping | None) -> str:
    """Say how many calls of a class are right on either split, and what is lost between them."""
    before, after = splits["validation"], splits["test"]
    told = (
        f"**Labelled {name.lower()}**: right are {share(before)} of {before['n']} on validation "
        f"and {share(after)} of {after['n']} on test"
    )
    if difference is None:
        return f"{told}."
    low, high = 100 * difference["low"], 100 * difference["high"]
    points = abs(100 * difference["value"])
    if low <= 0 <= high:
        return f"{told}; a difference ({-high:.1f} to {-low:+.1f} points) that may be chance."
    if difference["value"] > 0:
        return f"{told}: **{points:.1f} points fewer** ({low:.1f} to {high:.1f})."
    return f"{told}: **{points:.1f} points more** ({-high:.1f} to {-low:.1f})."


def cause(separability: Mapping[str, Mapping]) -> str:
    """Say how far the pictures of each class moved between train and test, as measured."""
    told = [
        f"{name.lower()} {number(entry['auc'])}, n = {entry['auc']['n']}"
        for name, entry in separability.items()
    ]
    most = max(separability, key=lambda name: separability[name]["auc"]["value"])
    return (
        "**A measured cause.** How well can a simple classifier tell a *training* picture from a "
        f"*test* picture of the same class? AUC: {'; '.join(told)}. Were both drawn from the same "
        f"children and machines, it would be 0.5. The pictures labelled {most.lower()} have moved "
        "most; no validation set taken out of train can show that."
    )


def seeds(names: list[str], figures: Mapping[str, Mapping], titles: Mapping[str, str]) -> str:
    """Say mean and range over runs that differ only by the seed."""
    told = [
        f"{titles[name]} {entry['mean']:.3f} ({entry['lowest']:.3f} to {entry['highest']:.3f})"
        for name, entry in figures.items()
    ]
    return f"**{', '.join(names)}**: " + "; ".join(told)


TEST_NAMES = {
    "auc": "AUC (DeLong)",
    "accuracy": "Accuracy (McNemar)",
    "sensitivity": "Sensitivity (McNemar)",
    "specificity": "Specificity (McNemar)",
}


def differ(entry: Mapping) -> bool:
    """Return whether any test of a pair tells its runs apart."""
    return any(entry[test]["told_apart"] for test in TEST_NAMES)


def alike(pairs: Sequence[Mapping], n: int) -> list[str]:
    """Say which runs cannot be told apart; many pairs in few sentences."""
    if len(pairs) <= 3:
        return [entry["sentence"] for entry in pairs]
    others: dict[str, list[str]] = {}
    for entry in pairs:
        others.setdefault(entry["a"], []).append(entry["b"])
    return [
        f"{run} can't be told apart on these {n} pictures from {', '.join(names)}."
        for run, names in others.items()
    ]


def paired_caption(compared: Mapping) -> str:
    """Say which tests these are and how to repeat them."""
    names = " ".join(entry["run"] for entry in compared["runs"])
    return (
        f"{compared['n']} pictures of {compared['patients']} patients, "
        f"{SPLIT_NAMES[compared['split']]}, the same for both runs of a pair, each run at its own "
        "operating point. DeLong's test compares AUCs, McNemar's exact test the calls; p values "
        "are corrected for the number of pairs (Holm). Runs count as different only when p stays "
        "below 0.05 *and* the 95 % interval of a bootstrap over patients leaves out 0. Not told "
        "apart does not mean equal: a difference may be too small for so few pictures. "
        f"`python -m pipeline compare {names} --split {compared['split']}` repeats it."
    )


NO_TRIES = "Nothing is on record yet: `python -m pipeline lab keep RUN --help`."


def tries(entries: Sequence[dict]) -> str:
    """Say how the lab record is to be read."""
    n = {split: entries[0][split]["n"] for split in ("validation", "test")}
    return (
        f"Each try once: temperature and the threshold of 95 % sensitivity were fitted on its "
        f"{n['validation']} validation pictures, and nothing was chosen by the {n['test']} test "
        "pictures. Where the points lie far below the diagonal, validation flatters; where they "
        "do not follow it, validation cannot tell which try is better on the test set. "
        "`python -m pipeline lab` prints this record."
    )


def one_try(entry: Mapping) -> str:
    """Say what was done and what came of it."""
    return f"**{entry['name']}**: {entry['tried']} {entry['found']}".strip()
