"""Errors. Read by radiologists, who see what a model gets wrong, and by people who train, who see
where: which pictures, how sure it was, and whether other networks err on the same ones.

They decide what a model must not be trusted with, and whose label to look at again.
Everything chosen here lives in the URL.
"""

import pandas as pd
import streamlit as st

from dashboard import components, figures, gallery, resources, state, tables, wording
from dashboard.plain import plain
from dashboard.wording import mistakes as sentences
from pipeline import agreement, mistakes
from pipeline.config import CLASS_NAMES
from pipeline.performance.table import best_of_each_architecture
from pipeline.runs import Run
from pipeline.spreadsheet import csv_text

PANEL = 8  # runs to compare with, at first

st.title("Errors")
st.write(sentences.INTRODUCTION)

runs = resources.judged_runs()
if not runs:
    st.info(
        "No run with predictions is stored yet. Train one with `python -m pipeline train compact`; "
        "it is judged on the official test set at its end.",
        icon=":material/model_training:",
    )
    st.stop()
by_name = {run.name: run for run in runs}
bound = {"bind": "query-params", "persist_state": "session"}


def to_first_page() -> None:
    for key in (state.ERROR_PAGE, state.SHARED_PAGE):
        state.choose(key, 1)


def threshold_of(run: Run, point: str) -> float:
    """At the same point where the run has it, else at its own."""
    points = run.operating_points
    return points[point if point in points else run.document["operating_point"]]["threshold"]


def group_name(name: str) -> str:
    return sentences.SUBGROUP_NAMES[name]


components.warn_of_missing(state.ERROR_RUN, by_name)
with st.container(horizontal=True, vertical_alignment="bottom"):
    run = by_name[
        st.selectbox(
            "Run",
            list(by_name),
            key=state.ERROR_RUN,
            on_change=to_first_page,
            width=320,
            help="\n".join(f"- `{run.name}`: {plain(run.title)}" for run in runs),
            **bound,
        )
    ]
    table = resources.predictions(run)
    splits = [name for name in sentences.SPLIT_NAMES if name in set(table["split"])]
    split = st.segmented_control(
        "Pictures",
        splits,
        default=splits[0],
        required=True,
        format_func={"test": "Test", "validation": "Validation", "val": "Val folder"}.get,
        key=state.ERROR_SPLIT,
        on_change=to_first_page,
        help=" ".join(f"**{name}**: {sentences.SPLIT_NAMES[name]}." for name in splits),
        **bound,
    )
    point = st.selectbox(
        "Operating point",
        list(run.operating_points),
        index=list(run.operating_points).index(run.document["operating_point"]),
        format_func=wording.operating_point,
        key=state.ERROR_POINT,
        on_change=to_first_page,
        width=220,
        help="Chosen on validation patients, never on the test set. "
        + " ".join(
            f"**{wording.operating_point(name)}**: {entry['rule']}."
            for name, entry in run.operating_points.items()
        ),
        **bound,
    )

with st.expander("Other runs to compare with", icon=":material/compare:"):
    aucs = {other.name: resources.history(other).get("val_auc") for other in runs}
    first = best_of_each_architecture(
        runs,
        {name: None if told is None else float(told.max()) for name, told in aucs.items()},
        PANEL,
    )
    chosen = st.multiselect(
        "Runs",
        list(by_name),
        default=first,
        key=state.ERROR_PANEL,
        on_change=to_first_page,
        label_visibility="collapsed",
        **bound,
    )
    st.caption(
        "At first the run with the highest validation AUC of each architecture. Each is taken at "
        "its own threshold of the same operating point, or at its default point where it lacks "
        "that one."
    )

panel = [run.name, *(name for name in chosen if name != run.name)]
stored = {name: resources.predictions(by_name[name]) for name in panel}
stored = {name: own[own["split"] == split] for name, own in stored.items()}
unjudged = [name for name in panel if stored[name].empty]
if unjudged:
    st.caption(f":material/warning: Not judged on these pictures: {', '.join(unjudged)}.")
panel = [name for name in panel if name not in unjudged]
stored = {name: stored[name] for name in panel}
thresholds = {name: threshold_of(by_name[name], point) for name in panel}
calls = agreement.calls(stored, thresholds)

band = run.document.get("abstain")
judged = mistakes.outcomes(stored[run.name], thresholds[run.name], band)
also_wrong = pd.Series(calls.wrong[:, 1:].sum(axis=1), index=pd.Index(calls.cases["file"]))
judged = judged.assign(also_wrong=judged["file"].map(also_wrong.groupby(level=0).first()))

counts = mistakes.counts(judged)
kinds = [name for name in sentences.KINDS if band or name != "unsure"]
kind = st.segmented_control(
    "Kind",
    kinds,
    default="all",
    required=True,
    # What a bound widget shows stands in the link: no counts here.
    format_func=sentences.KINDS.get,
    key=state.ERROR_KIND,
    on_change=to_first_page,
    help=sentences.KINDS_HELP,
    **bound,
)
present = [name for name in mistakes.SUBGROUPS if name in set(judged["subgroup"])]
groups = st.pills(
    "Subgroups",
    present,
    selection_mode="multi",
    format_func=group_name,
    key=state.ERROR_GROUPS,
    on_change=to_first_page,
    help=sentences.SUBGROUPS_HELP,
    **bound,
)
order = st.selectbox(
    "Order",
    list(mistakes.ORDERS),
    format_func=sentences.ORDER_NAMES.get,
    key=state.ERROR_ORDER,
    on_change=to_first_page,
    width=320,
    **bound,
)
found = mistakes.selected(judged, kind, tuple(groups), order)
st.markdown(sentences.found(len(found), judged, run.name, split, thresholds[run.name]))
if band:
    st.caption(sentences.unsure(counts["unsure"], len(judged), band))


def described(case: pd.Series) -> str:
    return sentences.cell(case, len(panel) - 1)


columns = ["file", "label", "patient", "probability", "outcome", "unsure", "also_wrong"]
if found.empty:
    st.info(
        "No such picture: choose another kind, subgroup or operating point.", icon=":material/info:"
    )
else:
    gallery.show(found[columns], run, split, point, described, state.ERROR_PAGE)
st.download_button(
    "Download this list (CSV)",
    csv_text(found[[*columns, "subgroup", "split"]].to_dict("records")),
    f"errors-{run.name}-{split}-{point}.csv",
    "text/csv",
    key=state.SAVE_ERRORS,
    icon=":material/download:",
    on_click="ignore",
    disabled=found.empty,
)

st.subheader("Where the errors are", anchor="where")
st.dataframe(
    tables.error_rates(mistakes.error_rates(judged)), key=state.RATES_TABLE, hide_index=True
)
st.caption(
    f"Of {run.name}, {sentences.SPLIT_NAMES[split]}, n = {len(judged)}; in brackets the 95 % "
    "intervals (Wilson)."
)

st.subheader("Do other runs err on the same pictures?", anchor="agreement")
if len(panel) < 2:
    st.info("Choose other runs to compare with, above.", icon=":material/compare:")
    st.stop()
rows = agreement.misses(calls)
shared = calls.missed_by_all()
by_chance = sum(rows[-1][f"{name}_by_chance"] for name in CLASS_NAMES)
st.markdown(sentences.shared(len(shared), len(calls.cases), len(panel), by_chance))
if calls.left_out:
    st.caption(f"{calls.left_out} pictures that not all of these runs have judged are left out.")
st.plotly_chart(
    figures.miss_bars(rows), key="misses", config={"displaylogo": False, "displayModeBar": False}
)
st.caption(
    f"n = {len(calls.cases)} pictures, {sentences.SPLIT_NAMES[split]}; {rows[0]['NORMAL']} normal "
    f"and {rows[0]['PNEUMONIA']} pneumonia pictures that every run calls rightly are not drawn."
)

st.markdown("**Pictures that all of these runs call wrongly**")
st.write(sentences.WHY_SHARED)
if shared.empty:
    st.caption("There is none.")
else:
    gallery.show(shared, run, split, point, sentences.suspect, state.SHARED_PAGE)
st.download_button(
    "Download the suspects (CSV)",
    csv_text(shared.assign(runs=" ".join(panel)).to_dict("records"), [*shared.columns, "runs"]),
    f"missed-by-all-{split}-{point}.csv",
    "text/csv",
    key=state.SAVE_SHARED,
    icon=":material/download:",
    on_click="ignore",
    disabled=shared.empty,
)

st.markdown("**Agreement of each two runs**", help=sentences.KAPPA_HELP)
pairs = resources.agreement_of_pairs(thresholds, split)
if len(panel) > 2:
    st.plotly_chart(
        figures.kappa_matrix(pairs, panel), key="kappa", config={"displayModeBar": False}
    )
st.dataframe(tables.pairs(pairs), key=state.PAIRS_TABLE, hide_index=True)
st.caption(
    f"n = {len(calls.cases)} pictures; in brackets the 95 % intervals: of the share by Wilson, of "
    "kappa by 1000 resamples of the patients."
)
