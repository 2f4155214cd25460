"""What curves say in words, and what else to know of runs; of many no longer than of few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import errors, state
from dashboard.plain import plain
from dashboard.sections.fold import draw_when_open
from dashboard.wording import judging as told
from pipeline import annotations
from pipeline.errors import RunError
from pipeline.flags import DIVERGED, OVERFITTING, PLATEAU
from pipeline.recorded import VALIDATED_ON_TEST
from pipeline.runs import Run

WARNING = ":material/warning:"
# Up to so many runs a remark quotes each run's own sentence; of more it counts them.
_QUOTED = 3
# Up to so many runs each has a box of its own for what is known of it.
_BOXES = 6


def draw(rows: Sequence[Mapping]) -> None:
    """Say what is worth saying of the curves; `rows` as of `pipeline.comparison.summary`."""
    st.subheader("What the curves say")
    found = _grouped(rows)
    for name, flagged in found.items():
        heading, icon, meaning = told.REMARKS[name]
        if len(flagged) <= _QUOTED:
            lines = [f"**{run}**: {plain(sentence)}" for run, sentence in flagged.items()]
        else:
            lines = [f"{meaning} {told.listed(list(flagged))}."]
        st.markdown(
            "\n".join([f"{icon} **{heading}** ({told.counted(flagged)})", "", *_bullets(lines)])
        )
    stopped = {row["run"]: row["stop_epoch"] for row in rows if row["stopped_early"]}
    if stopped:
        at = [f"{run} at epoch {epoch}" for run, epoch in stopped.items()]
        st.markdown(f":material/flag: **{told.STOPPED}**: {told.listed(at)}.")
    if not found:
        st.caption(told.NOTHING)
    if any(len(flagged) > _QUOTED for flagged in found.values()):
        draw_when_open("Every remark, run by run", state.REMARKS, lambda: _every(found))


def _grouped(rows: Sequence[Mapping]) -> dict[str, dict[str, str]]:
    """Return flag -> run -> sentence, without what goes without saying."""
    found: dict[str, dict[str, str]] = {name: {} for name in told.REMARKS}
    for row in rows:
        flags = {flag["name"]: flag["sentence"] for flag in row["flags"]}
        # A run that stopped by its patience had a plateau: that is what patience is for. And one
        # that overfits or diverged has worse to tell.
        if row["stopped_early"] or flags.keys() & {OVERFITTING, DIVERGED}:
            flags.pop(PLATEAU, None)
        for name, sentence in flags.items():
            found[name][row["run"]] = sentence
    return {name: flagged for name, flagged in found.items() if flagged}


def _every(found: Mapping[str, Mapping[str, str]]) -> None:
    st.dataframe(
        pd.DataFrame(
            {"Run": run, "Remark": told.REMARKS[name][0], "In words": sentence}
            for name, flagged in found.items()
            for run, sentence in flagged.items()
        ),
        hide_index=True,
        column_config={"Run": st.column_config.TextColumn(pinned=True)},
    )


def under_way(chosen: Sequence[Run], histories: Mapping[str, pd.DataFrame]) -> None:
    """Say which runs are not at their end."""
    unfinished = [run.name for run in chosen if run.status == "unfinished"]
    if not unfinished:
        return
    named = [f"**{name}**" for name in unfinished]
    if len(unfinished) == 1:
        epochs = len(histories[unfinished[0]])
        said = f"{named[0]} is in training, or was cut off after {epochs} epochs; then go on with"
    else:
        said = f"{told.listed(named)} are in training, or were cut off; then go on with each with"
    st.info(f"{said} `python -m pipeline train` and `--resume`.", icon=":material/hourglass_top:")


def known(chosen: Sequence[Run]) -> None:
    """Show the faults and peculiarities that runs tell of themselves, and what people wrote."""
    written = _written(chosen)
    noted = [run for run in chosen if run.notes]
    if not (written or noted):
        return
    st.subheader("What to know about these runs")
    if written:
        st.dataframe(
            pd.DataFrame(written),
            hide_index=True,
            column_config={"Run": st.column_config.TextColumn(pinned=True)},
        )
    # Doubtful ones first and open, whatever their number.
    noted.sort(key=lambda run: VALIDATED_ON_TEST not in run.tags)
    for run in noted[:_BOXES]:
        warn = VALIDATED_ON_TEST in run.tags
        with st.expander(
            f"{run.name}: {VALIDATED_ON_TEST}" if warn else run.name,
            expanded=warn,
            icon=WARNING if warn else ":material/notes:",
        ):
            origin = str(run.document.get("origin", "")).capitalize()
            st.caption(f"{plain(run.title)}. {plain(origin)}.")
            st.markdown("\n".join(_bullets(map(plain, run.notes))))
    if rest := noted[_BOXES:]:
        with st.expander(f"{len(rest)} more runs with notes", icon=":material/notes:"):
            st.markdown(
                "\n\n".join(
                    "\n".join([f"**{run.name}**", *_bullets(map(plain, run.notes))]) for run in rest
                )
            )


def _written(chosen: Sequence[Run]) -> list[dict]:
    """Return a row per run that people wrote to; as cells, so that it stays plain text."""
    rows = []
    for run in chosen:
        try:
            own = annotations.read(run)
        except RunError as error:
            errors.warn(error)
            continue
        if own.tags or own.note:
            rows.append({"Run": run.name, "Tags": ", ".join(own.tags), "Note": own.note})
    return rows


def _bullets(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]
