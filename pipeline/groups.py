"""Verdict between two groups of runs, such as two configurations over several seeds.

A training that is begun anew from another seed ends elsewhere. Only where two configurations lie
further apart than their seeds do, one of them is better; and of few runs nobody can tell.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from pipeline.evaluation.permutation import between, sign_flip
from pipeline.flags import title
from pipeline.recorded import VALIDATED_ON_TEST
from pipeline.runs import Run, lower_is_better

TEST_AUC = "test_auc"
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Group:
    """Runs that differ by nothing but the seed, as far as they tell."""

    name: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Verdict:
    """What can be said of two groups A and B.

    Attributes
    ----------
    sentence : the verdict in words, with its numbers; or why there is none.
    winner : name of the better group; None where no difference is shown.
    values : per group the figure of each run that tells it, by run name.
    pairs : how many runs were paired by their seed; 0 if none were.
    difference : A minus B, ``{"value", "low", "high"}`` with the 95 % interval; None where there is
        no verdict. The limits are None for a single run, which has no spread.
    p : of the permutation test, two-sided; None where there is no verdict.
    smallest_p : the smallest that so many runs can give.
    remarks : what else to know, each a sentence.
    """

    sentence: str
    winner: str | None
    values: tuple[Mapping[str, float], Mapping[str, float]]
    pairs: int = 0
    difference: Mapping[str, float | None] | None = None
    p: float | None = None
    smallest_p: float | None = None
    remarks: tuple[str, ...] = ()


def groups(runs: Iterable[Run]) -> list[Group]:
    """Return the runs in groups, in the order given.

    Runs belong together that tell the same architecture, the same settings but for the seed, and
    the same validation data. A run that tells no setting at all stands alone.
    """
    found: dict[str, list[Run]] = {}
    for run in runs:
        told = {**run.config, "seed": None}
        alone = run.name if not run.config else None
        key = json.dumps(
            [run.architecture, told, validated_on(run), alone], sort_keys=True, default=str
        )
        found.setdefault(key, []).append(run)
    taken = {run.name for members in found.values() for run in members}
    listed = []
    for members in found.values():
        shared = members[0].configuration
        name = shared if len(members) > 1 and shared not in taken else members[0].name
        taken.add(name)
        listed.append(Group(name, tuple(members)))
    return listed


def verdict(a: Group, b: Group, figure: str, values: Mapping[str, float | None]) -> Verdict:
    """Compare two groups by one figure of each run.

    Runs are paired by seed where both groups have the very same seeds; otherwise both groups are
    taken as independent. One is called better only where test and interval agree.

    Parameters
    ----------
    a, b : two groups, of no run in common.
    figure : a column of the history (its best value over the epochs), or `TEST_AUC`.
    values : by run name; a run without the figure, or with None, is left out and named.

    References
    ----------
    Fisher 1935 and Welch 1947, as in `pipeline.evaluation.permutation`.
    """
    if common := {run.name for run in a.runs} & {run.name for run in b.runs}:
        raise ValueError(f"Expected groups without a run in common. Received: {sorted(common)}")
    every = (*a.runs, *b.runs)
    told = [[run for run in group.runs if values.get(run.name) is not None] for group in (a, b)]
    own = tuple({run.name: values[run.name] for run in runs} for runs in told)
    for group, have in zip((a, b), own, strict=True):
        if not have:
            return Verdict(f"No run of {group.name} tells the {called(figure)}.", None, own)
    reason, remark = _comparable([*told[0], *told[1]], figure)
    if reason:
        return Verdict(reason, None, own)
    missing = [run.name for run in every if values.get(run.name) is None]
    remarks = [f"Left out, because they do not tell it: {', '.join(missing)}."] if missing else []
    first, second = (list(have.values()) for have in own)
    if pairs := _pairs(told, own):
        result = sign_flip([one - other for one, other in pairs])
        count = _counted(len(pairs), "pair")
    else:
        result = between(first, second)
        count = f"{len(first)} against {_counted(len(second), 'run')}"
    winner = None
    if result["p"] <= SIGNIFICANT and result["low"] is not None:
        low, high = result["low"], result["high"]
        ahead, behind = (b, a) if lower_is_better(figure) else (a, b)
        winner = ahead.name if low > 0 else behind.name if high < 0 else None
    return Verdict(
        sentence=_sentence(a, b, figure, winner, result, count),
        winner=winner,
        values=own,
        pairs=len(pairs),
        difference={name: result[name] for name in ("value", "low", "high")},
        p=result["p"],
        smallest_p=result["smallest_p"],
        remarks=(*remarks, *remark),
    )


def called(figure: str) -> str:
    """Return what a figure is called in a sentence."""
    return "official test AUC" if figure == TEST_AUC else f"best {title(figure)}"


def validated_on(run: Run) -> list | None:
    """Return what tells on which pictures a run was validated; None if nothing does."""
    data = run.document.get("data", {})
    if "validation" not in data and "fingerprint" not in data:
        return None
    split = [run.config.get(name) for name in ("split_seed", "validation_fraction")]
    return [
        data.get("fingerprint"),
        data.get("validation"),
        split,
        VALIDATED_ON_TEST in run.tags,
    ]


def _comparable(runs: Sequence[Run], figure: str) -> tuple[str, tuple[str, ...]]:
    """Return why these runs cannot be compared, "" if they can, and what else to know of it."""
    doubtful = [run.name for run in runs if VALIDATED_ON_TEST in run.tags]
    if figure == TEST_AUC:
        sizes = {_test_size(run) for run in runs}
        if doubtful:
            why = f"runs {VALIDATED_ON_TEST} ({_listed(doubtful)}) have no independent test figure"
            return f"Not comparable: {why}.", ()
        if len(sizes) > 1:
            counts = " and ".join(str(size) for size in sorted(sizes, key=str))
            return f"Not comparable: they were tested on {counts} pictures.", ()
        return "", ()
    data = {json.dumps(validated_on(run), sort_keys=True, default=str) for run in runs}
    if len(data) > 1:
        silent = [run.name for run in runs if validated_on(run) is None]
        why = (
            f"the pictures that {_listed(silent)} validated on are not recorded"
            if silent
            else "they were validated on different pictures"
        )
        return f"Not comparable: {why}, so their validation figures cannot be set side by side.", ()
    if doubtful:
        return "", (f"All of them were {VALIDATED_ON_TEST}, so the figures are not independent.",)
    if validated_on(runs[0]) is None:
        return "", (
            "No run tells on which pictures it was validated: this holds only if they were the "
            "same ones.",
        )
    return "", ()


def _test_size(run: Run) -> int | None:
    report = run.metrics().get("test", {}).get(run.document.get("operating_point"), {})
    return report.get("n")


def _pairs(
    told: Sequence[Sequence[Run]], own: Sequence[Mapping[str, float]]
) -> list[tuple[float, float]]:
    """Return the figures of A and B by equal seeds; none unless both have the very same seeds."""
    seeds = [
        {run.seed: have[run.name] for run in runs} for runs, have in zip(told, own, strict=True)
    ]
    unique = all(len(part) == len(runs) for part, runs in zip(seeds, told, strict=True))
    if not unique or None in seeds[0] or seeds[0].keys() != seeds[1].keys():
        return []
    return [(seeds[0][seed], seeds[1][seed]) for seed in seeds[0]]


def _sentence(
    a: Group, b: Group, figure: str, winner: str | None, result: Mapping, count: str
) -> str:
    value, low, high = result["value"], result["low"], result["high"]
    limits = f" (95 % interval {low:.4f} to {high:.4f})" if low is not None else ""
    numbers = (
        f"The {called(figure)} of {a.name} minus that of {b.name} is {value:+.4f}{limits}, "
        f"p = {result['p']:.2g}, from {count}."
    )
    if result["smallest_p"] > SIGNIFICANT:
        return f"Too few runs to tell: with {count} {_limit(result)}. {numbers}"
    if winner is not None:
        return f"{winner} is better. {numbers}"
    if result["p"] <= SIGNIFICANT:
        return f"No difference shown: the test sees one, but the interval has 0 in it. {numbers}"
    return f"No difference shown, which does not prove that there is none. {numbers}"


def _limit(result: Mapping) -> str:
    """Say how small a p can be at all, and what it would take."""
    if "n" in result:
        needed = next(n for n in range(1, 99) if 2 / 2**n <= SIGNIFICANT)
        n = result["n"]
        said = f"2/2^{n} = {result['smallest_p']:.2g}"
        return f"the smallest p possible is {said}; it takes {needed} pairs"
    said = f"{result['smallest_p']:.2g}"
    needed = next(n for n in range(1, 99) if 2 / comb(2 * n, n) <= SIGNIFICANT)
    return f"the smallest p possible is {said}; {needed} against {needed} can be enough"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _listed(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
