"""Where a reader is: progress, next and previous case, and the list of all."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.wording import reading_room as wording
from pipeline.readings.worklist import Item, next_of


def due(items: Sequence[Item]) -> list[Item]:
    """Return the cases of the pass that is to be read now; say it where there is nothing to read.

    Earlier passes stay closed: what was said then is not to be seen again.
    """
    unfinished = [one for one in items if one.state != "finished"]
    if not unfinished:
        st.success(wording.ALL_READ, icon=":material/task_alt:")
        return []
    first = unfinished[0]
    if not first.open:
        st.success(wording.PASS_READ, icon=":material/task_alt:")
        opens = f"{first.opens:%d %B %Y, %H:%M}"
        st.info(wording.washout(opens), icon=":material/hourglass_top:")
        return []
    return [one for one in items if one.pass_number == first.pass_number]


def chosen(items: Sequence[Item]) -> Item:
    """Return the case that the reader turned to, or the next one that is not read."""
    wanted = state.opened_in(items[0].pass_number)
    turned_to = next((one for one in items if one.case == wanted), None)
    return turned_to or next_of(items) or items[0]


def place(items: Sequence[Item], item: Item) -> None:
    """Say how far the pass is, and let the reader go to another of its cases.

    Parameters
    ----------
    items : of the pass that `item` belongs to, in the reader's order.
    """
    read = sum(one.state == "finished" for one in items)
    st.progress(read / len(items), text=f"{read} of {len(items)} read")
    row = st.container(horizontal=True, vertical_alignment="center")
    for label, step, key, shortcut, icon in (
        ("Previous", -1, state.PREVIOUS_CASE, "K", "arrow_back"),
        ("Next", 1, state.NEXT_CASE, "J", "arrow_forward"),
    ):
        other = item.position - 1 + step
        there = 0 <= other < len(items)
        row.button(
            label,
            key=key,
            icon=f":material/{icon}:",
            shortcut=shortcut,
            disabled=not there,
            on_click=_go,
            args=(items[other] if there else item,),
        )
    with row.popover("Worklist", icon=":material/list:"):
        _list(items, item)


def _list(items: Sequence[Item], item: Item) -> None:
    table = pd.DataFrame(
        {
            "": [wording.STATE_ICONS[one.state] for one in items],
            "case": [one.position for one in items],
            "state": [wording.STATES[one.state] for one in items],
        }
    )
    # A name of its own for every case: what was chosen in the list before is not chosen again.
    key = f"{state.WORKLIST}_{item.pass_number}_{item.position}"
    told = st.dataframe(
        table, key=key, hide_index=True, on_select="rerun", selection_mode="single-row"
    )
    for row in told.selection.rows:
        if items[row] != item:
            _go(items[row])
            st.rerun()


def _go(item: Item) -> None:
    state.open_case(item.pass_number, item.case)
