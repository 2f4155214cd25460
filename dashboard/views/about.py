"""About: for everyone who wants to know what this is for, what it was made from and where it fails.

They decide whether it may be used for what they have in mind.
"""

import streamlit as st

from dashboard import components, figures, resources, state, wording

st.title("About")
st.subheader("What it is for", anchor="use")
st.markdown(wording.INTENDED_USE)

st.subheader("Where it fails", anchor="failures")
st.markdown("\n".join(f"- {failure}" for failure in wording.KNOWN_FAILURES))

st.subheader("Model card", anchor="card")
runs = resources.servable_runs()
if not runs:
    st.info(
        "No trained network is stored yet. Train one with `python -m pipeline train compact`.",
        icon=":material/model_training:",
    )
else:
    run = components.run_picker(runs, state.CARD_RUN)
    document, metrics = run.document, run.metrics()
    point = document["operating_point"]
    facts, figures_column = st.columns([2, 3], gap="large")
    with facts:
        st.markdown(components.run_facts(run))
    with figures_column:
        splits = [split for split in ("test", "validation") if split in metrics]
        if splits:
            st.plotly_chart(
                figures.performance(
                    {split: metrics[split][point] for split in splits}, wording.SHARE_NAMES
                ),
                key="performance",
                config={"displayModeBar": False},
            )
            st.caption(wording.performance_caption(metrics, splits, document, point))
            st.dataframe(components.performance_table(metrics, splits, point), hide_index=True)
    st.caption(
        f"Made from `run.json` and `metrics.json`; `python -m pipeline evaluate {run.name}` "
        "computes the same figures anew."
    )
    seeds = resources.seed_figures(run)
    if len(seeds) > 1:
        st.markdown(
            f"**The same training with {len(seeds)} seeds**, on the official test set, each at its "
            "own operating point"
        )
        st.dataframe(components.seed_table(seeds), hide_index=True)

st.subheader("Data", anchor="data")
st.markdown(wording.DATA)

st.subheader("Your pictures", anchor="privacy")
st.markdown(wording.PRIVACY)

st.subheader("Versions", anchor="versions")
st.dataframe(resources.versions(), hide_index=True)
