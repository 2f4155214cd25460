"""Read an X-ray: for radiologists and stakeholders, who weigh one verdict.

They choose a picture, see it at once, read what the model says and what that is worth, and may
then ask what in the picture moved it. They decide how far to trust the model, not about a child.
"""

import json

import streamlit as st

from dashboard import components, gallery, refusal, resources, state, wording
from dashboard.sections import uncertainty
from pipeline.config import PNEUMONIA
from pipeline.explain import overlay
from pipeline.explain.lime import explain

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
        lambda: classifier.judge(picture, point),
    )
    override = None if verdict.gate.accepted else refusal.ask(verdict)

if not verdict.gate.accepted and override is None:
    # Neither call nor probability nor explanation until somebody has said why.
    with said:
        for note in picture.notes:
            st.caption(f":material/info: {note}")
    with seen:
        components.viewer(picture, [], "The refused picture")
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
    first, second = st.columns(2)
    mask_on = first.toggle("LIME mask", key=state.MASK, persist_state="session")
    heat_on = second.toggle("LIME heatmap", key=state.HEAT, persist_state="session")
    with st.expander("Overlay settings", icon=":material/tune:"):
        sign = st.segmented_control(
            "Show what speaks",
            ["both", "positive", "negative"],
            default="both",
            required=True,
            wrap=True,
            format_func={
                "both": "both ways",
                "positive": "for pneumonia",
                "negative": "against it",
            }.get,
            key=state.SIGN,
            persist_state="session",
        )
        count = st.slider(
            "Superpixels in the mask", 1, 20, 5, key=state.COUNT, persist_state="session"
        )
        dim = st.toggle(
            "Dim the rest of the picture", value=True, key=state.DIM, persist_state="session"
        )
        opacity = st.slider(
            "Heatmap opacity",
            0.1,
            1.0,
            0.5,
            0.05,
            key=state.OPACITY,
            persist_state="session",
        )
        st.markdown("These three start LIME anew:")
        segmentation = st.segmented_control(
            "Superpixels by",
            ["slic", "quickshift"],
            default="slic",
            required=True,
            format_func={"slic": "SLIC", "quickshift": "Quickshift"}.get,
            key=state.SEGMENTS,
            persist_state="session",
        )
        samples = st.select_slider(
            "Samples",
            [300, 1000, 3000],
            value=1000,
            key=state.SAMPLES,
            persist_state="session",
            help="How often parts of the picture are hidden. More is steadier and slower.",
        )
        seed = st.number_input(
            "Seed",
            0,
            9999,
            0,
            key=state.SEED,
            persist_state="session",
            help="Another seed hides other parts. What changes with it should not be believed.",
        )

explanation = None
if mask_on or heat_on:
    with said:
        explanation = components.background(
            "lime",
            (picture.sha256, run.name, run.document["model_sha256"], segmentation, samples, seed),
            lambda progress, should_stop: explain(
                classifier.probabilities,
                classifier.prepare(picture.image),
                run=run.name,
                target=PNEUMONIA,
                segments=segmentation,
                samples=samples,
                seed=int(seed),
                progress=progress,
                should_stop=should_stop,
            ),
            doing="LIME",
            stop_key=state.STOP,
            on_stop=lambda: (state.choose(state.MASK, False), state.choose(state.HEAT, False)),
        )

layers, legend = [], None
height, width = components.shown(picture).shape
if explanation is not None:
    if heat_on:
        layers.append(overlay.heatmap(explanation, height, width, opacity, sign))
        legend = components.legend(explanation)
    if mask_on:
        layers.append(overlay.mask(explanation, height, width, count, sign, dim))

with seen:
    drawn = [name for name, on in (("mask", mask_on), ("heatmap", heat_on)) if on and explanation]
    components.viewer(
        picture,
        layers,
        "Chest X-ray" + (f" with LIME {' and '.join(drawn)}" if drawn else ""),
        legend,
    )

with said:
    if explanation is not None:
        st.markdown(wording.LIME_MEANING)
        st.caption(wording.fidelity(explanation))
    stem = picture.sha256[:12]
    left, right = st.columns(2)
    left.download_button(
        "Picture as seen (PNG)",
        lambda: components.png_as_seen(picture, layers),
        f"xray-{stem}.png",
        "image/png",
        key=state.SAVE_PNG,
        on_click="ignore",
        icon=":material/image:",
        width="stretch",
    )
    right.download_button(
        "Numbers (JSON)",
        json.dumps(
            {
                "verdict": verdict.to_json(),
                **({"override": {"reason": override}} if override else {}),
                "explanation": explanation.to_json() if explanation is not None else None,
                "notice": wording.NOTICE,
            },
            indent=1,
        ),
        f"xray-{stem}.json",
        "application/json",
        key=state.SAVE_JSON,
        on_click="ignore",
        icon=":material/data_object:",
        width="stretch",
    )
