"""The viewer in a real browser: what is toggled is drawn there and then, and nothing is lost."""

import re
import statistics

import pytest

from pipeline.images import encode_jpeg

pytestmark = pytest.mark.browser

# Switch one thing ten times; after each, how long until the canvas shows something else.
CHANGES = """
async (root, act) => {
  const canvas = root.querySelector("canvas");
  const small = document.createElement("canvas");
  small.width = small.height = 48;
  const look = () => {
    const context = small.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0, 48, 48);
    return context.getImageData(0, 0, 48, 48).data.join();
  };
  const took = [];
  for (let i = 0; i < 10; i++) {
    const before = look(), start = performance.now();
    if (act.click) root.querySelector(act.click).click();
    else {
      const slider = root.querySelector(act.slide);
      slider.value = i % 2 ? act.low : act.high;
      slider.dispatchEvent(new Event("input"));
    }
    while (look() === before) {
      if (performance.now() - start > 5000) return `change ${i} was never drawn`;
      await new Promise(requestAnimationFrame);
    }
    took.push(performance.now() - start);
  }
  return took;
}
"""
# Counts what the page sends to its server, over whatever socket it has open.
COUNT_SENT = """
() => {
  const send = WebSocket.prototype.send;
  window.sentToServer = 0;
  WebSocket.prototype.send = function (...given) {
    window.sentToServer += 1;
    return send.apply(this, given);
  };
}
"""


@pytest.fixture
def opened(open_page, radiograph, settle):
    """Open the reading page with an uploaded JPEG, at a width."""

    def open_it(**options):
        page = open_page("", **options)
        page.locator(".st-key-source").get_by_text("Upload").click()
        settle(page)
        page.locator("input[type=file]").set_input_files(
            {"name": "chest.jpeg", "mimeType": "image/jpeg", "buffer": encode_jpeg(radiograph)}
        )
        page.locator(".viewer canvas").first.wait_for()
        settle(page)
        return page

    return open_it


@pytest.fixture
def explained(opened, settle):
    """The page with LIME's heatmap over the picture, and its viewer focused."""

    def explain(**options):
        page = opened(**options)
        press(page, "h")
        page.locator(".viewer[data-layers='first'][data-busy='false']").wait_for(timeout=120_000)
        settle(page)
        page.wait_for_timeout(1000)  # the viewer reports once the hand rests
        settle(page)
        return page

    return explain


def press(page, *keys: str) -> None:
    page.locator(".viewer .frame").focus()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(100)


def pressed(page, label: str) -> bool:
    button = page.locator(".viewer").get_by_role("button", name=label, exact=True)
    return button.get_attribute("aria-pressed") == "true"


def test_toggles_and_sliders_answer_within_a_tenth_of_a_second_and_ask_nobody(explained):
    page = explained()
    press(page, "m")
    page.wait_for_timeout(1000)
    viewer = page.locator(".viewer")
    page.evaluate(COUNT_SENT)
    for act in (
        {"click": "[data-toggle=heat]"},
        {"click": "[data-toggle=mask]"},
        {"click": "[data-toggle=outlines]"},
        {"slide": "[data-set=opacity]", "low": 0.2, "high": 0.9},
        {"slide": "[data-set=k]", "low": 1, "high": 9},
        {"slide": "[data-set=least]", "low": 0, "high": 0.9},
    ):
        took = viewer.evaluate(CHANGES, act)
        assert isinstance(took, list), took
        assert statistics.median(took) < 100, (act, took)
        # Well within the time after which the viewer reports what it shows, if not what it asks.
        if sum(took) < 390:
            assert page.evaluate("() => window.sentToServer") == 0, act
        page.wait_for_timeout(1200)
        page.evaluate("() => { window.sentToServer = 0 }")


def test_zoom_and_position_survive_toggles_layouts_new_layers_and_another_page(opened, settle):
    page = opened()
    page.locator(".viewer canvas").first.dblclick(position={"x": 120, "y": 90})
    viewer = page.locator(".viewer")
    page.wait_for_timeout(200)
    zoomed = [viewer.get_attribute(name) for name in ("data-zoom", "data-at")]
    assert float(zoomed[0]) > 2

    def same() -> bool:
        page.wait_for_timeout(150)
        return zoomed == [viewer.get_attribute(name) for name in ("data-zoom", "data-at")]

    press(page, "m")
    page.locator(".viewer[data-layers='first'][data-busy='false']").wait_for(timeout=120_000)
    settle(page)
    assert same()
    for key in "hosw":
        press(page, key)
        assert same(), key
    page.get_by_role("link", name="About").first.click()
    page.get_by_role("heading", name="About", level=1).wait_for()
    page.get_by_role("link", name="Read an X-ray").first.click()
    page.locator(".viewer canvas").first.wait_for()
    settle(page)
    assert same()
    assert pressed(page, "Mask")
    assert viewer.get_attribute("data-layout") == "swipe"
    press(page, "w", "0")
    assert viewer.get_attribute("data-zoom") == "1.000"


def test_pointing_at_a_superpixel_says_its_weight_and_interval(explained):
    page = explained()
    canvas = page.locator(".viewer canvas").first
    box = canvas.bounding_box()
    said = set()
    for row in range(1, 6):
        for column in range(1, 6):
            canvas.hover(position={"x": box["width"] * column / 6, "y": box["height"] * row / 6})
            said.add(page.locator(".viewer .tip").inner_text())
    assert len(said) > 5
    number = r"([+−]\d+\.\d{2})"
    sentence = (
        rf"{number} log odds \(odds × [\d.,]+\)\s+"
        rf"95 % interval, for all parts at once: {number} to {number}"
    )
    for text in said:
        found = re.search(sentence, text)
        weight, low, high = (float(part.replace("−", "-")) for part in found.groups())
        assert low <= weight <= high
        if low > 0 or high < 0:
            assert f"Speaks {'for' if weight > 0 else 'against'} pneumonia" in text
        elif low < 0 < high:
            assert "Not evidence: the interval includes zero" in text


def test_the_swipe_handle_goes_where_it_is_dragged_and_by_keyboard(explained):
    page = explained()
    press(page, "w")
    handle = page.locator(".viewer .handle")
    box, pane = handle.bounding_box(), page.locator(".viewer .pane").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(pane["x"] + pane["width"] / 4, box["y"] + 40, steps=4)
    page.mouse.up()
    assert abs(int(handle.get_attribute("aria-valuenow")) - 25) <= 1
    handle.press("End")
    page.wait_for_timeout(100)
    assert handle.get_attribute("aria-valuenow") == "100"
    handle.press("ArrowLeft")
    page.wait_for_timeout(100)
    assert handle.get_attribute("aria-valuenow") == "98"


def drag(page, start: float, end: float) -> None:
    """Draw a rectangle from share `start` to share `end` of the picture."""
    box = page.locator(".viewer canvas").first.bounding_box()
    page.mouse.move(box["x"] + start * box["width"], box["y"] + start * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], box["y"] + end * box["height"], steps=4)
    page.mouse.up()


def test_parts_are_hidden_by_click_and_by_key_and_come_back(opened, settle):
    page = opened()
    press(page, "p")
    canvas = page.locator(".viewer canvas").first
    box = canvas.bounding_box()
    for count, share in ((1, 0.35), (2, 0.65)):
        canvas.click(position={"x": box["width"] * share, "y": box["height"] * 0.5})
        page.get_by_text(f"Without {count} superpixel").wait_for()
    canvas.click(position={"x": box["width"] * 0.65, "y": box["height"] * 0.5})
    page.get_by_text("Without 1 superpixel ").wait_for()
    press(page, "]", "Enter")
    page.get_by_text("Without 2 superpixels").wait_for()
    press(page, "Backspace")
    page.locator(".st-key-without").wait_for(state="detached")
    page.locator(".viewer .answer").wait_for(state="hidden")


def test_a_blanked_rectangle_changes_the_probability(opened):
    page = opened()
    press(page, "b")
    drag(page, 0.1, 0.9)
    page.get_by_text("Without 1 rectangle").wait_for()
    page.locator(".viewer .answer").get_by_text("Without them").wait_for()
    answer = page.locator(".viewer .answer").inner_text()
    after, before = (float(share) for share in re.findall(r"([\d.]+) %", answer))
    assert after != before
    assert f"instead of {before:.1f} %" in page.locator(".st-key-without").inner_text()


def test_a_marked_finding_hides_nothing(opened, settle):
    page = opened()
    press(page, "r")
    drag(page, 0.3, 0.6)
    page.wait_for_timeout(1000)
    settle(page)
    assert page.locator(".st-key-without").count() == 0
    assert page.locator(".viewer").get_by_role("button", name="Reset").is_enabled()


def test_the_keys_are_listed_and_arrows_leave_the_page_alone(opened):
    page = opened()
    press(page, "?")
    assert page.locator(".viewer .keys").get_by_text("swipe between two").is_visible()
    press(page, "Escape")
    assert not page.locator(".viewer .keys").is_visible()
    press(page, "o")
    assert pressed(page, "Outlines")
    assert page.locator(".viewer").get_attribute("data-layers") == "", (
        "no explanation was asked for"
    )


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_phone_has_everything_without_scrolling_sideways(explained, scheme):
    page = explained(size={"width": 390, "height": 844}, scheme=scheme)
    press(page, "m", "s")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    first, second = (pane.bounding_box() for pane in page.locator(".viewer .pane").all())
    assert second["y"] >= first["y"] + first["height"], "below each other where there is no room"
    assert first["width"] > 250
    page.locator(".viewer").get_by_role("button", name="Swipe").click()
    page.locator(".viewer .handle").wait_for()
