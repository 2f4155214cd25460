"""Readings of invented readers whose skill and trust in the model are known."""

from datetime import UTC, datetime, timedelta

import numpy as np

from pipeline.readings.design import AI_FIRST, READ_THEN_REVEAL
from pipeline.readings.reading import Answer, Rating, Reading, Region, Shown

BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


def study(
    readers=4,
    cases=40,
    skill=1.0,
    trust=0.6,
    model_skill=1.5,
    passes=(("overlay", READ_THEN_REVEAL),),
    truth=True,
    siblings=1,
    seed=0,
) -> list[Reading]:
    """Return readings, all finished.

    Parameters
    ----------
    skill, model_skill : distance of the two classes, in standard deviations.
    trust : chance that a reader who differs from the model changes over to it.
    passes : ``(arm, order)`` of each.
    siblings : cases of each patient.
    """
    generator = np.random.default_rng(seed)
    label = np.tile([0, 1], cases)[:cases]
    hard = generator.normal(0, 0.6, cases)
    side = 2 * label - 1
    logit = generator.normal(side * model_skill, 1.0)
    probability = 1 / (1 + np.exp(-2 * logit))
    found = []
    for who in range(readers):
        for number, (arm, order) in enumerate(passes, start=1):
            clock = BEGAN + timedelta(days=30 * number, hours=who)
            feeling = generator.normal(side * skill + hard, 1.0)
            for place, case in enumerate(generator.permutation(cases), start=1):
                seconds = float(generator.gamma(8, 3) + 10 / place)
                clock += timedelta(seconds=seconds)
                found.append(
                    _reading(
                        generator,
                        f"reader-{who + 1}",
                        number,
                        int(case),
                        f"patient-{case // siblings}",
                        int(label[case]) if truth else None,
                        (arm, order),
                        float(probability[case]),
                        float(feeling[case]),
                        trust,
                        clock,
                        seconds,
                    )
                )
    return found


def _reading(
    generator, reader, number, case, patient, label, shape, probability, feeling, trust, clock, took
) -> Reading:
    arm, order = shape
    model = probability >= 0.5
    first = answer(feeling, generator)
    final = first
    if arm != "none" and (first.pneumonia != model) and generator.random() < trust:
        final = answer(0.8 if model else -0.8, generator, first.regions)
    blind = arm == "none" or order == READ_THEN_REVEAL
    shown = None
    ratings = ()
    if arm != "none":
        shown = Shown(arm, "compact", "ab" * 32, probability, 0.5, model, explanation(generator))
    if shown and arm == "overlay":
        ratings = tuple(
            Rating(
                one["superpixel"],
                one["weight"],
                generator.choice(["plausible", "implausible", "unsure"], p=[0.6, 0.25, 0.15]),
            )
            for one in shown.explanation["highlighted"]
        )
    return Reading(
        study="s1",
        reader=reader,
        pass_number=number,
        case=case + 1,
        patient=patient,
        label=label,
        arm=arm,
        order=order,
        model_probability=probability,
        model_pneumonia=bool(model),
        first=first if blind else None,
        final=final,
        shown=shown,
        ratings=ratings,
        seconds_first=took if blind else None,
        seconds_final=None if arm == "none" else (took / 3 if order != AI_FIRST else took),
        answered=clock,
        finished=clock + timedelta(seconds=took / 3),
    )


def answer(feeling: float, generator, regions=None) -> Answer:
    """Return what somebody says who feels that sure, positive for pneumonia."""
    ill = feeling > 0
    if regions is None:
        x, y = np.clip(generator.normal([0.6, 0.5], 0.05), 0.05, 0.65)
        regions = (Region(float(x), float(y), 0.25, 0.3),) if ill else ()
    return Answer(
        bool(ill),
        int(np.clip(np.ceil(2 * abs(feeling)), 1, 5)),
        regions=regions if ill else (),
        quality=str(generator.choice(["good", "limited", "not readable"], p=[0.7, 0.25, 0.05])),
    )


def explanation(generator) -> dict:
    weights = sorted(generator.uniform(0.02, 0.3, 3), reverse=True)
    labels = generator.choice(40, 3, replace=False)
    return {
        "method": "lime",
        "segments": "slic",
        "fill": "blur",
        "seed": 0,
        "highlighted": [
            {"superpixel": int(label), "weight": float(weight)}
            for label, weight in zip(labels, weights, strict=True)
        ],
    }
