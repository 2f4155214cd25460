"""Compare training. Read by people who train and by those who pay for it: which network learned
best, what did it cost, did it overfit, and can its figures be trusted at all?

Everything chosen here lives in the URL, so that a link shows the same page to somebody else.
"""

import pandas as pd
import streamlit as st

from dashboard import errors, figures, resources, state
from pipeline.comparison import NOT_RECORDED, differing_settings, summary
from pipeline.curves import METRICS, curves
from pipeline.errors import RunError
from pipeline.performance.table import best_of_each_architecture
from pipeline.recorded import VALIDATED_ON_TEST
from pipeline.runs import Run

# What decides comes first: a phone shows the first few columns only.
TABLE_ORDER = (
    *("run", "best_epoch", "val_loss", "val_accuracy", "val_auc", "overfit_gap"),
    *("test_auc", "test_accuracy", "test_n"),
    *("parameters", "seconds_per_epoch", "epochs", "architecture"),
)

DEFAULT_COUNT = 4
WARNING = ":material/warning:"


def matches(run: Run, text: str, architectures: list[str], tags: list[str]) -> bool:
    told = " ".join((run.name, run.title, run.architecture, *run.tags)).lower()
    return (
        all(word in told for word in text.lower().split())
        and (not architectures or run.architecture in architectures)
        and set(tags) <= set(run.tags)
    )


def default_choice(runs: tuple[Run, ...], histories: dict[str, pd.DataFrame]) -> list[str]:
    """The best finished runs, one an architecture, and the one that the notebooks' report has."""
    aucs = {name: told["val_auc"].max() for name, told in histories.items() if "val_auc" in told}
    finished = [run for run in runs if run.status == "finished"]
    own = best_of_each_architecture(finished, aucs, DEFAULT_COUNT)
    report = [run.name for run in runs if run.status == "recorded" and run.name.endswith("-report")]
    return (own[: DEFAULT_COUNT - len(report)] + report) or [runs[0].name]


def label(run: Run) -> str:
    return f"{run.name} (training)" if run.status == "unfinished" else run.name


st.title("Compare training")
st.write("How each stored network learned, epoch by epoch: the best of it, its price, its faults.")

listing = resources.all_runs()
histories, damaged = {}, list(listing.damaged)
for run in listing.runs:
    try:
        histories[run.name] = resources.history(run)
    except RunError as error:
        damaged.append(error)
for error in damaged:
    st.warning(str(error), icon=WARNING)
runs = tuple(run for run in listing.runs if run.name in histories)
if not runs:
    st.info(
        "There are no runs yet. Write the recorded ones with `python -m pipeline runs record`, or "
        "train one with `python -m pipeline train compact`.",
        icon=":material/info:",
    )
    st.stop()
by_name = {run.name: run for run in runs}

with st.expander("Filter the list of runs", icon=":material/filter_list:"):
    text = st.text_input(
        "Text",
        key=state.FILTER_TEXT,
        placeholder="every word must occur in name, title or tags",
        bind="query-params",
        persist_state="session",
    )
    architectures = st.multiselect(
        "Architecture",
        sorted({run.architecture for run in runs}),
        key=state.FILTER_ARCHITECTURES,
        bind="query-params",
        persist_state="session",
    )
    tags = st.multiselect(
        "Tag",
        sorted({tag for run in runs for tag in run.tags}),
        key=state.FILTER_TAGS,
        bind="query-params",
        persist_state="session",
    )

# What is chosen stays on offer whatever the filter says: a filter must not deselect.
default = default_choice(runs, histories)
asked = state.in_link(state.COMPARED)
kept = {*state.value(state.COMPARED, default), *asked}
offered = [run.name for run in runs if run.name in kept or matches(run, text, architectures, tags)]
stale = [name for name in asked if name and name not in by_name]
if stale:
    st.warning(f"The link names runs that are not here: {', '.join(stale)}.", icon=WARNING)
chosen = st.multiselect(
    "Runs",
    offered,
    default=[name for name in default if name in offered],
    key=state.COMPARED,
    placeholder=f"{len(offered)} runs to choose from",
    bind="query-params",
    persist_state="session",
)
metrics = st.pills(
    "Figures",
    METRICS,
    default=["loss", "accuracy"],
    selection_mode="multi",
    key=state.METRICS,
    format_func=lambda name: name.replace("_", " "),
    bind="query-params",
    persist_state="session",
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    smoothing = st.slider(
        "Smoothing",
        0.0,
        0.95,
        0.0,
        0.05,
        key=state.SMOOTHING,
        help="Weight of the past in a debiased exponential moving average. 0 is off; otherwise the "
        "recorded values stay visible, faintly.",
        width=240,
        bind="query-params",
        persist_state="session",
    )
    x = st.segmented_control(
        "Over",
        list(figures.AXIS_TITLES),
        default="epoch",
        required=True,
        key=state.X_AXIS,
        bind="query-params",
        persist_state="session",
    )
    log_y = st.toggle(
        "Log scale",
        key=state.LOG_Y,
        bind="query-params",
        persist_state="session",
    )
    st.button("Refresh", icon=":material/refresh:", key=state.REFRESH)

if not chosen:
    st.info("No run is chosen. Choose one or more above.", icon=":material/info:")
    st.stop()

empty = [name for name in chosen if histories[name].empty]
if empty:
    st.caption(f"No epoch of {', '.join(empty)} was recorded, so there is no curve of it.")
table = curves({name: histories[name] for name in chosen}, metrics, smoothing)
summaries, unreadable = {}, []
for name in chosen:
    try:
        summaries[name] = summary(by_name[name], histories[name])
    except RunError as error:
        unreadable.append(error)
for error in unreadable:
    errors.explain(error)

if not metrics:
    st.info("No figure is chosen. Choose loss or accuracy above.", icon=":material/info:")
drawn = [metric for metric in metrics if metric in set(table["metric"])]
for metric in metrics:
    without = [n for n in chosen if n not in empty and metric not in histories[n]]
    if without:
        st.caption(f"{figures.METRIC_TITLES[metric]} was not recorded by {', '.join(without)}.")
if drawn:
    st.caption("Solid: training. Dashed: validation. Ring: best epoch.")
doubtful = [name for name in chosen if VALIDATED_ON_TEST in by_name[name].tags]
if doubtful:
    st.caption(f"{WARNING} {VALIDATED_ON_TEST.capitalize()}: {', '.join(doubtful)}; see below.")
columns = st.columns(min(2, len(drawn))) if drawn else []
for position, metric in enumerate(drawn):
    columns[position % 2].plotly_chart(
        figures.curve_figure(
            table,
            metric,
            figures.run_colours(by_name),
            figures.run_symbols(by_name),
            {name: row["best_epoch"] for name, row in summaries.items()},
            {name: label(by_name[name]) for name in chosen},
            x,
            log_y,
        ),
        key=f"curve {metric}",
        config={"displaylogo": False, "displayModeBar": False},
    )

st.subheader("At the best epoch")
st.dataframe(
    pd.DataFrame(summaries.values()),
    key=state.BEST_TABLE,
    hide_index=True,
    column_order=TABLE_ORDER,
    placeholder="-",
    column_config={
        "run": st.column_config.TextColumn("Run", pinned=True),
        "architecture": "Architecture",
        "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
        "epochs": "Epochs",
        "best_epoch": "Best epoch",
        "val_loss": st.column_config.NumberColumn("Val. loss", format="%.3f"),
        "val_accuracy": st.column_config.NumberColumn("Val. accuracy", format="%.3f"),
        "val_auc": st.column_config.NumberColumn("Val. AUC", format="%.3f"),
        "overfit_gap": st.column_config.NumberColumn("Overfit gap", format="%.3f"),
        "seconds_per_epoch": st.column_config.NumberColumn("Seconds per epoch", format="%.0f"),
        "test_auc": st.column_config.NumberColumn("Test AUC", format="%.3f"),
        "test_accuracy": st.column_config.NumberColumn("Test accuracy", format="%.3f"),
        "test_n": "Test n",
    },
)
st.caption(
    "*Best epoch*: by the validation figure the run was watched by (the setting *monitor*; lowest "
    "loss where nothing is told); loss, accuracy and AUC are those of that epoch. "
    "*Overfit gap*: validation loss minus training loss at the last epoch; far above 0 the network "
    "has learned its training pictures by heart. *Test*: the official test set, accuracy at the "
    "run's own operating point. Runs with different validation sets cannot be ranked by "
    "validation figures."
)
if untested := [row["run"] for row in summaries.values() if row["test_n"] is None]:
    st.caption(
        f"No test figures: {', '.join(untested)}. A recorded run has no weights left to judge; an "
        "unfinished one is judged at its end."
    )

if len(chosen) > 1:
    st.subheader("Settings that differ")
    different = differing_settings([by_name[name] for name in chosen])
    if different.empty:
        st.caption("The chosen runs have the same settings.")
    else:
        st.dataframe(different, key=state.SETTINGS_TABLE, height="content")
        st.caption(f"*{NOT_RECORDED}*: the run does not tell this setting; nothing was guessed.")

for name in chosen:
    run = by_name[name]
    if run.status == "unfinished":
        st.info(
            f"**{name}** is in training, or was cut off after {len(histories[name])} epochs; then "
            "go on with `python -m pipeline train` and `--resume`.",
            icon=":material/hourglass_top:",
        )
if any(by_name[name].notes for name in chosen):
    st.subheader("What to know about these runs")
for name in chosen:
    run = by_name[name]
    if run.notes:
        warn = name in doubtful
        with st.expander(
            f"{name}: {VALIDATED_ON_TEST}" if warn else name,
            expanded=warn,
            icon=WARNING if warn else ":material/notes:",
        ):
            st.caption(f"{run.title}. {run.document.get('origin', '').capitalize()}.")
            st.markdown("\n".join(f"- {note}" for note in run.notes))

st.download_button(
    "Download what is plotted (CSV)",
    table.to_csv(index=False),
    file_name="training-curves.csv",
    mime="text/csv",
    key=state.SAVE_CSV,
    icon=":material/download:",
    on_click="ignore",
    disabled=table.empty,
)
