"""Studies: for whoever lets radiologists read, makes a study here and watches it.

They choose cases, readers and what of the model is shown, hand out codes, see who has read how
much, and take the readings away. They decide when there are enough.
"""

import streamlit as st

from dashboard import resources, state
from dashboard.sections import designing, making, study_access, watching
from dashboard.wording import studies as wording

st.title("Studies")
st.markdown(wording.WHAT)

runs = resources.servable_runs()
if not runs:
    st.info(
        "A study needs a trained network: train one with `python -m pipeline train compact`, "
        "then reload this page.",
        icon=":material/model_training:",
    )
    st.stop()

store = resources.readings_store()
study = study_access.owned(store)
if study is not None:
    watching.codes(study)
    watching.draw(store, study)
    st.stop()

if store.studies():
    with st.expander("Watch a study that is there", icon=":material/login:"):
        study_access.ask("The owner's code of the study")
if making.under_way():
    st.stop()

st.subheader("Make a study", anchor=False)
name = designing.title()
source, count = designing.source()
uploads = designing.uploads() if source == "upload" else []
readers = designing.readers()
design = designing.design(name, runs, count or len(uploads))
missing = wording.missing(bool(name), count or len(uploads), len(readers))
if missing:
    st.caption(f":material/pending: {missing}")
if st.button(
    "Make the study",
    key=state.STUDY_MAKE,
    type="primary",
    icon=":material/assignment_add:",
    disabled=bool(missing),
):
    run = next(one for one in runs if one.name == design.run)
    making.begin(store, run, design, readers, source, count, uploads)
    st.rerun()
