"""The picture that is read: the viewer, what hiding parts of it does, and what is taken away.

A fragment of its own: what the viewer reports draws nothing anew but this. The buttons that save
it stand outside and ask what is seen when they are pressed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from dashboard import background, state, viewer, wording
from dashboard.sections import export, finding
from dashboard.sections.explaining import Choice, Explained, prepared, superpixels
from dashboard.wording import viewer as sentences
from pipeline.classifier import Classifier, Verdict
from pipeline.config import PNEUMONIA
from pipeline.explain.counterfactual import without
from pipeline.explain.perturbation import filled
from pipeline.images import Picture
from pipeline.report import Report, Shown

# Drawn more often, the page takes the time that the explanation needs.
_TICK_SECONDS = 0.5


def draw(
    picture: Picture,
    classifier: Classifier,
    verdict: Verdict,
    override: str | None,
    choice: Choice,
    found: Sequence[Explained],
) -> None:
    """Show the picture with what has been found so far, and refine it while more comes.

    Parameters
    ----------
    found : at most two explanations; empty until they are asked for.
    """
    busy = any(one.running for one in found)
    waiting = [one.waiting for one in found]
    under_way = any(one.running and not one.waiting for one in found)
    tick = _TICK_SECONDS if under_way else background.WAITING_TICK_SECONDS
    # The only clock of the page: one that ticks before the viewer is drawn would draw it twice.
    fragment = st.fragment(_draw, run_every=tick if busy else None)
    fragment(picture, classifier, verdict, choice, found, busy, waiting)
    settings = viewer.newest(picture)

    def seen() -> Report:
        one, drawn = _as_seen(settings(), found, choice)
        explained = (one.explanation, one.trust) if one else (None, None)
        shown = Shown.of(drawn)
        return Report(picture, classifier.run, verdict, override, *explained, shown)

    export.buttons(picture, seen)


def _draw(picture, classifier, verdict, choice, found, busy, waiting) -> None:
    image = prepared(picture, classifier)
    parts = _parts(picture, image, choice)
    altered = viewer.altered(picture)
    probability = _without(picture, classifier, choice, image, parts, altered)
    told = viewer.show(
        picture,
        [one.layer for one in found if one.layer],
        parts,
        asked=state.asked(picture.sha256),
        busy=busy,
        stops=state.stops(),
        tools=viewer.EVERY_TOOL,
        answer=""
        if probability is None
        else sentences.answer(verdict.probability, probability, verdict.threshold),
    )
    if told.wanted:
        state.ask(picture.sha256, told.wanted)
        st.rerun()
    if busy and not any(one.running for one in found):
        st.rerun()
    if waiting != [one.waiting for one in found]:
        st.rerun()  # its turn has come: there is more to see from now on
    for one in found:
        if one.running:
            background.bar(one.job, one.title, one.stop_key, one.on_stop)
    if not found:
        st.caption(f":material/visibility_off: {wording.OVERLAYS_OFF}")
    if probability is not None:
        with st.container(border=True, key=state.WITHOUT):
            st.markdown(
                sentences.without_parts(
                    altered, verdict.probability, probability, verdict.threshold
                )
            )
            st.caption(sentences.WITHOUT_MEANING)
    finding.draw(altered, found)


def _parts(picture: Picture, image: np.ndarray, choice: Choice) -> viewer.Parts:
    segments = superpixels(picture, image, choice.segments)
    return state.remember(
        ("parts", picture.sha256, len(image), choice.segments, choice.fill),
        lambda: viewer.Parts(segments, filled(image, segments, choice.fill)),
    )


def _without(
    picture: Picture,
    classifier: Classifier,
    choice: Choice,
    image: np.ndarray,
    parts: viewer.Parts,
    altered: Mapping | None,
) -> float | None:
    """Return the probability without what is hidden: one more picture to judge. None if nothing."""
    if not altered:
        return None
    blanks = [one for one in altered["rectangles"] if one["kind"] == "blank"]
    # Labels belong to the superpixels that the browser had; others may have been chosen since.
    superpixels = altered["superpixels"] if altered["parts"] == parts.name else []
    if not superpixels and not blanks:
        return None
    places = tuple(tuple(one[side] for side in ("x", "y", "width", "height")) for one in blanks)
    return state.remember(
        ("without", *choice.key(picture), tuple(superpixels), places),
        lambda: float(
            classifier.probabilities(
                without(image, parts.filled, parts.segments, superpixels, blanks)[None]
            )[0, PNEUMONIA]
        ),
    )


def _as_seen(
    settings: Mapping | None, found: Sequence[Explained], choice: Choice
) -> tuple[Explained | None, Mapping | None]:
    """Return which explanation of the chosen run is on the screen, and how it is drawn."""
    own = {
        one.id: one for one in found if one.job is None and one.explanation.run == choice.run.name
    }
    if settings is None or not own:
        return own.get("first"), settings
    places = ("source",) if settings["layout"] == "one" else ("left", "right")
    for place in places:
        if settings[place] in own:
            return own[settings[place]], settings
    return own.get("first"), {**settings, "mask": False, "heat": False}
