"""Everything that a study's readings say, from the top to the bottom of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import errors, resources, state
from dashboard.sections import (
    agreeing,
    locating,
    reader_accuracy,
    reader_words,
    relying,
    statistics_csv,
)
from dashboard.wording import gains
from dashboard.wording import observers as told
from pipeline.images import Picture
from pipeline.observers import Findings
from pipeline.observers.rows import tables
from pipeline.readings.reading import Reading

if TYPE_CHECKING:
    from pipeline.readings.store import Study


def draw(study: Study, readings: Sequence[Reading], picture_of: Callable[[int], Picture]) -> None:
    """Draw the findings.

    Parameters
    ----------
    readings : of that study, finished or not.
    picture_of : returns a case's picture; called only for explanations that are asked for.
    """
    if not any(one.first or one.final for one in readings):
        st.info(told.NOBODY, icon=":material/hourglass_empty:")
        return
    found = resources.observed(study.id, readings)
    passes = len({one.pass_number for one in readings})
    st.markdown(told.study(study.design, found, _planned(study)))
    if not found.labelled:
        st.warning(told.NO_TRUTH, icon=":material/help:")
    rows = tables(found)
    position = _moment(found, passes)

    st.subheader("Who agrees with whom", anchor="agreement")
    with errors.shown():  # what one section lacks is no loss to the next
        agreeing.draw(found.agreements[position], rows)
    if found.repeats:
        st.subheader("The same case again", anchor="intra-reader")
        with errors.shown():
            agreeing.with_oneself(found.repeats, passes, rows)
    if found.labelled:
        _against_the_truth(found, found.agreements[position].moment, passes, rows)
    if found.reliances:
        st.subheader("What the model changed", anchor="reliance")
        with errors.shown():
            for one in found.reliances:
                relying.draw(one, passes)
            st.caption(told.INTERVALS)
            statistics_csv.offer("reliance", rows)
    if found.paces:
        st.subheader("Time", anchor="time")
        with errors.shown():
            relying.time(found, passes, rows)
    if found.judged:
        st.subheader("What readers say of the highlighted parts", anchor="superpixels")
        with errors.shown():
            reader_words.draw(found.judged, rows)
    st.subheader("Marked regions against explanations", anchor="regions")
    with errors.shown():
        locating.draw(study, found, picture_of)


def _against_the_truth(
    found: Findings, moment, passes: int, rows: Mapping[str, Sequence[Mapping]]
) -> None:
    st.subheader("Against the truth", anchor="accuracy")
    with errors.shown():
        reader_accuracy.draw(found, passes, rows)
    st.subheader("Readers beside the model", anchor="roc")
    with errors.shown():
        shown = next((one for one in found.accuracies if one.moment == moment), found.accuracies[0])
        reader_accuracy.roc(found, shown, passes, rows)
    if found.comparisons:
        st.subheader("Would other readers gain, too?", anchor="mrmc")
        st.markdown(gains.MRMC)
        st.markdown("\n".join(gains.comparison(one, passes) for one in found.comparisons))
        statistics_csv.offer("mrmc", rows)


def _moment(found: Findings, passes: int) -> int:
    """Let the user choose which answers the agreement and the curves are of."""
    count = len(found.agreements)
    if count == 1:
        return 0
    names = [told.moment(one.moment, passes) for one in found.agreements]
    chosen = st.segmented_control(
        "Answers",
        range(count),
        default=0,
        required=True,
        wrap=True,
        format_func=lambda position: names[position].capitalize(),
        key=state.MOMENT,
        help="Which answers agreement and ROC curves below are of; everything else shows all.",
    )
    return min(chosen, count - 1)


def _planned(study: Study) -> int:
    cases = sum(one.cases or study.n_cases for one in study.design.passes)
    return cases * len(study.readers)
