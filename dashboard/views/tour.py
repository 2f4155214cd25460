"""Tour: for stakeholders who have five minutes and no training, told with sample X-rays.

Five steps, a sentence and a picture each, nothing to configure. They decide what to ask of the
program, and how little a single verdict is worth without the last two steps.
"""

import streamlit as st

from dashboard import components, figures, resources, state
from dashboard.plain import plain
from dashboard.sections import pictogram, story
from dashboard.wording import tour as told
from pipeline.performance.prevalence import icons
from pipeline.tour import telling

WIDEST_PX = 760
STEPS = len(told.TITLES)
step = state.step(STEPS)

runs = resources.servable_runs()
if not runs:
    st.title("Tour")
    st.info(
        "No trained network is stored yet. Train one with `python -m pipeline train compact`, "
        "then reload this page.",
        icon=":material/model_training:",
    )
    st.stop()

run = runs[0]
items = resources.sample_items()
# Above the rest, so that a button stays where it was when the next step is longer.
with st.container(horizontal=True, vertical_alignment="center"):
    st.button(
        "Back",
        key=state.BACK,
        shortcut="Left",
        disabled=step == 1,
        on_click=state.go_to_step,
        args=(step - 1,),
    )
    st.button(
        "Next",
        key=state.NEXT,
        shortcut="Right",
        type="primary",
        disabled=step == STEPS,
        on_click=state.go_to_step,
        args=(step + 1,),
    )
    st.progress(step / STEPS, text=told.progress(step))
words, picture = st.columns([2, 3], gap="large", vertical_alignment="center")
with words:
    st.title(told.TITLES[step - 1], anchor=False)
    sentence = st.empty()
    if step == STEPS:
        st.page_link("views/read.py", label="Read an X-ray yourself", icon=":material/radiology:")


def say(text: str) -> None:
    sentence.header(text, anchor=False)


if step == STEPS:
    report = resources.metrics(run).get("test", {}).get(run.point())
    if report is None:
        say(told.NO_FIGURES)
        picture.info(
            f"Measure it with `python -m pipeline evaluate {run.name} --write`.",
            icon=":material/query_stats:",
        )
        st.stop()
    counts = report["counts"]
    hundred = icons(
        report["figures"]["sensitivity"]["value"],
        report["figures"]["specificity"]["value"],
        (counts["tp"] + counts["fn"]) / report["n"],
    )
    say(told.of_hundred(hundred))
    with picture:
        pictogram.draw(figures.hundred(hundred, WIDEST_PX), state.TOUR_HUNDRED)
        st.caption(f"{told.measured(report, plain(run.title))} {told.ELSEWHERE}")
    st.stop()

if not items:
    say(told.NO_SAMPLES)
    with picture:
        components.offer_samples()
    st.stop()

with picture:
    case = telling(story.cases(run, items))
    story.begin(run, items)
    if step == 1:
        say(told.PICTURE)
        st.image(resources.large(case.item.path), width="stretch", alt="Chest X-ray")
        st.caption(told.SOURCE)
    elif step == 2:
        verdict = case.verdict
        band = run.band(verdict.threshold)
        say(told.verdict(case))
        pictogram.draw(
            figures.chance(verdict.probability, verdict.threshold, band, WIDEST_PX),
            state.TOUR_SCALE,
        )
        st.caption(told.program(plain(run.title)))
    else:
        say(told.NOT_YET)
        if found := story.wait(run, items):
            seen = found.told if step == 3 else found.doubted
            say(told.LOOKED_AT if step == 3 else told.doubt(found))
            st.image(
                seen.picture,
                width="stretch",
                alt="Chest X-ray with orange and blue parts that moved the verdict",
            )
            st.caption(f"{told.colours(seen)} {told.COLOURED}")
