"""Runs that another program logged, by upload: read, shown, and added when somebody says so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import errors, identity, limits, state, uploads
from dashboard.plain import plain
from dashboard.wording import signing_in
from pipeline.errors import PipelineError
from pipeline.foreign import Foreign, Found, read_uploads
from pipeline.importing import Imported, import_runs
from pipeline.storage import mirrored

_WHAT = (
    "TensorBoard event files, Keras' CSVLogger or History (JSON), an MLflow folder, a chart "
    "exported from W&B as CSV, or this program's own runs. Send a folder as a ZIP: only then is it "
    "known that *train* and *validation* belong together. For larger ones: "
    "`python -m pipeline runs import PATH`."
)


def importing(folder: Path) -> None:
    """Offer to add runs to `folder`, which is ``artifacts/runs``.

    Nothing is written before the button is pressed, and nothing is ever overwritten. Every user of
    this server sees what was added; with sign-in on, only owners of studies are offered it.
    """
    if not identity.visitor().may(identity.Role.OWNER):
        st.caption(f":material/lock: {signing_in.CHANGES}")
        return
    done = state.imported()
    with st.expander("Add runs from elsewhere", icon=":material/upload_file:", expanded=bool(done)):
        if place := mirrored(folder):
            st.info(
                f"The runs are read from {place}, and nothing is written there. Add runs where "
                "they are kept: `python -m pipeline runs import PATH`. They appear here by "
                "themselves.",
                icon=":material/info:",
            )
            return
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
        for error in filter(None, (uploads.refused(file.file_id) for file in sent)):
            errors.explain(error)
            return
        which = tuple(file.file_id for file in sent)
        found = state.remember(
            ("import", which),
            lambda: read_uploads((file.name, file.getvalue()) for file in sent),
        )
        for problem in found.problems:
            st.warning(plain(problem), icon=":material/warning:")
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
        limits.take(limits.IMPORTS, state.person())
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
