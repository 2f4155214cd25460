"""A study as it is made, and as it is told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.explain import Explanation
from pipeline.images import Picture
from pipeline.readings.design import Design
from pipeline.readings.pictures import Packed


@dataclass(frozen=True, eq=False)
class NewCase:
    """A picture on its way into a study, judged by the network that the study shows.

    Attributes
    ----------
    picture : as it was read, or packed to spare memory.
    patient : a pseudonym; intervals are drawn over patients.
    label : 0 normal, 1 pneumonia, None where the truth is not known.
    probability : the network's, calibrated.
    pneumonia : what it says at the study's threshold.
    accepted, reasons : what the gate says.
    explanation : which every reader is shown; needed where a pass shows the overlay.
    """

    picture: Picture | Packed
    patient: str
    label: int | None
    probability: float
    pneumonia: bool
    accepted: bool
    reasons: tuple[str, ...] = ()
    explanation: Explanation | None = field(default=None, repr=False)

    def __post_init__(self):
        if self.label not in (0, 1, None):
            raise ValueError(f"Expected a label of 0, 1 or None. Received: {self.label!r}")
        if not (math.isfinite(self.probability) and 0 <= self.probability <= 1):
            raise ValueError(f"Expected a probability of 0 to 1. Received: {self.probability!r}")


@dataclass(frozen=True)
class Created:
    """A new study; the codes are told this once and can only be replaced later."""

    study_id: str
    owner_code: str = field(repr=False)
    reader_codes: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Study:
    """A study, without anything that was said in it.

    Attributes
    ----------
    readers : their pseudonyms, in the order in which they were named.
    closed : nothing more can be said in it.
    deleted : its pictures are gone, and nobody can enter it; its audit trail is kept.
    """

    id: str
    created: datetime
    design: Design
    n_cases: int
    readers: tuple[str, ...]
    closed: bool
    deleted: bool

    @property
    def title(self) -> str:
        return self.design.title


@dataclass(frozen=True)
class Seat:
    """Whom a code belongs to: a reader of a study, or its owner (None)."""

    study_id: str
    reader: str | None


@dataclass(frozen=True)
class ModelCall:
    """What the model says of a case; not to be shown to a reader before the reveal is recorded."""

    probability: float
    pneumonia: bool
    accepted: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """Whether a study is as it was written.

    Attributes
    ----------
    events : how many entries the audit trail has.
    head : the last one's hash: whoever has noted it sees later whether an end was cut off.
    problems : each a sentence; empty if all is well.
    """

    events: int
    head: str
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems
