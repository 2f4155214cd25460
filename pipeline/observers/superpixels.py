"""What readers say of the superpixels that were shown to them as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.observers.estimate import pooled
from pipeline.readings.reading import IMPLAUSIBLE, JUDGEMENTS, Reading


@dataclass(frozen=True, order=True)
class Source:
    """What was shown: a network and how it was explained."""

    run: str
    run_sha256: str
    method: str
    segments: str
    fill: str
    seed: int


@dataclass(frozen=True)
class Superpixel:
    """One superpixel and what was said of it.

    Attributes
    ----------
    rank : its place among those that were shown, 1 the strongest; None where that is not stored.
    counts : judgement -> how many readers, each with their latest word.
    comments : not empty, in the order of the readers.
    """

    case: int
    patient: str
    label: int | None
    superpixel: int
    weight: float
    rank: int | None
    counts: dict[str, int]
    comments: tuple[str, ...]

    @property
    def readers(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Judged:
    """All that was said of one source's superpixels.

    Attributes
    ----------
    counts : judgement -> how many answers.
    implausible : share of answers, with an interval over patients.
    by_rank : rank -> the same of the superpixels in that place only.
    superpixels : those judged, most often implausible first.
    """

    source: Source
    counts: dict[str, int]
    implausible: dict
    by_rank: dict[int, dict]
    superpixels: tuple[Superpixel, ...]


def judged(readings: Sequence[Reading]) -> list[Judged]:
    """Return what readers said of the highlighted superpixels, for every run and explanation.

    A reader who judged a superpixel in two passes counts once, with the later word.
    """
    latest: dict[Source, dict[tuple[int, int], dict[str, tuple]]] = {}
    about: dict[int, Reading] = {}
    for one in sorted(readings, key=lambda one: (one.pass_number, one.reader, one.case)):
        if one.shown is None or one.shown.explanation is None:
            continue
        about[one.case] = one
        ranks = {
            int(entry["superpixel"]): place
            for place, entry in enumerate(one.shown.explanation.get("highlighted", ()), start=1)
        }
        for rating in one.ratings:
            place = (one.case, rating.superpixel)
            words = latest.setdefault(_source(one), {}).setdefault(place, {})
            words[one.reader] = (rating, ranks.get(rating.superpixel))
    return [_judged(source, latest[source], about) for source in sorted(latest)]


def _source(reading: Reading) -> Source:
    shown, settings = reading.shown, reading.shown.explanation
    return Source(
        shown.run,
        shown.run_sha256,
        str(settings.get("method", "")),
        str(settings.get("segments", "")),
        str(settings.get("fill", "")),
        int(settings.get("seed", 0)),
    )


def _judged(source: Source, words: dict, about: dict[int, Reading]) -> Judged:
    found = []
    for (case, label), said in words.items():
        ratings = [said[reader] for reader in sorted(said)]
        counts = dict.fromkeys(JUDGEMENTS, 0)
        for rating, _ in ratings:
            counts[rating.judgement] += 1
        found.append(
            Superpixel(
                case=case,
                patient=about[case].patient,
                label=about[case].label,
                superpixel=label,
                weight=ratings[-1][0].weight,
                rank=ratings[-1][1],
                counts=counts,
                comments=tuple(rating.comment for rating, _ in ratings if rating.comment),
            )
        )
    found.sort(key=lambda one: (-one.counts[IMPLAUSIBLE], one.case, one.rank or 0, one.superpixel))
    ranks = sorted({one.rank for one in found if one.rank is not None})
    return Judged(
        source=source,
        counts={kind: sum(one.counts[kind] for one in found) for kind in JUDGEMENTS},
        implausible=_share(found),
        by_rank={rank: _share([one for one in found if one.rank == rank]) for rank in ranks},
        superpixels=tuple(found),
    )


def _share(found: Sequence[Superpixel]) -> dict:
    widest = max(one.readers for one in found)
    places = np.arange(widest)
    of = np.array([places < one.readers for one in found])
    hit = np.array([places < one.counts[IMPLAUSIBLE] for one in found])
    return pooled(hit, of, [one.patient for one in found])
