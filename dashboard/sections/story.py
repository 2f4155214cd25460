"""The story of the sample X-rays for the tour: judged at once, explained beside the page.

Samples are public pictures and the same for everybody, so that one visitor's waiting is enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import background, metrics, resources, state
from dashboard.wording import tour as told
from pipeline import tour
from pipeline.dataset import Item
from pipeline.runs import Run
from pipeline.tour import Case, Story


def cases(run: Run, items: Sequence[Item]) -> list[Case]:
    """Return the samples as `run` judges them."""
    kept, key = resources.tours(), ("cases", *_key(run, items))
    if key not in kept:
        with st.spinner(told.JUDGING):
            kept[key] = tour.judged(resources.classifier(run), items)
    return kept[key]


def begin(run: Run, items: Sequence[Item]) -> None:
    """Begin to explain, if nobody has yet; a reader who stopped it is not overruled."""
    if _key(run, items) not in resources.tours() and state.job(state.TOUR) is None:
        background.begin(state.TOUR, _key(run, items), _work(run, items), metrics.TOUR)


def wait(run: Run, items: Sequence[Item]) -> Story | None:
    """Return the story, or None with a bar in its place while it is being made."""
    if story := resources.tours().get(_key(run, items)):
        return story
    return background.result(
        state.TOUR,
        _key(run, items),
        _work(run, items),
        metrics.TOUR,
        doing=told.EXPLAINING,
        stop_key=state.STOP_TOUR,
        on_stop=lambda: state.go_to_step(2),
    )


def _key(run: Run, items: Sequence[Item]) -> tuple:
    files = tuple((item.path, resources.stamp(item.path)) for item in items)
    return run.name, run.document["model_sha256"], files


def _work(run: Run, items: Sequence[Item]):
    # Whatever is Streamlit's is asked here: the work itself runs in a thread.
    kept, key = resources.tours(), _key(run, items)
    classifier, judged = resources.classifier(run), cases(run, items)

    def work(progress, should_stop) -> Story:
        if key not in kept:  # another visitor's may have ended while this one waited for its turn
            kept[key] = tour.tell(classifier, judged, progress, should_stop)
        return kept[key]

    return work
