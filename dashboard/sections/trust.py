"""How far may this map be trusted? The verdict first, then what it rests on."""

from __future__ import annotations

import math

import streamlit as st

from dashboard.figures import trust as figures
from dashboard.wording import trust as told
from pipeline.explain import verdict
from pipeline.explain.explanation import Explanation
from pipeline.explain.trust import Trust

_PLAIN = {"displayModeBar": False}
# Box, icon: shape and words say it as well as the colour.
_HEADLINES = {
    verdict.STEADY: (st.success, ":material/verified:"),
    verdict.UNSTABLE: (st.warning, ":material/do_not_disturb_on:"),
    verdict.OUTSIDE: (st.error, ":material/wrong_location:"),
}


def panel(explanation: Explanation, trust: Trust, key: str = "trust") -> None:
    """Draw the panel.

    Parameters
    ----------
    key : begins the keys of the charts; another one for a second panel on the same page.
    """
    st.markdown(f"**{told.TITLE}**", help=told.NOT_THE_CALL)
    headline(trust)
    _numbers(explanation)
    _curves(explanation, trust, key)
    _meter(explanation, trust, key)


def headline(trust: Trust) -> None:
    """Draw the verdict alone, with its reasons."""
    box, icon = _HEADLINES[trust.verdict.kind]
    box(f"**{trust.verdict.sentence}**\n\n{told.reasons(trust.verdict.reasons)}", icon=icon)


def _numbers(explanation: Explanation) -> None:
    r2 = explanation.fidelity_r2
    # A row that wraps: columns would become three bands on a phone.
    with st.container(horizontal=True):
        st.metric(
            told.FIDELITY,
            told.NO_SURROGATE if math.isnan(r2) else f"{r2:.2f}",
            help=told.FIDELITY_HELP,
            width="content",
        )
        st.metric(
            told.STABILITY,
            f"{explanation.stability:.2f}",
            help=told.STABILITY_HELP,
            width="content",
        )
        st.metric(
            told.SETTLED,
            "yes" if explanation.settled else "not yet",
            help=told.SETTLED_HELP,
            width="content",
        )


def _curves(explanation: Explanation, trust: Trust, key: str) -> None:
    for place, curve, name, title, help, axis in zip(
        st.columns(2),
        (trust.deletion, trust.insertion),
        ("deletion", "insertion"),
        (told.DELETION, told.INSERTION),
        (told.DELETION_HELP, told.INSERTION_HELP),
        ("Share taken away", "Share put back"),
        strict=True,
    ):
        place.markdown(f"**{title}**", help=help)
        place.plotly_chart(
            figures.faithfulness(curve, explanation.target, axis),
            key=f"{key}_{name}",
            config=_PLAIN,
            alt=f"{title}: area {curve.area:.2f}, random orders {curve.random_area:.2f}",
        )
        place.caption(told.area(curve))


def _meter(explanation: Explanation, trust: Trust, key: str) -> None:
    chart, text = st.columns(2)
    chart.markdown(f"**{told.METER}**", help=told.METER_HELP)
    if math.isnan(trust.outside_share):
        chart.caption(told.NOTHING_FOR)
    else:
        shares = {
            told.INSIDE: 1 - trust.outside_share,
            told.OUTSIDE: trust.outside_share,
            told.BORDER: trust.border_share,
        }
        chart.plotly_chart(
            figures.shortcut_meter(shares, told.BLIND),
            key=f"{key}_meter",
            config=_PLAIN,
            alt="; ".join(f"{title} {100 * share:.0f} %" for title, share in shares.items()),
        )
    text.markdown(f"**{told.WITHOUT}**", help=told.WITHOUT_HELP)
    before, target = explanation.probability, explanation.target
    text.markdown(told.without_border(target, before, trust.without_border))
    text.markdown(told.without_marker(target, before, trust.without_marker))
