"""A page with nothing but the viewer and what it reports, for stories about it.

Its address says what is on it: ``?picture=deep`` has 16 bits, three windows and pixels that are not
square, ``?picture=flat`` has 8 bits and no spacing; ``&tools=regions``, ``&locked=1``,
``&marked=1`` and ``&explained=1`` stand for arguments of `viewer.show`.
"""

import json

import numpy as np
import streamlit as st

from dashboard import viewer
from pipeline.depth import Depth, Window
from pipeline.explain import Explanation
from pipeline.images import Picture

HEIGHT, WIDTH = 1600, 2000
WINDOWS = (Window("as stored", 0, 4095), Window("LUNG", 1000, 2000), Window("BONE", 2000, 4000))
MARK = {"x": 0.125, "y": 0.125, "width": 0.125, "height": 0.125}


def levels() -> np.ndarray:
    """Noise around level 1500, a bright square at its upper left, a fine chequer in the middle.

    The square fills columns and rows of 1/8 to 1/4; the chequer's fields are single pixels.
    """
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    noise = np.random.default_rng(0).integers(-60, 60, (HEIGHT, WIDTH))
    values = 1500 + noise
    values[HEIGHT // 8 : HEIGHT // 4, WIDTH // 8 : WIDTH // 4] = 3000
    middle = (abs(rows - HEIGHT / 2) < 200) & (abs(columns - WIDTH / 2) < 250)
    values[middle] = np.where((rows + columns) % 2, 4000, 0)[middle]
    return values.astype(np.uint16)


@st.cache_resource
def picture(kind: str) -> Picture:
    depth = Depth(levels(), WINDOWS)
    image = depth.windowed(WINDOWS[0])
    if kind == "flat":
        return Picture(image, 0.0, "f" * 64)
    # Rows lie twice as far apart as columns.
    return Picture(image, 0.0, "d" * 64, depth=depth, spacing_mm=(0.2, 0.1))


@st.cache_resource
def explanation() -> Explanation:
    """Nine superpixels, of which the fifth is the strongest, then the first, then the ninth."""
    rows, columns = np.mgrid[0:96, 0:96] // 32
    segments = (3 * rows + columns).astype(np.int32)
    weights = np.array([-2.0, 0.1, 0.2, 0.1, 3.0, 0.1, 0.1, 0.1, 1.0])
    return Explanation(
        method="lime",
        run="drawn",
        target=1,
        segments=segments,
        weights=weights,
        margins=np.full(9, 0.5),
        heat=weights[segments].astype(np.float32),
        unit="log odds",
        intercept=0.0,
        seed=0,
        samples=1,
        segmentation="own",
        fill="blur",
        fidelity_r2=1.0,
        stability=1.0,
        settled=True,
        probability=0.5,
        seconds=0.0,
    )


asked = st.query_params
st.set_page_config(layout="wide")
st.title("The viewer")
scene = st.segmented_control("Scene", ["one", "two"], default="one", required=True)


@st.fragment
def shown() -> None:
    told = viewer.show(
        picture(asked.get("picture", "deep")),
        [viewer.Layer("first", "Drawn", explanation())] if "explained" in asked else [],
        tools=[tool for tool in asked.get("tools", "regions").split(",") if tool],
        asked="mask" if "explained" in asked else "",
        scene=scene,
        marks=[MARK] if "marked" in asked else [],
        locked="locked" in asked,
        numbered="explained" in asked,
    )
    with st.container(key="told"):
        st.code(json.dumps({"altered": told.altered, "wanted": told.wanted}))


shown()
