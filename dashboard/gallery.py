"""Cases of the data set as a page of thumbnails, each with its explanation one click away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import resources, state, tables
from dashboard.plain import plain
from dashboard.wording import mistakes as sentences
from pipeline.config import CLASS_NAMES
from pipeline.errors import PipelineError
from pipeline.runs import Run

PER_PAGE = 12
# Two stand side by side on a phone of 390 px.
CELL_PX = 171


def show(
    cases: pd.DataFrame,
    run: Run,
    split: str,
    point: str,
    describe: Callable[[pd.Series], str],
    key: str,
) -> None:
    """Draw one page of `cases`, of which alone the pictures are read.

    Without the data set it is a table, and a sentence that says how to get the pictures.

    Parameters
    ----------
    cases : a row each with ``file, label``; the order is kept.
    run, point : what explains a case on the reading page.
    split : of the run's predictions, says in which folder the pictures lie.
    describe : a row in, what stands below its picture out.
    key : of the buttons that turn the pages.
    """
    if not any(_path(case, split) for _, case in cases.iterrows()):
        _list(cases, key)
        return
    if not run.servable:
        st.caption(f":material/info: {sentences.NOT_SERVABLE}")
    state.keep_opened_case("")  # the same case may be asked for again
    pages = max(1, -(-len(cases) // PER_PAGE))
    state.keep_within(key, 1, pages)
    place = st.container(horizontal=True, gap="small")
    page = (
        st.pagination(pages, key=key, bind="query-params", persist_state="session")
        if pages > 1
        else 1
    )
    first = (page - 1) * PER_PAGE
    for _, case in cases.iloc[first : first + PER_PAGE].iterrows():
        with place.container(width=CELL_PX, gap="small"):
            _cell(case, run, split, point, describe(case))


def _path(case: pd.Series, split: str) -> Path | None:
    return resources.picture_path(split, int(case["label"]), case["file"])


def _list(cases: pd.DataFrame, key: str) -> None:
    st.info(sentences.WITHOUT_PICTURES, icon=":material/hide_image:")
    st.dataframe(
        tables.cases(cases),
        key=f"{state.ERROR_LIST}_{key}",
        hide_index=True,
        column_config={tables.PROBABILITY: st.column_config.NumberColumn(format="%.4f")},
    )


def _cell(case: pd.Series, run: Run, split: str, point: str, text: str) -> None:
    path = _path(case, split)
    if path is None:
        st.caption(":material/hide_image: This picture is not in the data set folder.")
    else:
        try:
            st.image(resources.thumbnail(path), alt=f"Chest X-ray {case['file']}", width="stretch")
        except PipelineError as error:
            st.caption(f":material/broken_image: {plain(error.message)}")
    st.caption(text)
    # A link and not a button: Streamlit cannot switch the page from code while the address holds
    # parameters that belong to widgets. So a case has an address of its own.
    st.page_link(
        "views/read.py",
        label="Explain",
        icon=":material/troubleshoot:",
        disabled=path is None or not run.servable,
        query_params={
            state.CASE_LINK: f"{split}/{CLASS_NAMES[case['label']]}/{case['file']}",
            state.RUN: run.name,
            state.CASE_POINT: point,
        },
    )


def opened(runs: Sequence[Run]) -> None:
    """On the reading page: load the case that its address names, with the heatmap on.

    To be called before any widget is drawn. Only once for each click: afterwards the reader may
    turn to another picture.

    Parameters
    ----------
    runs : that the page offers.
    """
    asked = "".join(state.in_link(state.CASE_LINK)[:1])
    if not asked or asked == state.opened_case():
        return
    state.keep_opened_case(asked)
    split, _, rest = asked.partition("/")
    class_name, _, file = rest.partition("/")
    path = None
    if class_name in CLASS_NAMES:
        label = CLASS_NAMES.index(class_name)
        path = resources.picture_path(split, label, file)
    if path is None:
        st.warning(sentences.NO_SUCH_CASE, icon=":material/warning:")
        return
    data = path.read_bytes()
    state.keep_case(data, label, file)
    state.put(state.SOURCE, state.CASE)
    state.ask(resources.sha256(data), "heat")
    named = [run for run in runs if run.name in state.in_link(state.RUN)] or runs[:1]
    for point in state.in_link(state.CASE_POINT):
        if point in named[0].operating_points:
            state.put(state.POINT, point)
