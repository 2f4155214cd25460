"""What one reader said about one case, before and after seeing the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

# How good the picture is for the question, best first.
QUALITIES = ("good", "limited", "not readable")
# What a reader says of a region that the explanation highlights.
PLAUSIBLE, IMPLAUSIBLE, UNSURE = "plausible", "implausible", "unsure"
JUDGEMENTS = (PLAUSIBLE, IMPLAUSIBLE, UNSURE)
LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class Region:
    """A rectangle on the picture; all four in shares of its width and height, 0 to 1."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self):
        inside = self.x >= 0 and self.y >= 0 and self.x + self.width <= 1.000001
        inside = inside and self.y + self.height <= 1.000001
        if not (inside and self.width > 0 and self.height > 0):
            raise ValueError(f"Expected a rectangle inside the picture. Received: {self}")


@dataclass(frozen=True)
class Answer:
    """A reader's answers to a study's questions.

    Attributes
    ----------
    pneumonia : the call.
    confidence : in that call, 1 to the points of the study's scale.
    findings : those of the study's list that the reader sees.
    regions : where.
    quality : one of `QUALITIES`, or None where it was not asked.
    """

    pneumonia: bool
    confidence: int
    findings: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    quality: str | None = None

    def __post_init__(self):
        if not 1 <= self.confidence <= 100:
            raise ValueError(f"Expected a confidence of 1 to 100. Received: {self.confidence}")
        if self.quality is not None and self.quality not in QUALITIES:
            raise ValueError(f"Expected a quality of {QUALITIES}. Received: {self.quality!r}")

    @property
    def score(self) -> int:
        """How sure the reader is of pneumonia: the confidence, negative for a normal picture.

        It orders a reader's cases for a ROC curve, and its sign is the call, so that the reader's
        own operating point lies on that curve.
        """
        return self.confidence if self.pneumonia else -self.confidence

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping) -> Answer:
        return cls(
            pneumonia=bool(stored["pneumonia"]),
            confidence=int(stored["confidence"]),
            findings=tuple(stored.get("findings", ())),
            regions=tuple(Region(**one) for one in stored.get("regions", ())),
            quality=stored.get("quality"),
        )


@dataclass(frozen=True)
class Rating:
    """What a reader says of one highlighted superpixel.

    Attributes
    ----------
    superpixel : its label in the explanation's segments.
    weight : what the explanation gave it; positive speaks for pneumonia.
    judgement : one of `JUDGEMENTS`.
    """

    superpixel: int
    weight: float
    judgement: str
    comment: str = ""

    def __post_init__(self):
        if self.judgement not in JUDGEMENTS:
            raise ValueError(f"Expected one of {JUDGEMENTS}. Received: {self.judgement!r}")
        if len(self.comment) > LONGEST_COMMENT:
            raise ValueError(
                f"Expected a comment of up to {LONGEST_COMMENT} characters. "
                f"Received: {len(self.comment)}"
            )


@dataclass(frozen=True)
class Shown:
    """What a reader was shown of the model, exactly.

    Attributes
    ----------
    arm : one of `pipeline.readings.design.ARMS`, not ``none``.
    run, run_sha256 : the network and the hash of its stored weights.
    probability, threshold, pneumonia : its calibrated probability, and the call that follows.
    explanation : settings (``method``, ``segments``, ``fill``, ``seed``) and ``highlighted``, the
        superpixels drawn as evidence, the strongest first: ``{"superpixel", "weight"}``. None
        where no overlay is shown.
    """

    arm: str
    run: str
    run_sha256: str
    probability: float
    threshold: float
    pneumonia: bool
    explanation: Mapping | None = None

    def to_json(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class Reading:
    """All that one reader said of one case in one pass of a study.

    Attributes
    ----------
    study : its id.
    reader : a pseudonym.
    pass_number : counted from 1.
    case : its number within the study, counted from 1.
    patient : whose picture it is, a pseudonym; intervals are drawn over patients.
    label : 0 normal, 1 pneumonia, None where the truth is not known.
    arm, order : of the pass.
    model_probability, model_pneumonia : what the model says, whether or not it was shown.
    first : before the model was shown; None in a pass that shows it first.
    final : after it was shown; the same as `first` in a pass without the model, None while the
        case is not finished.
    shown : None until the model was shown.
    ratings : of the highlighted regions.
    comment : on the case.
    seconds_first, seconds_final : of reading until each answer, without what was spent elsewhere;
        `seconds_final` counts from the reveal, or from the picture's first sight in a pass that
        shows the model first; None where there is no such step.
    answered, finished : when, UTC.
    """

    study: str
    reader: str
    pass_number: int
    case: int
    patient: str
    label: int | None
    arm: str
    order: str
    model_probability: float
    model_pneumonia: bool
    first: Answer | None = None
    final: Answer | None = None
    shown: Shown | None = None
    ratings: tuple[Rating, ...] = ()
    comment: str = ""
    seconds_first: float | None = None
    seconds_final: float | None = None
    answered: datetime | None = None
    finished: datetime | None = None

    @property
    def switched(self) -> bool:
        """Whether the call changed once the model was shown."""
        return (
            self.first is not None
            and self.final is not None
            and self.first.pneumonia != self.final.pneumonia
        )
