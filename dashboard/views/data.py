"""Data. Read by everyone who is about to believe a figure: what pictures it was measured on, what
leaks in them, and what a network may have learnt instead of disease.
"""

import streamlit as st

from dashboard import components, resources, state
from dashboard.sections import contents, difference, shortcuts
from dashboard.wording import data as told

st.title("Data")
st.write(told.LEAD)

audit = resources.data_audit()
if audit is None:
    st.info(told.NO_AUDIT, icon=":material/fact_check:")
else:
    st.caption(told.INTERVALS)
    source = f"Regenerate: `{told.AUDIT_COMMAND}`."
    st.subheader("What is in it", anchor="contents")
    contents.draw_counts(audit)
    st.caption(source)

    st.subheader("The same child twice", anchor="siblings")
    contents.draw_siblings(audit)
    st.caption(source)

    st.subheader("Are train and test one world?", anchor="difference")
    difference.draw_models(audit)
    for sentence in audit["not_computed"]:
        st.caption(f"Not computed. {sentence}")
    st.caption(source)

    if audit["shortcut_models"]:
        st.subheader("What can be told without a lung", anchor="shortcuts")
        shortcuts.draw_models(audit["shortcut_models"])
        st.caption(source)

st.subheader("Does a network take the shortcut?", anchor="run-shortcuts")
runs = resources.servable_runs()
if runs:
    shortcuts.draw_run(components.run_picker(runs, state.SHORTCUT_RUN))
else:
    st.info(told.NO_RUN, icon=":material/model_training:")

if audit is not None:
    st.subheader("Grey levels", anchor="grey")
    difference.draw_grey_levels(audit)
    st.caption(source)

st.subheader("Mean pictures", anchor="means")
difference.draw_means()
