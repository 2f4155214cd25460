"""Configurations against each other, over their seeds; and settings against results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import errors, figures, resources, state
from dashboard.plain import plain
from dashboard.wording import judging as told
from pipeline.comparison import setting_values
from pipeline.diagnosis import best_value
from pipeline.groups import TEST_AUC, Group, Verdict, groups
from pipeline.groups import verdict as judged
from pipeline.runs import Run

# What the result of a run may be, at its best epoch or in the end.
_RESULTS = ("val_auc", "val_loss", "val_accuracy", TEST_AUC)
_FEWEST = 3


@st.fragment
def verdict(chosen: Sequence[Run], every: Sequence[Run]) -> None:
    """Let two configurations be chosen, and say whether one is better."""
    with errors.shown():
        by_name = {group.name: group for group in _ordered(chosen, every)}
        if len(by_name) < 2:
            st.info(told.ONE_CONFIGURATION, icon=":material/info:")
            return
        left, right, last = st.columns(3)
        a = by_name[_group(left, "Configuration A", by_name, state.GROUP_A)]
        others = {name: group for name, group in by_name.items() if name != a.name}
        b = by_name[_group(right, "Configuration B", others, state.GROUP_B)]
        values = _values((*a.runs, *b.runs))
        if not values:
            st.info("Neither of them has a figure to compare.", icon=":material/info:")
            return
        figure = last.selectbox(
            "Figure", list(values), key=state.GROUP_FIGURE, format_func=told.title
        )
        _say(a, b, figure, judged(a, b, figure, values[figure]))


def _ordered(chosen: Sequence[Run], every: Sequence[Run]) -> list[Group]:
    """Return all groups: those with a chosen run first, records last, of more runs before fewer."""
    names = [run.name for run in chosen]

    def key(group: Group) -> tuple:
        own = [names.index(run.name) for run in group.runs if run.name in names]
        recorded = all(run.status == "recorded" for run in group.runs)
        return (not own, recorded, -len(group.runs), min(own, default=0), group.name)

    return sorted(groups(every), key=key)


def _group(column, label: str, by_name: Mapping[str, Group], key: str) -> str:
    def sizes(name: str) -> str:
        return f"{name} ({told.counted(by_name[name].runs)})"

    return column.selectbox(label, list(by_name), key=key, format_func=sizes)


def _values(runs: Sequence[Run]) -> dict[str, dict[str, float | None]]:
    """Return figure -> run -> its value, of every validation figure and of the official test."""
    histories = {run.name: resources.history(run) for run in runs}
    columns = dict.fromkeys(
        name for table in histories.values() for name in table if name.startswith("val_")
    )
    ordered = sorted(columns, key=lambda name: (name != "val_auc", name != "val_loss"))
    values = {
        figure: {name: best_value(table, figure) for name, table in histories.items()}
        for figure in ordered
    }
    values[TEST_AUC] = {run.name: resources.summary(run)["test_auc"] for run in runs}
    return {
        figure: own
        for figure, own in values.items()
        if any(value is not None for value in own.values())
    }


def _say(a: Group, b: Group, figure: str, found: Verdict) -> None:
    if found.p is None:
        st.warning(plain(found.sentence), icon=":material/block:")
    elif found.winner is None:
        st.info(plain(found.sentence), icon=":material/balance:")
    else:
        st.success(plain(found.sentence), icon=":material/check:")
    for remark in found.remarks:
        st.caption(remark)
    rows = [
        {"Configuration": group.name, "Seed": run.seed, "Value": own[run.name], "Run": run.name}
        for group, own in zip((a, b), found.values, strict=True)
        for run in group.runs
        if run.name in own
    ]
    if found.pairs:
        rows = _paired(rows, a.name, b.name)
    st.dataframe(
        pd.DataFrame(rows),
        key=state.GROUP_TABLE,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.4f")
            for name in ("Value", a.name, b.name, "A minus B")
        },
    )
    st.caption(f"{plain(told.title(figure))}. {told.VERDICT}")


def _paired(rows: Sequence[Mapping], a: str, b: str) -> list[dict]:
    """Return a row per seed."""
    by_seed: dict = {}
    for row in rows:
        by_seed.setdefault(row["Seed"], {})[row["Configuration"]] = row["Value"]
    return [
        {"Seed": seed, a: own[a], b: own[b], "A minus B": own[a] - own[b]}
        for seed, own in by_seed.items()
    ]


def parallel(chosen: Sequence[Run], rows: Sequence[Mapping]) -> None:
    """Draw the settings of the chosen runs against their results.

    Parameters
    ----------
    rows : `pipeline.comparison.summary` of those of them that can be read.
    """
    known = {
        name: {row["run"]: row[name] for row in rows if row[name] is not None} for name in _RESULTS
    }
    offered = [name for name in _RESULTS if len(known[name]) >= _FEWEST]
    if not offered:
        st.info(told.FEW_PARALLEL, icon=":material/info:")
        return
    result = st.selectbox("Result", offered, key=state.PARALLEL_RESULT, format_func=told.at_best)
    drawn = [run for run in chosen if run.name in known[result]]
    settings = setting_values(drawn)
    if not settings:
        st.info(told.NO_PARALLEL, icon=":material/info:")
        return
    offered = figures.most_telling(settings)
    shown = st.multiselect(
        "Settings",
        offered,
        default=offered[: figures.FIRST_AXES],
        # Other runs differ in other settings.
        key=f"{state.PARALLEL_SETTINGS} {' '.join(offered)}",
        max_selections=figures.MOST_AXES,
        format_func=lambda name: name.replace("_", " "),
    )
    st.plotly_chart(
        figures.parallel(
            {name: settings[name] for name in shown},
            [known[result][run.name] for run in drawn],
            told.at_best(result),
        ),
        key=f"{state.PARALLEL} chart",
        config={"displayModeBar": False},
    )
    st.caption(told.PARALLEL)
    if left_out := [run.name for run in chosen if run.name not in known[result]]:
        st.caption(
            f"Left out, because they do not tell this result: {plain(told.listed(left_out))}."
        )
