"""What a reader takes away: the picture, the numbers, a report on one page, and DICOM files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import streamlit as st

from dashboard import state
from pipeline import report
from pipeline.images import Picture

# What the viewer tells at the very press of a button is a few milliseconds on its way.
_ON_ITS_WAY_SECONDS = 0.1
_CONTENTS = (
    "The picture has its full size and the overlays that are switched on; the numbers hold "
    "everything needed to repeat them; the report prints on one page of A4, or saves as PDF. DICOM "
    "is a ZIP for an archive or a workstation: the picture, the picture with its overlays, and the "
    "figures as a structured report, under a pseudonym and without a date of any patient. Names "
    "that are written into the picture itself stay in all of them."
)


def buttons(
    picture: Picture,
    seen: Callable[[], report.Report],
) -> None:
    """Offer four files; each is made only when its button is pressed.

    To be called outside of what the viewer's reports draw anew: a press of a button that is drawn
    anew in that moment finds nothing (Streamlit's "Deferred file not found").

    Parameters
    ----------
    seen : returns the picture as it is on the screen; called when a button is pressed, in a
        thread that knows nothing of the page.
    """

    def now() -> report.Report:
        time.sleep(_ON_ITS_WAY_SECONDS)
        return seen()

    stem = f"xray-{picture.sha256[:12]}"
    row = st.container(horizontal=True, key=state.SAVES)
    for label, make, name, kind, key, icon in (
        (
            "Picture (PNG)",
            lambda: report.png(now()),
            f"{stem}.png",
            "image/png",
            state.SAVE_PNG,
            "image",
        ),
        (
            "Numbers (JSON)",
            lambda: json.dumps(report.to_json(now()), indent=1, allow_nan=False),
            f"{stem}.json",
            "application/json",
            state.SAVE_JSON,
            "data_object",
        ),
        (
            "Report (one page)",
            lambda: report.as_html(now()),
            f"{stem}.html",
            "text/html",
            state.SAVE_REPORT,
            "print",
        ),
        (
            "DICOM (ZIP)",
            lambda: report.as_zip(now()),
            f"{stem}-dicom.zip",
            "application/zip",
            state.SAVE_DICOM,
            "folder_zip",
        ),
    ):
        row.download_button(
            label,
            make,
            name,
            kind,
            key=key,
            on_click="ignore",
            icon=f":material/{icon}:",
        )
    # Not as the buttons' help: Streamlit then draws each of them twice.
    st.caption(_CONTENTS)
