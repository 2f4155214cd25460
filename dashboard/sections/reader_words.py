"""What readers say of the superpixels that were shown to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.sections import statistics_csv
from dashboard.wording import observers as told
from pipeline.observers.superpixels import Judged
from pipeline.readings.reading import IMPLAUSIBLE


def draw(every: Sequence[Judged], tables: Mapping[str, Sequence[Mapping]]) -> None:
    """Draw the judgements of every run and explanation."""
    st.markdown(told.SUPERPIXELS)
    for number, one in enumerate(every):
        source = one.source
        counts = ", ".join(f"{count} {kind}" for kind, count in one.counts.items())
        st.markdown(
            f"**`{source.run}`, {source.method}** ({source.segments}, hidden parts by "
            f"{source.fill}, seed {source.seed}; weights `{source.run_sha256[:12]}`): {counts}. "
            f"Implausible: **{told.percent(one.implausible)}** of {one.implausible['n']} answers."
        )
        if one.by_rank:
            ranked = "; ".join(
                f"{_place(rank)} {told.percent(share)}, n = {share['n']}"
                for rank, share in one.by_rank.items()
            )
            st.caption(f"Implausible by strength: {ranked}.")
        doubted = [part for part in one.superpixels if part.counts[IMPLAUSIBLE]]
        if doubted:
            st.dataframe(
                pd.DataFrame(
                    {
                        "Case": part.case,
                        "Superpixel": part.superpixel,
                        "Strength": part.rank,
                        "Weight": part.weight,
                        "Implausible": part.counts[IMPLAUSIBLE],
                        "of readers": part.readers,
                        "Comments": "; ".join(part.comments),
                    }
                    for part in doubted
                ),
                hide_index=True,
                height=min(38 + 35 * len(doubted), 320),
                column_config={"Weight": st.column_config.NumberColumn(format="%+.3f")},
                key=f"{state.IMPLAUSIBLE_TABLE}_{number}",
            )
        else:
            st.caption("No reader called any of them implausible.")
    statistics_csv.offer("superpixels", tables)


def _place(rank: int) -> str:
    return "the strongest" if rank == 1 else f"number {rank}"
