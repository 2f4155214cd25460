"""Agreement. Read by a study's owner, who decides whether readers, and readers with the model, can
be relied on, and what the model does to them.

Nobody else sees it: whoever knows the others' answers no longer reads blind.
"""

import streamlit as st

from dashboard.sections import study_access, study_findings
from dashboard.wording import observers as told

st.title("Agreement")
st.write(told.WHAT)

owned = study_access.owner()
if owned is not None:
    store, study = owned
    study_findings.draw(study, store.readings(study.id), lambda case: store.picture(study.id, case))
