"""How a reader study is made: fixed when it is created, and never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

# What a reader sees of the model, each with what the one before shows, as in Tang et al. 2023:
# nothing; its call in words; its calibrated probability besides; its explanation besides.
ARMS = ("none", "text", "score", "overlay")
# Whether readers answer before the model is shown (and may change it then), or only after.
READ_THEN_REVEAL, AI_FIRST = "read-then-reveal", "ai-first"
ORDERS = (READ_THEN_REVEAL, AI_FIRST)
# Points of the scale on which readers say how sure they are of their call; the lowest is 1.
SCALES = (5, 100)
LONGEST_WASHOUT_DAYS = 365
# Names are shown on narrow screens, and every reader ticks through every finding.
LONGEST_TITLE = 80
MOST_FINDINGS = 20


def _one_of(name: str, value: object, allowed: tuple) -> None:
    if value not in allowed:
        raise ValueError(
            f"Expected {name} to be one of {', '.join(map(str, allowed))}. Received: {value!r}"
        )


@dataclass(frozen=True)
class Pass:
    """One round through the cases, in an order of its own for every reader.

    Attributes
    ----------
    arm : one of `ARMS`.
    order : one of `ORDERS`; of no consequence where the model is not shown.
    cases : how many are drawn from the study's; None for all of them.
    """

    arm: str = "overlay"
    order: str = READ_THEN_REVEAL
    cases: int | None = None

    def __post_init__(self):
        _one_of("arm", self.arm, ARMS)
        _one_of("order", self.order, ORDERS)
        if self.cases is not None and self.cases < 1:
            raise ValueError(f"Expected at least one case in a pass. Received: {self.cases}")

    @property
    def blind(self) -> bool:
        """Whether readers answer without having seen the model."""
        return self.arm == "none" or self.order == READ_THEN_REVEAL

    @property
    def reveals(self) -> bool:
        """Whether a locked answer is followed by the model and a second answer."""
        return self.arm != "none" and self.order == READ_THEN_REVEAL


@dataclass(frozen=True)
class Design:
    """A study's protocol.

    Attributes
    ----------
    title : shown to readers.
    passes : in turn; a second one with fewer cases measures agreement with oneself, one with
        another arm compares reading with and without the model.
    washout_days : between a reader's last answer of one pass and their first case of the next.
    seed : decides each reader's order of cases and which cases a shorter pass has.
    scale : points of the confidence scale, one of `SCALES`.
    findings : that readers tick; may be empty.
    regions, quality : whether readers mark where they see it, and judge the picture's quality.
    run, run_sha256 : the network that is shown, and the hash of its stored weights.
    operating_point, threshold : a picture is called pneumonia at probability >= threshold.
    method, segments, fill, explanation_seed : settings of the explanation that is shown.
    """

    title: str
    run: str
    run_sha256: str
    operating_point: str
    threshold: float
    passes: tuple[Pass, ...] = (Pass(),)
    washout_days: float = 0.0
    seed: int = 0
    scale: int = 5
    findings: tuple[str, ...] = ()
    regions: bool = True
    quality: bool = False
    method: str = "lime"
    segments: str = "slic"
    fill: str = "blur"
    explanation_seed: int = 0

    def __post_init__(self):
        object.__setattr__(self, "passes", tuple(self.passes))  # JSON knows only lists
        object.__setattr__(self, "findings", tuple(self.findings))
        if not self.title.strip() or len(self.title) > LONGEST_TITLE:
            raise ValueError(
                f"Expected a title of 1 to {LONGEST_TITLE} characters. Received: {self.title!r}"
            )
        if not self.passes:
            raise ValueError("Expected at least one pass. Received: none")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"Expected a threshold of 0 to 1. Received: {self.threshold}")
        if not 0 <= self.washout_days <= LONGEST_WASHOUT_DAYS:
            raise ValueError(
                f"Expected a washout of 0 to {LONGEST_WASHOUT_DAYS} days. "
                f"Received: {self.washout_days}"
            )
        _one_of("scale", self.scale, SCALES)
        if len(self.findings) > MOST_FINDINGS or len(set(self.findings)) < len(self.findings):
            raise ValueError(
                f"Expected up to {MOST_FINDINGS} different findings. Received: {self.findings}"
            )

    def to_json(self) -> dict:
        """Return a document of plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping) -> Design:
        """Rebuild what `to_json` gave; keys of a newer version are ignored."""
        known = {field.name for field in fields(cls)}
        content = {key: value for key, value in stored.items() if key in known}
        passes = tuple(Pass(**one) for one in content.pop("passes"))
        return cls(passes=passes, **content)
