"""What moved the verdict: which methods explain it, and their results as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from dashboard import background, metrics, resources, state
from dashboard.jobs import Job
from dashboard.viewer import Layer
from dashboard.wording import viewer as wording
from pipeline.classifier import Classifier
from pipeline.config import PNEUMONIA
from pipeline.explain import EXPLAINERS, Explanation
from pipeline.explain.perturbation import FILL, filled
from pipeline.explain.segments import SEGMENTATIONS, segment
from pipeline.explain.trust import Trust
from pipeline.images import Picture
from pipeline.request import Request, explain
from pipeline.runs import Run

# Three of them lie beside each other on a phone.
_THUMBNAIL_PX = 88


@dataclass(frozen=True)
class Choice:
    """What is to be explained how. `title` tells it from the one beside it."""

    run: Run = field(repr=False)
    method: str
    segments: str
    fill: str
    seed: int
    title: str

    def key(self, picture: Picture) -> tuple:
        """Name the result: two equal choices have the same one."""
        run = (self.run.name, self.run.document["model_sha256"])
        return (picture.sha256, *run, self.method, self.segments, self.fill, self.seed)


@dataclass(frozen=True, eq=False)
class Explained:
    """A result that may still be on its way.

    Attributes
    ----------
    id, title : of its layer in the viewer.
    early : the best so far under ``explanation``; the job writes to it.
    job : that makes it; None when it is finished.
    stop_key, on_stop : of the button that stops it.
    trust : of the finished explanation, if it was to be measured.
    """

    id: str
    title: str
    early: Mapping[str, Explanation]
    job: Job | None
    stop_key: str
    on_stop: Callable[[], None]
    trust: Trust | None = None

    @property
    def running(self) -> bool:
        return self.job is not None and self.job.running

    @property
    def waiting(self) -> bool:
        return self.job is not None and self.job.waiting

    @property
    def explanation(self) -> Explanation | None:
        return self.early.get("explanation")

    @property
    def layer(self) -> Layer | None:
        return Layer(self.id, self.title, self.explanation) if self.explanation else None


def choose(picture: Picture, run: Run, runs: Sequence[Run]) -> list[Choice]:
    """Let the user say what explains the verdict, and what is laid beside it.

    Parameters
    ----------
    picture : the one to be explained.
    run : that judges it.
    runs : all that can judge.

    Returns
    -------
    One choice or two.
    """
    methods = [name for name in wording.METHODS if name in EXPLAINERS]
    left, right = st.columns(2)
    method = left.selectbox(
        "Method",
        methods,
        format_func=wording.METHODS.get,
        key=state.METHOD,
        persist_state="session",
        help="\n".join(f"- **{wording.METHODS[m]}** {wording.METHOD_HELP[m]}" for m in methods),
    )
    others = [other for other in runs if other.name != run.name]
    kinds = {"nothing": "nothing"}
    if len(methods) > 1:
        kinds["method"] = "another method"
    if others:
        kinds["run"] = "another model"
    beside = right.selectbox(
        "Beside it",
        list(kinds),
        format_func=kinds.get,
        key=state.BESIDE,
        persist_state="session",
        help="A second explanation of the same picture, drawn at the same zoom, with how far the "
        "two agree.",
    )
    second = {"method": method, "run": run}
    if beside == "method":
        second["method"] = right.selectbox(
            "The other method",
            [name for name in methods if name != method],
            format_func=wording.METHODS.get,
            key=state.BESIDE_METHOD,
            persist_state="session",
        )
    elif beside == "run":
        by_name = {other.name: other for other in others}
        second["run"] = by_name[
            right.selectbox(
                "The other model", list(by_name), key=state.BESIDE_RUN, persist_state="session"
            )
        ]
    settings = _settings(picture, run)
    two_runs = run.name if beside == "run" else ""
    choices = [Choice(run, method, *settings, title=wording.title(method, two_runs))]
    if beside != "nothing":
        title = wording.title(second["method"], second["run"].name if two_runs else "")
        choices.append(Choice(second["run"], second["method"], *settings, title))
    return choices


def _settings(picture: Picture, run: Run) -> tuple[str, str, int]:
    with st.expander(
        "Settings that start it anew",
        icon=":material/tune:",
        key=state.SETTINGS,
        on_change="rerun",
    ) as box:
        segments = st.segmented_control(
            "Parts (superpixels) by",
            [name for name in wording.SEGMENTATIONS if name in SEGMENTATIONS],
            default="slic",
            required=True,
            wrap=True,
            format_func=wording.SEGMENTATIONS.get,
            key=state.SEGMENTS,
            persist_state="session",
            help="What is hidden together. SLIC follows edges in parts of about equal size, "
            "Quickshift (LIME's own default) in parts of uneven size, a grid follows nothing.",
        )
        fill = st.segmented_control(
            "Hidden parts are replaced by",
            list(wording.FILLS),
            default=FILL,
            required=True,
            wrap=True,
            format_func=wording.FILLS.get,
            key=state.FILL,
            persist_state="session",
            help="What takes their place is seen by the model, too: black looks like air. "
            "Evidence that depends on it should not be believed.",
        )
        if box.open:  # a picture and a forward pass for each, which few look at
            _hidden_altogether(picture, run, segments)
        seed = st.number_input(
            "Seed",
            0,
            9999,
            0,
            key=state.SEED,
            persist_state="session",
            help="Another seed hides other parts. What changes with it should not be believed.",
        )
    return segments, fill, int(seed)


def _hidden_altogether(picture: Picture, run: Run, segments: str) -> None:
    """Show the picture with all of it hidden in every way there is, and what the run says of it."""
    classifier: Classifier = resources.classifier(run)

    def judged_hidden() -> list[tuple[str, np.ndarray, float]]:
        image = prepared(picture, classifier)
        parts = superpixels(picture, image, segments)
        hidden = np.stack([filled(image, parts, name) for name in wording.FILLS])
        scores = classifier.probabilities(hidden)[:, PNEUMONIA]
        return list(zip(wording.FILLS, hidden, map(float, scores), strict=True))

    key = ("hidden", picture.sha256, run.name, run.document["model_sha256"], segments)
    st.caption(wording.HIDDEN_ALTOGETHER)
    row = st.container(horizontal=True)  # on a phone, columns would lie one below the other
    for name, hidden, score in state.remember(key, judged_hidden):
        row.image(hidden, caption=wording.hidden(name, score), width=_THUMBNAIL_PX)


def prepared(picture: Picture, classifier: Classifier) -> np.ndarray:
    """Return the picture (S, S) uint8 as the network sees it."""
    return state.remember(
        ("prepared", picture.sha256, classifier.size_px),
        lambda: classifier.prepare(picture.image),
    )


def superpixels(picture: Picture, image: np.ndarray, segments: str) -> np.ndarray:
    """Return the superpixels (S, S) int32 of a prepared picture, by their kind."""
    return state.remember(
        ("segments", picture.sha256, len(image), segments), lambda: segment(image, segments)
    )


def results(picture: Picture, choices: Sequence[Choice]) -> list[Explained]:
    """Return what the choices gave, and begin what has not been made.

    How far to trust it is measured of the first one.
    """
    places = (
        (
            "first",
            state.EXPLAINED,
            state.STOP,
            lambda: state.stop_explaining(picture.sha256),
        ),
        (
            "second",
            state.EXPLAINED_BESIDE,
            state.STOP_BESIDE,
            lambda: state.choose(state.BESIDE, "nothing"),
        ),
    )
    return [
        _result(picture, choice, *place) for choice, place in zip(choices, places, strict=False)
    ]


def _result(
    picture: Picture,
    choice: Choice,
    place: str,
    name: str,
    stop_key: str,
    on_stop: Callable[[], None],
) -> Explained:
    key = choice.key(picture)
    early = state.remember((f"{name} early", key), dict)
    work = _work(picture, choice, early, place == "first")
    found = background.begun(name, key, work, metrics.EXPLANATION)
    trust = None
    if found is not None:
        early, trust = {"explanation": found[0]}, found[1]
    job = None if found is not None else state.job(name)
    return Explained(place, choice.title, early, job, stop_key, on_stop, trust)


def _work(picture: Picture, choice: Choice, early: dict, trusted: bool):
    # Whatever is Streamlit's is asked here: the work itself runs in a thread. It waits for its turn
    # with what the network sees of the picture, not with the picture.
    classifier = resources.classifier(choice.run)
    image = prepared(picture, classifier)
    request = Request(choice.method, choice.segments, choice.fill, seed=choice.seed, trust=trusted)

    def work(progress, should_stop) -> tuple[Explanation, Trust | None]:
        with metrics.explaining(choice.method):
            return explain(
                classifier,
                image,
                request,
                progress=progress,
                should_stop=should_stop,
                partial=lambda found: early.update(explanation=found),
            )

    return work


def judged(picture: Picture, run: Run, point: str) -> tuple[float, str]:
    """Return another run's probability and call, at that operating point if it has it."""
    classifier: Classifier = resources.classifier(run)
    own = point if point in run.operating_points else None
    verdict = state.remember(
        ("verdict", picture.sha256, run.name, run.document["model_sha256"], own or ""),
        lambda: classifier.judge(picture, own),
    )
    return verdict.probability, verdict.decision
