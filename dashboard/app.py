"""The dashboard's frame: pages, notice and error net. Start it with

``streamlit run dashboard/app.py``
"""

import sys
from pathlib import Path

import streamlit as st

# Streamlit puts only this file's folder on the path, and runs this file again at every rerun.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from dashboard import components, errors, identity, memory, operations, state  # noqa: E402
from dashboard.sections import signing_in  # noqa: E402

st.set_page_config(page_title="Chest X-ray classifier", page_icon="🫁", layout="wide")
page = st.navigation(
    {
        "": [
            st.Page(
                "views/read.py", title="Read an X-ray", icon=":material/radiology:", default=True
            ),
            st.Page("views/tour.py", title="Tour", icon=":material/slideshow:"),
            st.Page("views/compare.py", title="Compare training", icon=":material/show_chart:"),
            st.Page("views/performance.py", title="Performance", icon=":material/query_stats:"),
            st.Page("views/mistakes.py", title="Errors", icon=":material/rule:", url_path="errors"),
            st.Page("views/data.py", title="Data", icon=":material/fact_check:"),
            st.Page("views/about.py", title="About", icon=":material/info:"),
        ],
        "Reader studies": [
            st.Page("views/reading.py", title="Reading room", icon=":material/clinical_notes:"),
            st.Page("views/studies.py", title="Studies", icon=":material/assignment:"),
            st.Page("views/agreement.py", title="Agreement", icon=":material/balance:"),
        ],
    },
    position="top",
)
with errors.shown():
    operations.start()
    memory.settle()
    state.apply_choices()
    components.notice()
    if signing_in.admits(identity.PAGES.get(page.url_path, identity.Role.OWNER)):
        page.run()
