"""Read an X-ray: for radiologists and stakeholders, who weigh one verdict.

They choose a picture, see it at once, read what the model says and what that is worth, and may
then ask what in the picture moved it. They decide how far to trust the model, not about a child.
"""

import streamlit as st

from dashboard import components, gallery, refusal, resources, serving, state, viewer, wording
from dashboard.sections import beside, explaining, trust, uncertainty, xray
from dashboard.wording import viewer as sentences

st.title("Read an X-ray")

runs = resources.servable_runs()
if not runs:
    st.info(
        "No trained network is stored yet. Train one with `python -m pipeline train compact`, "
        "then reload this page.",
        icon=":material/model_training:",
    )
    st.stop()

gallery.opened(runs)
seen, said = st.columns([3, 2], gap="large")
with said:
    run = components.run_picker(runs, state.RUN)
with seen:
    picture, known = components.picture_source()
if picture is None:
    st.stop()
classifier = resources.classifier(run)

with said:
    point = st.segmented_control(
        "Operating point",
        list(run.operating_points),
        default=run.document["operating_point"],
        required=True,
        wrap=True,
        format_func=wording.operating_point,
        key=state.POINT,
        persist_state="session",
        help="Where the line between the two calls lies. All were chosen on validation patients, "
        "never on the test set. "
        + " ".join(
            f"**{wording.operating_point(name)}**: {entry['rule']}."
            for name, entry in run.operating_points.items()
        ),
    )
    verdict = state.remember(
        ("verdict", picture.sha256, run.name, run.document["model_sha256"], point),
        lambda: serving.judge(classifier, picture, point),
    )
    override = None if verdict.gate.accepted else refusal.ask(verdict)

if not verdict.gate.accepted and override is None:
    # Neither call nor probability nor explanation until somebody has said why.
    with said:
        for note in picture.notes:
            st.caption(f":material/info: {note}")
    with seen:
        viewer.show(picture, label="The refused picture")
    st.stop()

with said:
    uncertainty.headline(run, verdict)
    uncertainty.scale(run, runs, picture, verdict)
    # As said above, no figure of the test set speaks for a refused picture.
    if override is None:
        if report := run.metrics().get("test", {}).get(point):
            st.markdown(wording.test_performance(report))
            st.caption(wording.of_calls(report, verdict.decision))
        else:
            st.caption("This run has no figures on the official test set.")
    for note in (*picture.notes, *([known] if known else [])):
        st.caption(f":material/info: {note}")

with said:
    st.subheader("What moved it?", anchor=False, help=wording.OVERLAYS_OFF)
    choices = explaining.choose(picture, run, runs)
    beside.calls(picture, verdict, choices)
    found = []
    if state.asked(picture.sha256):
        found = explaining.results(picture, choices)
        beside.maps(found, choices)
    else:
        st.caption(sentences.HOW)
    if found and found[0].trust:
        st.markdown(sentences.meaning(found[0].explanation))
        trust.panel(found[0].explanation, found[0].trust)

with seen:
    xray.draw(picture, classifier, verdict, override, choices[0], found)
