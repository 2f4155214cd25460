"""A study under way: its codes, who has read how much, the truth, and what is taken away."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import errors, state
from dashboard.plain import plain
from dashboard.wording import studies as wording
from pipeline.errors import PipelineError
from pipeline.readings import export, truth
from pipeline.readings.making import Made
from pipeline.readings.steps import truths
from pipeline.readings.store import Store, Study


def codes(study: Study) -> None:
    """Show the codes of a study that this session has just made; they are nowhere else."""
    made: Made | None = state.made()
    if made is None or made.created.study_id != study.id:
        return
    readers = len(made.created.reader_codes)
    st.success(wording.made(study.title, study.n_cases, readers), icon=":material/task_alt:")
    for note in made.notes:
        st.caption(f":material/info: {note}")
    st.warning(wording.CODES_ONCE, icon=":material/key:")
    reader_codes = made.created.reader_codes
    every = {"owner": made.created.owner_code, **reader_codes}
    room = f"{st.context.url.rsplit('/', 1)[0]}/reading"
    st.dataframe(
        pd.DataFrame(
            {
                "who": list(every),
                "code": list(every.values()),
                "link": [None, *(f"{room}?{state.SEAT}={code}" for code in reader_codes.values())],
            }
        ),
        hide_index=True,
        column_config={"link": st.column_config.LinkColumn(display_text="open")},
    )
    st.download_button(
        "Save the codes",
        "".join(f"{who}\t{code}\n" for who, code in every.items()),
        f"codes-{study.id}.txt",
        "text/plain",
        key=state.STUDY_CODES,
        icon=":material/key:",
        on_click="ignore",
    )


def draw(store: Store, study: Study) -> None:
    """Show how far a study is, and what its owner can do with it."""
    _progress(store, study)
    st.page_link(
        "views/agreement.py", label="How readers and model agree", icon=":material/balance:"
    )
    _truth(store, study)
    _take_away(store, study)
    _close(store, study)


def _progress(store: Store, study: Study) -> None:
    st.subheader("Who has read how much", anchor=False)
    for reader in study.readers:
        items = store.worklist(study.id, reader)
        read = sum(item.state == "finished" for item in items)
        st.progress(read / len(items), text=f"{plain(reader)}: {read} of {len(items)}")


def _truth(store: Store, study: Study) -> None:
    known = truths(store.cases(study.id), store.events(study.id))
    unknown = sum(label is None for label, _ in known.values())
    with st.expander("The truth", expanded=unknown > 0, icon=":material/verified:"):
        st.caption(wording.truth(unknown, study.n_cases))
        file = st.file_uploader("Truth (CSV)", ["csv"], key=state.STUDY_TRUTH)
        asked = st.button("Store the truth", key=state.STUDY_TRUTH_SAVE, disabled=file is None)
        if file is None or not asked:
            return
        try:
            count = store.set_truth(study.id, truth.read(file.getvalue()))
        except PipelineError as error:
            errors.explain(error)
        else:
            st.success(wording.truth_stored(count), icon=":material/task_alt:")


def _take_away(store: Store, study: Study) -> None:
    st.subheader("Take the readings away", anchor=False)
    st.caption(
        "Every answer, rating, mark and event as CSV, Parquet and JSON in one ZIP, with a data "
        "dictionary. No picture, no code, no name."
    )
    st.download_button(
        "Readings (ZIP)",
        lambda: export.as_zip(store, study.id),
        f"readings-{study.id}.zip",
        "application/zip",
        key=state.STUDY_SAVE,
        icon=":material/download:",
        on_click="ignore",
    )


def _close(store: Store, study: Study) -> None:
    if study.closed:
        st.info("This study is closed: no more readings are taken.", icon=":material/lock:")
        return
    with st.expander("Close the study", icon=":material/lock:"):
        st.caption(wording.CLOSE_HELP)
        if st.button("Close it now", key=state.STUDY_CLOSE):
            store.close_study(study.id)
            st.rerun()
