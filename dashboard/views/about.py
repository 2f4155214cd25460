"""About: for everyone who wants to know what this is for, what it was made from and where it fails.

They decide whether it may be used for what they have in mind.
"""

import streamlit as st

from dashboard import card, components, errors, figures, resources, state, wording
from dashboard.plain import plain
from pipeline.card import as_html
from pipeline.errors import PipelineError

st.title("About")
st.subheader("What it is for", anchor="use")
st.markdown(wording.INTENDED_USE)

st.subheader("Where it fails", anchor="failures")
failures = wording.known_failures(resources.data_audit())
st.markdown("\n".join(f"- {failure}" for failure in failures))

st.subheader("Model card", anchor="card")
runs = resources.carded_runs()
if not runs:
    st.info(
        "No run is stored yet. Train one with `python -m pipeline train compact`.",
        icon=":material/model_training:",
    )
else:
    run = components.run_picker(runs, state.CARD_RUN)
    try:
        with st.spinner("Computing every figure anew"):
            told = resources.model_card(run)
    except PipelineError as error:
        errors.explain(error)
    else:
        document, metrics = run.document, run.metrics()
        splits = [split for split in ("test", "validation") if split in metrics]
        st.markdown(f"**{plain(run.title)}**")
        if splits:
            point = document["operating_point"]
            st.plotly_chart(
                figures.performance(
                    {split: metrics[split][point] for split in splits}, wording.SHARE_NAMES
                ),
                key="performance",
                config={"displayModeBar": False},
            )
            st.caption(wording.performance_caption(metrics, splits, document, point))
        st.download_button(
            "Download this card (one HTML file)",
            as_html(told),
            f"card-{run.name}.html",
            "text/html",
            key=state.SAVE_CARD,
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(
            "The file needs no network and prints well. It carries the SHA-256 of every stored "
            "file it was made from: `python -m pipeline card --check FILE` says whether it still "
            f"belongs to the run. `python -m pipeline card {run.name}` writes the same file."
        )
        card.show(told)

st.subheader("Data and licence", anchor="data")
st.markdown(wording.DATA)

st.subheader("Your pictures", anchor="privacy")
st.markdown(wording.PRIVACY)

st.subheader("Installed here", anchor="versions")
st.dataframe(resources.versions(), hide_index=True)
