"""The viewer as a reading station: windows, turns, full resolution, rulers and findings."""

import json
import re

import pytest

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}
# Grey (red = green = blue) at a share of the first canvas; None where it is not grey.
GREY = """
(root, [u, v]) => {
  const canvas = root.querySelector("canvas");
  const at = [Math.round(u * canvas.width), Math.round(v * canvas.height)];
  const [red, green, blue] = canvas.getContext("2d").getImageData(...at, 1, 1).data;
  return red === green && green === blue ? red : null;
}
"""
# How much neighbouring pixels of the screen differ in the middle of the first canvas.
ROUGHNESS = """
(root) => {
  const canvas = root.querySelector("canvas"), side = 40;
  const { data } = canvas.getContext("2d").getImageData(
    canvas.width / 2 - side / 2, canvas.height / 2 - side / 2, side, side);
  let sum = 0;
  for (let i = 0; i < side * side - 1; i++) sum += Math.abs(data[4 * i] - data[4 * i + 4]);
  return sum / (side * side - 1);
}
"""
NOISE = 12  # grey levels by which the drawn picture's noise may move a pixel
SQUARE = (0.19, 0.19)  # in the bright square
FIELD = (0.9, 0.9)


@pytest.fixture(scope="module")
def station(serving):
    with serving("tests/browser/viewer_page.py") as address:
        yield address


@pytest.fixture(scope="module")
def window(browser):
    """Give a browser window of a kind; one serves many pages, which then load faster."""
    contexts = {}

    def of_kind(size, scheme, touch):
        kind = (*size.values(), scheme, touch)
        if kind not in contexts:
            contexts[kind] = browser.new_context(
                viewport=size, color_scheme=scheme, has_touch=touch
            )
            contexts[kind].set_default_timeout(30_000)
        return contexts[kind]

    yield of_kind
    for context in contexts.values():
        context.close()


@pytest.fixture
def look_at(window, station, settle):
    """Open the page with the viewer; keyword arguments become its address."""
    pages = []

    def open_it(size=WIDE, scheme="dark", touch=False, **asked):
        page = window(size, scheme, touch).new_page()
        pages.append(page)
        page.received = []  # sizes of what the server sent

        def count(frame) -> None:
            page.received.append(len(frame))

        page.on("websocket", lambda socket: socket.on("framereceived", count))
        page.goto(f"{station}/?" + "&".join(f"{name}={value}" for name, value in asked.items()))
        page.locator(".viewer[data-pixels='shown']").wait_for()
        settle(page)
        return page

    yield open_it
    for page in pages:
        page.close()


def press(page, *keys: str) -> None:
    page.locator(".viewer .frame").focus()
    for key in keys:
        page.keyboard.press(key)
    drawn(page)


def drawn(page) -> None:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))")


def grey(page, place) -> int | None:
    return page.locator(".viewer").evaluate(GREY, list(place))


def drag(page, start, end, button="left") -> None:
    """Drag from one place of the first canvas to another, both in shares of it."""
    box = page.locator(".viewer canvas").first.bounding_box()
    (u, v), (to_u, to_v) = start, end
    page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"])
    page.mouse.down(button=button)
    page.mouse.move(box["x"] + to_u * box["width"], box["y"] + to_v * box["height"], steps=4)
    page.mouse.up(button=button)
    drawn(page)


def marks(page) -> list[str]:
    """What the list below the picture says of findings and lines."""
    return page.locator(".viewer .marks .what").all_inner_texts()


def told(page, settle, tells) -> dict | None:
    """What the page was told of findings, once that is as it should be."""
    settle(page)
    code = page.locator(".st-key-told code")
    for _ in range(50):
        said = json.loads(code.inner_text())["altered"]
        if tells(said):
            return said
        page.wait_for_timeout(100)
    raise AssertionError(f"the page was told {said}")


def states(page, *names: str) -> list[str]:
    viewer = page.locator(".viewer")
    return [viewer.get_attribute(f"data-{name}") for name in names]


def test_a_drag_changes_the_window_and_the_default_brings_it_back(look_at):
    page = look_at()
    before = grey(page, FIELD)
    assert abs(before - 1500 * 255 / 4095) < NOISE
    assert page.locator(".viewer .reads").inner_text().split() == ["C", "2048", "W", "4095"]
    press(page, "l")
    drag(page, (0.5, 0.5), (0.3, 0.5))
    low, high = map(float, states(page, "window")[0].split())
    assert high - low < 3500, "to the left the window gets narrower"
    assert low + high == pytest.approx(4095), "and keeps its centre"
    narrow = grey(page, FIELD)
    assert abs(narrow - 255 * (1500 - low) / (high - low)) < NOISE
    assert narrow < before
    drag(page, (0.5, 0.7), (0.5, 0.3))
    assert grey(page, FIELD) > narrow + NOISE, "upwards the picture gets brighter"
    assert "Not as opened (window)" in page.locator(".viewer .sight").inner_text()
    press(page, "v")
    assert grey(page, FIELD) == before
    assert page.locator(".viewer .judged").inner_text() == "As opened"
    drag(page, (0.5, 0.5), (0.3, 0.5), button="right")
    assert states(page, "window") != ["0 4095"], "the right button does the same"


def test_presets_come_from_the_file_and_are_reached_by_list_and_key(look_at):
    page = look_at()
    preset = page.locator(".viewer .preset")
    assert preset.locator("option").all_inner_texts() == ["as stored", "LUNG", "BONE"]
    preset.select_option("BONE")
    drawn(page)
    assert grey(page, FIELD) == 0
    assert abs(grey(page, SQUARE) - 255 * (3000 - 2000) / 2000) < NOISE
    press(page, "g", "g")
    assert states(page, "window") == ["1000 2000"]
    assert abs(grey(page, FIELD) - 127) < 2 * NOISE
    press(page, "l", "ArrowRight")
    assert preset.locator("option").all_inner_texts()[-1] == "own"
    low, high = map(float, states(page, "window")[0].split())
    assert high - low > 1000


def test_eight_bits_have_a_window_too(look_at):
    page = look_at(picture="flat")
    before = grey(page, FIELD)
    assert not page.locator(".viewer .preset").is_visible(), "there is but one"
    press(page, "l", *["ArrowLeft"] * 10)
    low, high = map(float, states(page, "window")[0].split())
    assert (low + high, high - low) == pytest.approx((255, 255 * 0.6))
    assert abs(grey(page, FIELD) - 255 * (before - low) / (high - low)) < NOISE


def test_inverting_turns_every_grey_around(look_at):
    page = look_at()
    before = [grey(page, place) for place in (FIELD, SQUARE)]
    press(page, "i")
    assert [grey(page, place) for place in (FIELD, SQUARE)] == [255 - one for one in before]
    assert states(page, "inverted") == ["true"]
    press(page, "i")
    assert [grey(page, place) for place in (FIELD, SQUARE)] == before


def test_a_turned_picture_keeps_its_findings_on_the_same_anatomy(look_at, settle):
    page = look_at()
    bright = grey(page, SQUARE)
    press(page, "Shift+R")
    assert abs(grey(page, (1 - SQUARE[1], SQUARE[0])) - bright) < NOISE, "90 degrees clockwise"
    assert abs(grey(page, SQUARE) - bright) > 3 * NOISE
    box = page.locator(".viewer canvas").first.bounding_box()
    assert box["height"] == pytest.approx(box["width"] * 2000 / 1600, rel=0.01)
    press(page, "r")
    drag(page, (0.76, 0.12), (0.87, 0.24))  # what is seen of the square
    said = told(page, settle, lambda altered: altered)
    (one,) = said["rectangles"]
    assert one["x"] == pytest.approx(0.12, abs=0.01)
    assert one["y"] == pytest.approx(1 - 0.87, abs=0.01)
    assert one["width"] == pytest.approx(0.12, abs=0.01)
    assert one["height"] == pytest.approx(0.11, abs=0.01)
    assert marks(page)[0].startswith("A: upper right")
    for turns, corner, place in (
        ("2", "lower right", (1 - SQUARE[0], 1 - SQUARE[1])),
        ("3", "lower left", (SQUARE[1], 1 - SQUARE[0])),
        ("0", "upper left", SQUARE),
    ):
        press(page, "Shift+R")
        assert states(page, "turns") == [turns]
        assert marks(page)[0].startswith(f"A: {corner}")
        assert abs(grey(page, place) - bright) < NOISE
    # Its left side is drawn where the picture as opened has it.
    sides = [grey(page, (0.12 + step / 1000, 0.18)) for step in range(-8, 9)]
    assert None in sides, "the coloured line of the finding lies along the square's left side"


def test_a_line_says_millimetres_and_counts_both_spacings(look_at):
    page = look_at()
    press(page, "d")
    drag(page, (0.2, 0.4), (0.7, 0.4))
    drag(page, (0.2, 0.3), (0.2, 0.8))
    drag(page, (0.2, 0.2), (0.5, 0.6))
    across, down, aslant = (float(re.search(r"([\d.]+) mm", one)[1]) for one in marks(page))
    assert across == pytest.approx(0.5 * 2000 * 0.1, abs=0.5)
    assert down == pytest.approx(0.5 * 1600 * 0.2, abs=0.5)
    assert aslant == pytest.approx(((0.3 * 200) ** 2 + (0.4 * 320) ** 2) ** 0.5, abs=0.7)
    press(page, "Shift+R")
    assert float(re.search(r"([\d.]+) mm", marks(page)[0])[1]) == across
    press(page, "Backspace")
    assert len(marks(page)) == 2
    page.get_by_role("button", name="Remove line 1").click()
    assert len(marks(page)) == 1
    # By keyboard: two tenths of what is seen, then longer by five hundredths.
    press(page, "Shift+R", "Shift+R", "Shift+R", "d", "d", "Enter", *["Shift+ArrowRight"] * 5)
    press(page, "Enter")
    assert marks(page)[-1] == "2: 50.0 mm"
    press(page, "Enter", "Escape")
    assert len(marks(page)) == 2, "dropped"


def test_without_spacing_a_line_is_in_pixels_of_the_original(look_at):
    page = look_at(picture="flat")
    press(page, "d")
    drag(page, (0.25, 0.5), (0.75, 0.5))
    assert int(re.search(r"1: (\d+) px", marks(page)[0])[1]) == pytest.approx(1000, abs=5)


@pytest.mark.parametrize("picture", ["deep", "flat"])
def test_zooming_in_brings_every_pixel_and_sends_them_once(look_at, settle, picture):
    page = look_at(picture=picture)
    viewer = page.locator(".viewer")
    assert viewer.evaluate(ROUGHNESS) < 40, "the small picture has lost the fine chequer"
    assert "1100 of 2000 pixels" in page.locator(".viewer .pixels").inner_text()
    press(page, "z")
    page.locator(".viewer[data-pixels='original']").wait_for()
    assert viewer.evaluate(ROUGHNESS) > 200, "black beside white"
    assert page.locator(".viewer .pixels").inner_text() == "2000 × 1600 pixels"
    settle(page)
    big = [size for size in page.received if size > 200_000]
    assert len(big) == 2, "the small picture and the original"
    press(page, "i", "r")
    drag(page, (0.2, 0.2), (0.4, 0.4))
    told(page, settle, lambda altered: altered)
    assert [size for size in page.received if size > 200_000] == big
    press(page, "Escape", "0")
    page.locator(".viewer[data-pixels='shown']").wait_for()


def test_another_scene_begins_afresh_and_the_first_one_is_kept(look_at, settle):
    page = look_at(marked=1)
    assert marks(page) == ["A: upper left, 25 × 40 mm"]
    press(page, "i", "Shift+R", "r")
    drag(page, (0.5, 0.5), (0.7, 0.6))
    first = told(page, settle, lambda altered: altered and len(altered["rectangles"]) == 2)
    assert first["scene"] == "one"
    page.get_by_role("radio", name="two").click()
    settle(page)
    page.wait_for_timeout(300)
    assert marks(page) == ["A: upper left, 25 × 40 mm"]
    assert states(page, "inverted", "turns", "zoom") == ["false", "0", "1.000"]
    second = told(page, settle, lambda altered: True)
    assert second is None or (second["scene"], len(second["rectangles"])) == ("two", 1)
    page.get_by_role("radio", name="one").click()
    settle(page)
    page.wait_for_timeout(300)
    assert len(marks(page)) == 2
    assert states(page, "inverted", "turns") == ["true", "1"]


def test_locked_findings_stay_as_they_are(look_at):
    page = look_at(marked=1, locked=1)
    assert "locked" in page.locator(".viewer .hint").inner_text()
    assert not page.get_by_role("button", name="Mark a finding").is_visible()
    assert page.get_by_role("button", name="Remove finding A").count() == 0
    page.get_by_role("button", name="Finding A:").click()
    press(page, "ArrowRight", "Backspace", "Delete", "r", "Enter", "Enter")
    drag(page, (0.18, 0.18), (0.6, 0.6))
    assert marks(page) == ["A: upper left, 25 × 40 mm"]
    assert json.loads(page.locator(".st-key-told code").inner_text())["altered"] is None


def test_findings_are_drawn_moved_and_removed_by_keyboard_alone(look_at, settle):
    page = look_at()
    press(page, "r", "Enter", "ArrowRight", "ArrowDown", "Shift+ArrowLeft", "Enter")
    (one,) = told(page, settle, lambda altered: altered)["rectangles"]
    assert one == pytest.approx(
        {"kind": "region", "x": 0.41, "y": 0.41, "width": 0.19, "height": 0.2}
    )
    press(page, "Enter", *["ArrowLeft"] * 3, "Enter")
    assert [text[0] for text in marks(page)] == ["A", "B"]
    second = page.get_by_role("button", name="Finding B:")
    second.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowDown")
    drawn(page)
    assert second.get_attribute("aria-pressed") == "true"
    said = told(page, settle, lambda altered: altered["rectangles"][1]["height"] > 0.205)
    assert said["rectangles"][1]["y"] == pytest.approx(0.39)
    page.keyboard.press("Backspace")
    drawn(page)
    said = told(page, settle, lambda altered: len(altered["rectangles"]) == 1)
    assert said["rectangles"] == [one]
    assert len(marks(page)) == 1


def test_a_chosen_finding_is_dragged_and_sized(look_at, settle):
    page = look_at(marked=1)
    page.locator(".viewer canvas").first.click(position={"x": 150, "y": 120})
    drag(page, (0.19, 0.19), (0.39, 0.29))
    (one,) = told(page, settle, lambda altered: altered)["rectangles"]
    assert (one["x"], one["y"]) == pytest.approx((0.325, 0.225), abs=0.01)
    assert (one["width"], one["height"]) == pytest.approx((0.125, 0.125))
    drag(page, (one["x"] + 0.125, one["y"] + 0.125), (0.6, 0.6))
    (one,) = told(page, settle, lambda a: a["rectangles"][0]["width"] > 0.2)["rectangles"]
    assert one["x"] + one["width"] == pytest.approx(0.6, abs=0.01)


def test_numbers_stand_on_the_strongest_superpixels_in_every_turn(look_at):
    page = look_at(explained=1)
    page.locator(".viewer[data-layers='first']").wait_for()
    # A number is written in white within a dark circle: look for both around each middle.
    around = """
    (root, [u, v]) => {
      const canvas = root.querySelector("canvas"), ratio = devicePixelRatio, side = 22 * ratio;
      const { data } = canvas.getContext("2d").getImageData(
        u * canvas.width - side / 2, v * canvas.height - side / 2, side, side);
      const greys = [...data].filter((_, i) => i % 4 === 0);
      return Math.min(...greys) < 60 && Math.max(...greys) === 255;
    }
    """
    viewer = page.locator(".viewer")
    sixth = 1 / 6
    for _ in range(4):
        numbered = [viewer.evaluate(around, [u, v]) for u, v in _turned(page, sixth)]
        assert numbered == [True, True, True, False], states(page, "turns")
        press(page, "Shift+R")


def _turned(page, sixth: float) -> list[tuple[float, float]]:
    """Middles of the three that are evidence and of one that is not, as they are seen."""
    found = [(sixth, sixth), (0.5, 0.5), (5 * sixth, 5 * sixth), (5 * sixth, sixth)]
    for _ in range(int(states(page, "turns")[0])):
        found = [(1 - v, u) for u, v in found]
    return found


def test_a_blind_reading_shows_and_asks_nothing_of_the_model(look_at):
    page = look_at(tools="regions")
    viewer = page.locator(".viewer")
    for name in ("Mask", "Heatmap", "Outlines", "Side by side", "Swipe", "Hide parts"):
        assert not viewer.get_by_role("button", name=name).is_visible()
    press(page, "m", "h", "o", "s", "w", "p", "b")
    assert states(page, "layout") == ["one"]
    page.wait_for_timeout(600)
    assert json.loads(page.locator(".st-key-told code").inner_text()) == {
        "altered": None,
        "wanted": None,
    }
    assert "model" not in viewer.inner_text()
    press(page, "?")
    assert "invert" in page.locator(".viewer .keys").inner_text()
    assert "mask" not in page.locator(".viewer .keys").inner_text()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_finger_marks_windows_and_measures_on_a_phone(look_at, scheme):
    page = look_at(NARROW, scheme, touch=True)
    assert page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    for button, before in (("Mark a finding", []), ("Measure", ["A"])):
        assert [text[0] for text in marks(page)] == before
        page.locator(".viewer").get_by_role("button", name=button).tap()
        _swipe(page, (0.3, 0.4), (0.7, 0.6))
    assert [text[:2] for text in marks(page)] == ["A:", "1:"]
    page.locator(".viewer").get_by_role("button", name="Window", exact=True).tap()
    _swipe(page, (0.3, 0.4), (0.7, 0.4))
    low, high = map(float, states(page, "window")[0].split())
    assert high - low > 4095 * 1.2


def _swipe(page, start, end) -> None:
    """Drag with a finger that rests at the end; else Chromium takes the next tap for its stop."""
    canvas = page.locator(".viewer canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    session = page.context.new_cdp_session(page)
    for step in range(7):
        share = min(step, 4) / 4
        at = [one + share * (other - one) for one, other in zip(start, end, strict=True)]
        point = {"x": box["x"] + at[0] * box["width"], "y": box["y"] + at[1] * box["height"]}
        kind = {0: "touchStart", 6: "touchEnd"}.get(step, "touchMove")
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if kind == "touchEnd" else [point]},
        )
        page.wait_for_timeout(60)
    session.detach()
    drawn(page)
