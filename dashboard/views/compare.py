"""Compare training. Read by people who train and by those who pay for it: which network learned
best, what did it cost, did it overfit, and can its figures be trusted at all?

The charts are drawn in the browser (`dashboard.curves`); what is chosen there comes back here for
the tables below, and into the address, so that a link shows the same page to somebody else.
"""

import datetime
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial

import streamlit as st

from dashboard import components, curves, errors, resources, state, tables
from dashboard.curves import link, standalone
from dashboard.sections.importing import importing
from dashboard.sections.judging import judging
from pipeline.annotations import read as annotations
from pipeline.curves import stalled_since
from pipeline.errors import RunError
from pipeline.performance.table import best_of_each_architecture
from pipeline.recorded import VALIDATED_ON_TEST
from pipeline.runs import Run

DEFAULT_COUNT = 4
WATCH_SECONDS = 5


def default_choice(runs: tuple[Run, ...], packs: dict[str, dict]) -> list[str]:
    """The best finished runs, one an architecture, and the one that the notebooks' report has."""
    finished = [run for run in runs if run.status == "finished"]
    aucs = {
        run.name: packs[run.name]["best"]
        for run in finished
        if run.config.get("monitor") == "val_auc" and packs[run.name]["best"] is not None
    }
    own = best_of_each_architecture(finished, aucs, DEFAULT_COUNT)
    report = [run.name for run in runs if run.status == "recorded" and run.name.endswith("-report")]
    return (own[: DEFAULT_COUNT - len(report)] + report) or [runs[0].name]


def stalled(runs: Iterable[Run]) -> set[str]:
    """The trainings that have been silent for too long."""
    now = time.time()
    under_way = [run for run in runs if run.status == "unfinished"]
    return {run.name for run in under_way if stalled_since(run, resources.history(run), now)}


@st.fragment(run_every=WATCH_SECONDS)
def watch(runs: Sequence[Run], drawn: tuple) -> None:
    """Draw the page anew when a run has appeared, grown, fallen silent or gone."""
    if (resources.runs_version(), stalled(runs)) != drawn:
        st.rerun()


def figures_to_begin_with(offered: Iterable[str]) -> list[str]:
    offered = list(offered)
    return [name for name in ("loss", "accuracy") if name in offered] or offered[:2]


st.title("Compare training")
st.write("How each stored network learned, epoch by epoch: the best of it, its price, its faults.")

version = resources.runs_version()
listing = resources.all_runs()
packs, damaged = {}, list(listing.damaged)
for run in listing.runs:
    try:
        packs[run.name] = resources.curve(run)
    except RunError as error:
        damaged.append(error)
for error in damaged:
    errors.warn(error)
runs = tuple(run for run in listing.runs if run.name in packs)
late = stalled(runs)
watch(runs, (version, late))
if not runs:
    st.info(
        "There are no runs yet. Write the recorded ones with `python -m pipeline runs record`, "
        "train one with `python -m pipeline train compact`, or add some from elsewhere below.",
        icon=":material/info:",
    )
    importing(resources.runs_folder())
    st.stop()
by_name = {run.name: run for run in runs}
names = list(by_name)

kept = state.curves()
offered = dict.fromkeys(metric for pack in packs.values() for metric in pack["figures"])
default = link.defaults(default_choice(runs, packs), figures_to_begin_with(offered))
address = state.whole_link()
# While the reader goes on choosing, the address that comes along is that of a moment ago.
by_hand = state.value(state.CURVES, {}).get("state") not in (None, kept.reported)
if kept.chosen is None or (address and address != kept.link and not by_hand):
    # A new visit, a link, or the browser's own back and forth: the address decides.
    told = link.read(address, names)
    stale = [name for name in told.get("runs", ()) if name not in by_name]
    if stale:
        components.say_missing(stale)
        if len(stale) == len(told["runs"]):
            del told["runs"]
    kept.chosen, kept.asked = link.checked(told, default, names), kept.asked + 1
    asked_for = kept.chosen["metrics"]
    known = [name for name in asked_for if name in offered]
    # Of a link whose figures nobody has recorded, those to begin with; of one without any, none.
    kept.chosen["metrics"] = known if known or not asked_for else default["metrics"]

labels, doubts, tags = {}, {}, {}
for run in runs:
    tags[run.name] = run.tags
    if run.status == "unfinished":
        status = "stalled" if run.name in late else "training"
        labels[run.name] = f"{run.name} ({status})"
        packs[run.name] = packs[run.name] | {"status": status}
    if VALIDATED_ON_TEST in run.tags:
        doubts[run.name] = VALIDATED_ON_TEST
    with suppress(RunError):  # said below of the chosen runs
        tags[run.name] = (*run.tags, *annotations(run).tags)

told = partial(curves.data, every=runs, asked=kept.asked, doubts=doubts, tags=tags, labels=labels)
kept.reported = curves.show(told([packs[name] for name in names], chosen=kept.chosen))
if kept.reported and kept.reported.get("asked") == kept.asked:
    kept.chosen = link.checked(kept.reported, kept.chosen, names)
kept.link = link.written(kept.chosen, default, names)
state.put_link(kept.link)

chosen = [by_name[name] for name in kept.chosen["runs"] if name in by_name]
histories = {run.name: resources.history(run) for run in chosen}
judging(chosen, histories, runs)
if judged := [run.name for run in chosen if run.status == "finished"]:
    st.page_link(
        "views/performance.py",
        label="Their thresholds, calibration and price",
        icon=":material/query_stats:",
        query_params={state.JUDGED: judged},
    )


def page_to_take_away() -> str:
    inside = told([packs[run.name] for run in chosen], chosen=kept.chosen)
    table = tables.printed_figures(resources.summaries(chosen))
    return standalone.as_html(inside, table, f"Training curves, {datetime.date.today():%d %B %Y}")


st.download_button(
    "Download these curves as a page (HTML, interactive, needs no server)",
    page_to_take_away,
    file_name="training-curves.html",
    mime="text/html",
    key=state.SAVE_CURVES,
    icon=":material/download:",
    on_click="ignore",
    disabled=not chosen,
)
importing(resources.runs_folder())
