"""The story of the sample X-rays: which of them shows what, chosen by rule and never by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.classifier import Classifier, Verdict
from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.dataset import Item
from pipeline.errors import ImageError
from pipeline.explain import Explanation, overlay
from pipeline.explain.trust import Trust
from pipeline.explain.verdict import STEADY
from pipeline.images import encode_jpeg, read_image, shrunk
from pipeline.request import Request, explain

# What a large screen can show.
SHOWN_PX = 1100


@dataclass(frozen=True)
class Case:
    """One labelled picture, judged.

    Attributes
    ----------
    unsure : whether the probability lies where the run would rather make no call.
    """

    item: Item
    verdict: Verdict
    unsure: bool

    @property
    def right(self) -> bool:
        """Whether the call is the class that the data set gives the picture."""
        return self.verdict.decision == CLASS_NAMES[self.item.label]

    @property
    def distance(self) -> float:
        """How far the probability lies from the threshold."""
        return abs(self.verdict.probability - self.verdict.threshold)


@dataclass(frozen=True, eq=False)
class Seen:
    """One case with what moved its probability.

    Attributes
    ----------
    picture : JPEG of the X-ray under the heatmap.
    """

    case: Case
    explanation: Explanation
    trust: Trust
    picture: bytes = field(repr=False)

    @property
    def border_decides(self) -> bool:
        """Whether the call is another one with the picture's border blanked."""
        verdict = self.case.verdict
        return (self.trust.without_border >= verdict.threshold) != (
            verdict.probability >= verdict.threshold
        )


@dataclass(frozen=True, eq=False)
class Story:
    """The case that is told, and the one that teaches doubt.

    Attributes
    ----------
    reason : why not to believe `doubted`: ``refused``, ``wrong``, ``unsure``, ``border``,
        ``unstable``, ``outside``; ``none`` where no sample gives a reason.
    """

    told: Seen
    doubted: Seen
    reason: str


def judged(classifier: Classifier, items: Sequence[Item]) -> list[Case]:
    """Judge labelled pictures at the run's own operating point, in their order.

    A picture that cannot be read is left out.
    """
    verdicts = classifier.judge_all([item.path for item in items])
    cases = []
    for item, verdict in zip(items, verdicts, strict=True):
        if isinstance(verdict, ImageError):
            continue
        band = classifier.run.band(verdict.threshold)
        unsure = band is not None and band[0] <= verdict.probability < band[1]
        cases.append(Case(item, verdict, unsure))
    return cases


def telling(cases: Sequence[Case]) -> Case:
    """Return the case to tell the story with: of the right calls the surest, pneumonia first."""
    if not cases:
        raise ValueError("Expected at least one case. Received: none")
    return max(
        cases,
        key=lambda case: (
            case.verdict.gate.accepted,
            case.right,
            not case.unsure,
            case.item.label == PNEUMONIA,
            case.distance,
        ),
    )


def doubtful(cases: Sequence[Case]) -> tuple[Case, str] | None:
    """Return the case that teaches most about doubt and why; None if no verdict gives a reason.

    A refused picture before a wrong call, the surest one first, before one that the run is unsure
    of, the closest one first.
    """
    if refused := [case for case in cases if not case.verdict.gate.accepted]:
        return refused[0], "refused"
    if wrong := [case for case in cases if not case.right]:
        return max(wrong, key=lambda case: case.distance), "wrong"
    if unsure := [case for case in cases if case.unsure]:
        return min(unsure, key=lambda case: case.distance), "unsure"
    return None


def tell(
    classifier: Classifier,
    cases: Sequence[Case],
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Story:
    """Explain the two cases of the story.

    Where no verdict gives a reason for doubt, what the first explanation is worth decides.

    Parameters
    ----------
    progress : called with the finished fraction, 0 to 1.
    should_stop : asked before every step.

    Raises
    ------
    Cancelled : when `should_stop` says so.
    ImageError : if a picture cannot be read any more.
    """
    progress = progress or (lambda _: None)
    first, found = telling(cases), doubtful(cases)
    count = 1 if found is None or found[0] is first else 2
    told = _see(classifier, first, lambda share: progress(share / count), should_stop)
    if found is None:
        return Story(told, told, _reason(told))
    if found[0] is first:
        return Story(told, told, found[1])
    doubted = _see(classifier, found[0], lambda share: progress((1 + share) / 2), should_stop)
    return Story(told, doubted, found[1])


def _reason(seen: Seen) -> str:
    if seen.border_decides:
        return "border"
    return "none" if seen.trust.verdict.kind == STEADY else seen.trust.verdict.kind


def _see(classifier: Classifier, case: Case, progress, should_stop) -> Seen:
    image = read_image(case.item.path)
    explanation, trust = explain(
        classifier,
        classifier.prepare(image),
        Request(trust=True),
        progress=progress,
        should_stop=should_stop,
    )
    small = shrunk(image, SHOWN_PX)
    heat = overlay.heatmap(explanation, *small.shape)
    return Seen(case, explanation, trust, encode_jpeg(overlay.compose(small, heat)))
