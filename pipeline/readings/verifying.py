"""Is a study as it was written? The trail by its hashes, everything else by the trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from pipeline.readings import rows, trail
from pipeline.readings.design import Design
from pipeline.readings.study import Verified


def verified(connection: Connection, study_id: str) -> Verified:
    """Check a study's audit trail, cases, orders and pictures.

    Raises
    ------
    StoreError : if there is no such study.
    """
    stored = rows.study(connection, study_id)
    events = trail.read(connection, study_id)
    problems = trail.faults(events)
    if not events or events[0].what != trail.CREATED:
        problems.append("The audit trail does not begin with the study's creation.")
        return Verified(len(events), events[-1].hash if events else "", tuple(problems))
    made = events[0].payload
    if stored.design != Design.from_json(made["design"]):
        problems.append("The study's design was changed.")
    told = {number: _told(case) for number, case in rows.cases(connection, study_id).items()}
    written = {int(number): case for number, case in made["cases"].items()}
    for number in sorted(told.keys() | written.keys()):
        without = {k: v for k, v in written.get(number, {}).items() if k != "stored"}
        if told.get(number) != without:
            problems.append(f"Case {number} was changed, added or taken out.")
    if plain_orders(rows.orders(connection, study_id)) != made["orders"]:
        problems.append("The readers' orders of cases were changed.")
    if not any(event.what == trail.DELETED for event in events):
        problems += _wrong_pictures(connection, study_id, written)
    return Verified(len(events), events[-1].hash, tuple(problems))


def plain_orders(
    orders: Mapping[str, Sequence[tuple[int, int, int]]],
) -> dict[str, list[list[int]]]:
    """Return orders as the trail's JSON gives them back."""
    return {reader: [list(one) for one in order] for reader, order in orders.items()}


def _told(case) -> dict:
    return {
        "sha256": case.sha256,
        "patient": case.patient,
        "label": case.label,
        "probability": case.probability,
        "called": int(case.called),
        "accepted": int(case.accepted),
    }


def _wrong_pictures(connection: Connection, study_id: str, written: Mapping) -> list[str]:
    seen, problems = set(), []
    for number, pixels in rows.pictures(connection, study_id):
        seen.add(number)
        if rows.picture_digest(pixels) != written.get(number, {}).get("stored"):
            problems.append(f"The picture of case {number} was changed.")
    missing = sorted(written.keys() - seen)
    return problems + [f"The picture of case {number} is missing." for number in missing]
