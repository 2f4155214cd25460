"""Two explanations of one picture: do their models and their maps agree?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.sections.explaining import Choice, Explained, judged
from dashboard.wording import viewer as wording
from pipeline.classifier import Verdict
from pipeline.explain import LOOKS_INSIDE, Explanation
from pipeline.explain.agreement import agreement
from pipeline.images import Picture


def calls(picture: Picture, verdict: Verdict, choices: Sequence[Choice]) -> None:
    """Say whether a second model makes the same call; nothing where there is none."""
    if len(choices) < 2 or choices[1].run.name == choices[0].run.name:
        return
    name = choices[1].run.name
    probability, call = judged(picture, choices[1].run, verdict.operating_point)
    if call == verdict.decision:
        st.caption(f":material/check: {wording.calls_agree(name, probability, call)}")
        return
    st.warning(
        wording.calls_differ(
            (verdict.run, name), (verdict.probability, probability), (verdict.decision, call)
        ),
        icon=":material/difference:",
    )


def maps(found: Sequence[Explained], choices: Sequence[Choice]) -> None:
    """Say how alike two finished explanations are; nothing before there are two."""
    if len(found) < 2 or not all(one.job is None for one in found):
        return
    first, second = (one.explanation for one in found)
    if _same_map(first, second):
        st.info(wording.SAME_MAP, icon=":material/content_copy:")
        return
    told = agreement(first, second)
    two_runs = choices[0].run.name != choices[1].run.name
    text = wording.agreement(
        told.correlation, told.overlap, told.disagree, "two models" if two_runs else "two methods"
    )
    if told.disagree:
        st.warning(text, icon=":material/difference:")
    else:
        st.caption(f":material/compare: {text}")


def _same_map(a: Explanation, b: Explanation) -> bool:
    """Whether two methods that look inside are one on this network: see `pipeline.explain.gradcam`.

    By the maps and not by the network's layers: it is what the reader sees.
    """
    both = {a.method, b.method} == set(LOOKS_INSIDE) and a.run == b.run
    # Single precision; and the same maps up to it.
    return both and np.allclose(a.heat, b.heat, rtol=1e-4, atol=1e-5 * np.abs(a.heat).max())
