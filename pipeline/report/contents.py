"""What a report is made from, and what follows from it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from pipeline.classifier import Verdict
from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.explain import Explanation
from pipeline.explain.segments import SEGMENTATIONS
from pipeline.images import Picture
from pipeline.runs import Run

if TYPE_CHECKING:
    from pipeline.explain.trust import Trust

SIGNS = ("both", "positive", "negative")
RESTS = ("shown", "dimmed", "hidden")


@dataclass(frozen=True)
class Shown:
    """How the overlays were drawn when the report was asked for.

    Attributes
    ----------
    mask, heat : whether that overlay lies over the picture.
    k : superpixels outlined in the mask.
    sign : ``both``, ``positive`` or ``negative``: which weights are drawn.
    opacity : of the heatmap's strongest weight, in [0, 1].
    least : share of the strongest weight, in [0, 1]; what is weaker is not drawn.
    rest : ``shown``, ``dimmed`` or ``hidden``: the picture outside of the mask.
    samples : pictures that the method was told to judge; None if it was left to its own default.
    """

    mask: bool = False
    heat: bool = False
    k: int = 5
    sign: str = "both"
    opacity: float = 0.5
    least: float = 0.0
    rest: str = "dimmed"
    samples: int | None = None

    def __post_init__(self):
        if self.sign not in SIGNS or self.rest not in RESTS:
            raise ValueError(
                f"Expected sign {' or '.join(SIGNS)}, rest {' or '.join(RESTS)}. "
                f"Received: {self.sign!r}, {self.rest!r}"
            )
        if self.k < 0 or not 0 <= self.opacity <= 1 or not 0 <= self.least <= 1:
            raise ValueError(
                "Expected k >= 0, opacity and least in [0, 1]. "
                f"Received: {self.k!r}, {self.opacity!r}, {self.least!r}"
            )

    @classmethod
    def of(cls, settings: Mapping | None, samples: int | None = None) -> Shown:
        """Take from a viewer's settings what is drawn; its own defaults where it says nothing."""
        known = {field.name for field in fields(cls)}
        told = {name: value for name, value in (settings or {}).items() if name in known}
        return cls(**told | {"samples": samples})


@dataclass(frozen=True, eq=False)
class Report:
    """One picture as it was judged and, if asked for, explained.

    Attributes
    ----------
    picture, run, verdict : what was judged, by whom, with which result.
    override : why a picture that the gate refuses was judged all the same; None for an accepted.
    explanation : None if none was asked for.
    trust : how far `explanation` may be believed; None if that was not measured.
    shown : how it was drawn.

    Raises
    ------
    ValueError : if the parts are not of one picture and one run.
    """

    picture: Picture = field(repr=False)
    run: Run
    verdict: Verdict
    override: str | None = None
    explanation: Explanation | None = None
    trust: Trust | None = None
    shown: Shown = Shown()

    def __post_init__(self):
        if (self.verdict.sha256, self.verdict.run) != (self.picture.sha256, self.run.name):
            raise ValueError(
                f"Expected a verdict of {self.run.name} on {self.picture.sha256[:12]}. "
                f"Received: of {self.verdict.run} on {self.verdict.sha256[:12]}"
            )
        if self.explanation is not None and self.explanation.run != self.run.name:
            raise ValueError(
                f"Expected an explanation of {self.run.name}. Received: of {self.explanation.run!r}"
            )
        if self.trust is not None and self.explanation is None:
            raise ValueError("Expected an explanation that the trust is in. Received: None")

    @property
    def unsure(self) -> bool:
        """Whether the probability lies where the run would rather make no call."""
        band = self.run.band(self.verdict.threshold)
        return band is not None and band[0] <= self.verdict.probability < band[1]

    @property
    def test(self) -> dict | None:
        """What the run's calls at this operating point were worth on the official test set.

        None where that was not measured, and for a picture that the gate refuses: no figure of
        the test set speaks for it.
        """
        if not self.verdict.gate.accepted:
            return None
        return self.run.metrics().get("test", {}).get(self.verdict.operating_point)

    @property
    def command(self) -> str | None:
        """The command line that makes the explanation again, with FILE and DIR to be filled in.

        None without an explanation, and for superpixels that somebody drew.
        """
        told = self.explanation
        if told is None or (told.segmentation and told.segmentation not in SEGMENTATIONS):
            return None
        words = ["python", "-m", "pipeline", "explain", "FILE", "--out", "DIR"]
        words += ["--run", told.run, "--method", told.method, "--seed", str(told.seed)]
        if told.segmentation:
            words += ["--segments", told.segmentation]
        if told.fill:
            words += ["--fill", told.fill]
        if self.shown.samples is not None:
            words += ["--samples", str(self.shown.samples)]
        words += ["--k", str(self.shown.k)]
        return shlex.join(words)

    @property
    def target(self) -> str:
        """The explained class; without an explanation, the class that the probability is of."""
        return CLASS_NAMES[self.explanation.target] if self.explanation else CLASS_NAMES[PNEUMONIA]
