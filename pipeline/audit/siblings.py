"""Pictures of the same child: how many, and what a careless split would leak."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from pipeline.config import CLASS_NAMES, NORMAL
from pipeline.dataset import SPLITS, Item

SEEDS = 20
_PERSON = re.compile(r"person(\d+)_(?:bacteria|virus)", re.IGNORECASE)


def per_patient(items: Sequence[Item]) -> dict[str, dict]:
    """Return per class how many patients have how many pictures, over all splits.

    Returns
    -------
    ``{class: {"patients", "pictures", "median", "most", "patients_with": {pictures: patients}}}``.
    """
    table = {}
    for label, name in enumerate(CLASS_NAMES):
        pictures = Counter(item.patient for item in items if item.label == label)
        sizes = Counter(pictures.values())
        table[name] = {
            "patients": len(pictures),
            "pictures": sum(pictures.values()),
            "median": float(np.median(list(pictures.values()))) if pictures else None,
            "most": max(pictures.values(), default=0),
            "patients_with": {str(size): sizes[size] for size in sorted(sizes)},
        }
    return table


def random_split(items: Sequence[Item], digests: Sequence, test: int, seeds: int = SEEDS) -> dict:
    """Draw test pictures at random, as most published code does, and count what leaks.

    Parameters
    ----------
    digests : per picture what is equal for identical pictures.
    test : how many pictures to draw.
    seeds : how many such splits.

    Returns
    -------
    ``{"pictures", "test", "seeds", "sibling": {...}, "twin": {...}, "classes": {...}}``: the share
    of the drawn pictures with another picture of the same patient, or with an identical picture,
    among the rest; ``{"value": mean, "low": lowest, "high": highest, "n"}`` over the seeds, n the
    pictures drawn, on average.
    """
    if not 0 < test < len(items):
        raise ValueError(f"Expected 0 < test < {len(items)}. Received: {test}")
    patients = np.unique([item.patient for item in items], return_inverse=True)[1]
    twins = np.unique([str(digest) for digest in digests], return_inverse=True)[1]
    labels = np.array([item.label for item in items])
    sibling, twin, classes, sizes = [], [], defaultdict(list), defaultdict(list)
    for seed in range(seeds):
        drawn = np.zeros(len(items), bool)
        drawn[np.random.default_rng(seed).permutation(len(items))[:test]] = True
        leaks = np.isin(patients, patients[~drawn])
        sibling.append(leaks[drawn].mean())
        twin.append(np.isin(twins, twins[~drawn])[drawn].mean())
        for label, name in enumerate(CLASS_NAMES):
            own = leaks[drawn & (labels == label)]
            classes[name].append(own.mean() if len(own) else np.nan)
            sizes[name].append(len(own))
    return {
        "pictures": len(items),
        "test": test,
        "seeds": seeds,
        "sibling": _over_seeds(sibling, test),
        "twin": _over_seeds(twin, test),
        "classes": {
            name: _over_seeds(values, round(np.mean(sizes[name])))
            for name, values in classes.items()
        },
    }


def collisions(items: Sequence[Item]) -> dict:
    """Count numbers that name two children, one with bacteria and one with a virus.

    Returns
    -------
    ``numbers``: how many ``personN`` there are; ``both_kinds``: how many of them name two
    children; ``across_splits``: how many of those lie in train as one kind and in test as the
    other: whoever takes the number for the patient sees leaks that are none;
    ``pictures``: how many pictures bear such a number; ``normal_series``: how many numbers of the
    normal pictures occur in both series, ``IM-N`` and ``NORMAL2-IM-N``.
    """
    where = defaultdict(lambda: {split: set() for split in SPLITS})
    pictures = Counter()
    series = defaultdict(set)
    for item in items:
        if match := _PERSON.match(item.patient):
            where[match[1]][item.split].add(item.kind)
            pictures[match[1]] += 1
        elif item.label == NORMAL and "IM-" in item.patient:
            first, number = item.patient.split("IM-", 1)
            series[number].add(first)
    both = [number for number, splits in where.items() if len(set.union(*splits.values())) > 1]
    across = [
        number
        for number in both
        if any(a != b for a in where[number]["train"] for b in where[number]["test"])
    ]
    return {
        "numbers": len(where),
        "both_kinds": len(both),
        "across_splits": len(across),
        "pictures": sum(pictures[number] for number in both),
        "normal_series": sum(len(names) > 1 for names in series.values()),
    }


def _over_seeds(values: Sequence[float], n: int) -> dict:
    known = [float(value) for value in values if np.isfinite(value)]
    if not known:
        return {"value": None, "low": None, "high": None, "n": n}
    return {"value": float(np.mean(known)), "low": min(known), "high": max(known), "n": n}
