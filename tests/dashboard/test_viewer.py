"""What the viewer sends to the browser, and what it makes of what comes back."""

import json
import zlib

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state, viewer
from dashboard.viewer import pixels


def unpacked(data: bytes) -> tuple[dict, np.ndarray]:
    """What ``pixels.js`` does, in NumPy."""
    length = int.from_bytes(data[:4], "little")
    head = json.loads(data[4 : 4 + length])
    planes = np.frombuffer(zlib.decompress(data[4 + length :]), np.uint8)
    width, bands = head["width"], []
    for top in range(0, head["height"], head["band"]):
        rows = min(head["band"], head["height"] - top)
        size = rows * width
        steps, planes = planes[:size].astype(np.uint16), planes[size:]
        if head["bits"] == 16:
            steps, planes = (steps << 8) | planes[:size], planes[size:]
        bands.append(np.cumsum(steps.reshape(rows, width), axis=1, dtype=np.uint16))
    kind = np.uint16 if head["bits"] == 16 else np.uint8
    return head, np.concatenate(bands).astype(kind)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (256, 3), (600, 257)])
def test_values_reach_the_browser_unchanged(kind, shape):
    values = np.random.default_rng(0).integers(0, np.iinfo(kind).max, shape, kind, endpoint=True)
    head, back = unpacked(pixels.packed(values, "a", "full"))
    assert (head["picture"], head["part"], head["bits"]) == ("a", "full", 8 * values.itemsize)
    assert back.dtype == values.dtype
    assert np.array_equal(back, values)


def page(kind: str, full: bool) -> None:
    """A page with one viewer; what the browser reports is put into the session before."""
    import numpy as np
    import streamlit as st

    from dashboard import viewer
    from pipeline.depth import Depth, Window
    from pipeline.images import Picture

    levels = np.random.default_rng(0).integers(0, 4096, (1600, 2000)).astype(np.uint16)
    depth = Depth(levels, (Window("wide", 0, 4095), Window("narrow", 1000, 2000)))
    image = depth.windowed(depth.windows[0])
    deep = {"depth": depth, "spacing_mm": (0.2, 0.1)} if kind == "deep" else {}
    picture = Picture(image, 0.0, "a" * 64, **deep)
    if full:
        st.session_state["viewer"] = {"full": {"picture": picture.sha256}}
    mark = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4, "kind": "ignored"}
    viewer.show(picture, tools=["regions"], scene="one", marks=[mark])


def sent(app: AppTest) -> tuple[dict, list[tuple[dict, np.ndarray]]]:
    """What the viewer is told, and every array of values besides."""
    protos = [entry.proto for entry in app.get("bidi_component")]
    (told,) = [json.loads(one.json) for one in protos if one.component_name == "xray_viewer"]
    return told, [unpacked(one.bytes) for one in protos if one.component_name == "xray_pixels"]


@pytest.mark.parametrize(
    ("kind", "type_", "top", "windows"),
    [("deep", np.uint16, 4095, ["wide", "narrow"]), ("flat", np.uint8, 255, ["as stored"])],
)
def test_the_small_picture_comes_with_its_windows_and_the_originals_size(kind, type_, top, windows):
    app = AppTest.from_function(page, args=(kind, False)).run()
    assert not app.exception
    told, values = sent(app)
    assert [one["name"] for one in told["windows"]] == windows
    assert (told["full"], told["top"]) == ([2000, 1600], top)
    assert told["spacing"] == ([0.2, 0.1] if kind == "deep" else None)
    assert told["marks"] == [{"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}]
    ((head, small),) = values
    assert (head["part"], small.shape, small.dtype) == ("shown", (880, 1100), type_)
    assert (told["width"], told["height"]) == (1100, 880)


def test_the_original_comes_while_the_browser_waits_for_it():
    app = AppTest.from_function(page, args=("deep", True)).run()
    assert not app.exception
    _, values = sent(app)
    assert [(head["part"], array.shape) for head, array in values] == [
        ("shown", (880, 1100)),
        ("full", (1600, 2000)),
    ]


def test_a_picture_without_a_model_is_sent_without_words_of_one():
    app = AppTest.from_function(page, args=("flat", False)).run()
    told, _ = sent(app)
    assert told["layers"] == []
    assert told["parts"] is None
    assert "model" not in json.dumps(told["words"])


def reporting(kind: str) -> None:
    """Write down what `altered` and `newest` make of a report on a picture in a scene."""
    import numpy as np
    import streamlit as st

    from dashboard import viewer
    from pipeline.images import Picture

    image = np.zeros((80, 80), np.uint8)
    for name in "ab":
        for scene in ("", "one", "two"):
            found = getattr(viewer, kind)(Picture(image, 0.0, name * 64), scene=scene)
            st.text(f"{name} {scene} {bool(found() if kind == 'newest' else found)}")


@pytest.mark.parametrize(("scene", "heard"), [({"scene": "one"}, "a one"), ({}, "a ")])
@pytest.mark.parametrize("kind", ["altered", "newest"])
def test_a_report_counts_only_for_its_own_picture_and_scene(kind, scene, heard):
    app = AppTest.from_function(reporting, args=(kind,))
    report = {"picture": "a" * 64, **scene}
    app.session_state[state.VIEWER] = {"altered": report}
    app.session_state[state._MEMORY] = {"reports": state.OrderedDict()}
    app.session_state[state._MEMORY]["reports"]["reports", state.VIEWER] = {"settings": report}
    app.run()
    assert not app.exception
    assert [entry.value for entry in app.text if entry.value.endswith("True")] == [f"{heard} True"]


def test_a_tool_that_there_is_not_is_refused(radiograph):
    from pipeline.images import Picture

    with pytest.raises(ValueError, match=r"Expected tools of .* Received: \['model'\]"):
        viewer.show(Picture(radiograph, 0.0, "a" * 64), tools=["model"])
