"""Puts an SVG of `dashboard.figures.pictograms` on the page, in the page's own colour of text.

Streamlit's `st.html` takes SVG out, and `st.image` shows it black on black.
"""

from __future__ import annotations

import streamlit as st

_picture = st.components.v2.component(
    "pictogram",
    html='<div class="pictogram"></div>',
    css=".pictogram { color: var(--st-text-color); font-family: var(--st-font); }",
    # Only figures and the project's own words come here, never anything of a user.
    js="""export default function ({ data, parentElement }) {
      const parsed = new DOMParser().parseFromString(data.svg, "image/svg+xml");
      parentElement.querySelector(".pictogram").replaceChildren(parsed.documentElement);
    }""",
)


def draw(svg: str, key: str) -> None:
    """Show an SVG; under the same `key` it replaces the one before."""
    _picture(key=key, data={"svg": svg})
