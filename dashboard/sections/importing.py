"""Runs that another program logged, by upload: read, shown, and added when somebody says so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import errors, state
from pipeline.errors import PipelineError
from pipeline.foreign import Foreign, Found, read_uploads
from pipeline.importing import Imported, import_runs

_WHAT = (
    "TensorBoard event files, Keras' CSVLogger or History (JSON), an MLflow folder, a chart "
    "exported from W&B as CSV, or this program's own runs. Send a folder as a ZIP: only then is it "
    "known that *train* and *validation* belong together. For larger ones: "
    "`python -m pipeline runs import PATH`."
)


def importing(folder: Path) -> None:
    """Offer to add runs to `folder`, which is ``artifacts/runs``.

    Nothing is written before the button is pressed, and nothing is ever overwritten. Every user of
    this server sees what was added.
    """
    done = state.imported()
    with st.expander("Add runs from elsewhere", icon=":material/upload_file:", expanded=bool(done)):
        st.caption(_WHAT)
        if done:
            _tell(done[-1])
        sent = st.file_uploader(
            "Training logs",
            accept_multiple_files=True,
            # Empty again once its runs are added.
            key=f"{state.IMPORT_FILES} {len(done)}",
        )
        if not sent:
            return
        which = tuple(file.file_id for file in sent)
        found = state.remember(
            ("import", which),
            lambda: read_uploads((file.name, file.getvalue()) for file in sent),
        )
        for problem in found.problems:
            st.warning(problem, icon=":material/warning:")
        if not found.runs:
            st.info("There is no training curve in these files.", icon=":material/info:")
            return
        names = _preview(found, which)
        if st.button("Add these runs", key=state.IMPORT_ADD, icon=":material/add:", type="primary"):
            _add(found, names, folder)


def _preview(found: Found, which: tuple) -> list[str]:
    """Show what would be added; return the names it is to have."""
    table = st.data_editor(
        pd.DataFrame([_row(run) for run in found.runs]),
        key=f"{state.IMPORT_NAMES} {which}",
        hide_index=True,
        width="stretch",
        disabled=["source", "epochs", "figures", "renamed", "notes"],
        column_config={
            "name": st.column_config.TextColumn(
                "Name", required=True, max_chars=72, help="Click to change it."
            ),
            "source": "From",
            "epochs": st.column_config.NumberColumn("Epochs", format="localized"),
            "figures": "Figures",
            "renamed": st.column_config.TextColumn("Renamed", help="Its name -> ours"),
            "notes": "What to know",
        },
    )
    return [str(name) for name in table["name"]]


def _row(run: Foreign) -> dict:
    return {
        "name": run.name,
        "source": run.source,
        "epochs": len(run.history),
        "figures": ", ".join(run.figures),
        "renamed": ", ".join(f"{old} -> {new}" for old, new in run.renamed.items()),
        "notes": " ".join(run.notes),
    }


def _add(found: Found, names: list[str], folder: Path) -> None:
    try:
        state.imported().append(import_runs(found, folder, names=names))
    except PipelineError as error:
        errors.explain(error)
        return
    st.rerun()  # so that the charts above have them


def _tell(imported: Imported) -> None:
    if imported.runs:
        added = ", ".join(run.name for run in imported.runs)
        st.success(f"Added: {added}. Choose them above.", icon=":material/check:")
    for sentence in imported.skipped:
        st.info(sentence, icon=":material/info:")
