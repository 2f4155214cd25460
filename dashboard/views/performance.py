"""Performance. Read by those who must decide whether a model is good enough, and for what.

They compare runs, move one run's operating point and see what that means for a hundred children,
and learn how far the figures carry. Everything chosen lives in the URL.
"""

import streamlit as st

from dashboard import components, errors, figures, resources, state
from dashboard.sections import (
    batch_results,
    calibration,
    drop,
    fold,
    operating,
    paired,
    price,
    side_by_side,
    tries,
)
from dashboard.wording import performance as told
from pipeline.errors import RunError
from pipeline.performance import results, table

FIRST = 6

st.title("Performance")
st.write("What the stored runs are worth on pictures that they were not trained on, and for whom.")

listing = resources.all_runs()
reports, unusable = {"test": {}, "validation": {}}, list(listing.damaged)
by_name = {}
for run in listing.runs:
    if not table.judged(run):
        continue
    try:
        metrics = resources.metrics(run)
        for split, known in reports.items():
            known[run.name] = table.own_report(run, metrics, split)
        by_name[run.name] = run
    except RunError as error:
        unusable.append(error)
for error in unusable:
    errors.warn(error)
if not by_name:
    st.info(
        "No run has been judged on the test set yet. Train one with "
        "`python -m pipeline train compact`; it is judged at its end.",
        icon=":material/info:",
    )
    st.stop()

# Colours by all stored runs, so that a run has the same one on every page.
every = resources.all_runs().runs
colours, symbols = figures.run_colours(every), figures.run_symbols(every)

components.warn_of_missing(state.JUDGED, by_name)
validation_auc = {
    name: report["figures"]["auc"]["value"] for name, report in reports["validation"].items()
}
chosen = st.multiselect(
    "Runs",
    list(by_name),
    default=table.best_of_each_architecture(by_name.values(), validation_auc, FIRST)
    or list(by_name)[:FIRST],
    key=state.JUDGED,
    bind="query-params",
    persist_state="session",
    help=told.SHOWN_FIRST,
)
# As they are called in the link: a bound widget writes what it shows.
split = st.segmented_control(
    "Pictures",
    list(reports),
    default="test",
    required=True,
    key=state.SPLIT,
    bind="query-params",
    persist_state="session",
)
st.caption(told.SPLITS[split])
if not chosen:
    st.info("No run is chosen. Choose one or more above.", icon=":material/info:")
    st.stop()
runs = [by_name[name] for name in chosen]
shown = {name: reports[split][name] for name in chosen}

st.subheader("Side by side", anchor="runs")
side_by_side.draw(runs, shown, split, colours, symbols)

st.subheader("Can they be told apart?", anchor="paired")
# Filled last: the tests may take a second when they are made for the first time.
tests = st.container()
if len(runs) < 2:
    tests.caption("Choose two or more runs above to compare them.")

st.subheader("One run, any threshold", anchor="operating-point")
focus = st.selectbox(
    "Run in focus",
    chosen,
    key=state.FOCUS,
    bind="query-params",
    persist_state="session",
)
run, predictions = by_name[focus], resources.predictions(by_name[focus])
own_point = run.operating_points[run.document["operating_point"]]["threshold"]
state.belongs(state.THRESHOLD, run.name, own_point, 0, 1)
operating.draw(run, predictions, split, colours[focus])

st.subheader("Does a probability mean what it says?", anchor="calibration")
with errors.shown():  # what one section lacks is no loss to the next
    calibration.draw(
        run,
        predictions[predictions["split"] == split],
        split,
        resources.calibration_errors(run, split),
        colours[focus],
    )

st.subheader("From validation to test", anchor="drop")
with errors.shown():
    drop.draw(run, predictions, resources.data_audit())

st.subheader("What a better figure costs", anchor="price")
fold.draw_when_open(
    "AUC over parameters, milliseconds a picture and seconds of training",
    state.PRICES,
    lambda: price.draw(
        runs,
        shown,
        resources.latencies(),
        colours,
        symbols,
        results.results(by_name.values(), reports["test"]),
    ),
)

st.subheader("What was tried", anchor="tries")
fold.draw_when_open(
    "Every try, on validation patients and on the test set",
    state.TRIES,
    lambda: tries.draw(
        resources.lab_record(),
        {
            name: {part: reports[part][name] for part in reports if name in reports[part]}
            for name in chosen
        },
    ),
)

st.subheader("Results of a batch", anchor="batch")
batch_results.draw()

if len(runs) > 1:
    with tests, errors.shown(), st.spinner("Comparing every pair on the same pictures"):
        paired.draw(resources.paired(runs, split))
