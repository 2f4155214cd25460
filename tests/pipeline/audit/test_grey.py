"""Grey levels of pictures whose levels are known."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.audit.grey import of_pictures, sizes
from pipeline.dataset import Item


def item(number: int, split: str = "train", label: int = 0) -> Item:
    return Item(Path(f"{number}.png"), split, label, "normal", f"p{number}")


def test_a_picture_half_black_half_white_is_described_as_such():
    image = np.zeros((64, 64), np.uint8)
    image[32:] = 255
    found = of_pictures(np.stack([image] * 4), [item(i) for i in range(4)])
    own = found["train"]["NORMAL"]
    assert set(found) == {"train"}
    assert (own["n"], own["patients"]) == (4, 4)
    assert own["histogram"] == [0.5, *[0.0] * 30, 0.5]
    assert own["rows"] == [0.0] * 16 + [255.0] * 16
    assert own["columns"] == [127.5] * 32
    assert own["brightness"]["value"] == 127.5
    assert own["contrast"]["quantiles"] == [127.5] * 5


def test_the_interval_of_the_mean_widens_when_pictures_are_siblings():
    images = np.repeat(np.arange(8, dtype=np.uint8) * 30, 5)[:, None, None] * np.ones(
        (1, 32, 32), np.uint8
    )
    apart = [item(i) for i in range(40)]
    together = [item(i // 5) for i in range(40)]
    widths = []
    for items in (apart, together):
        mean = of_pictures(images, items)["train"]["NORMAL"]["brightness"]
        assert mean["value"] == pytest.approx(105)
        assert mean["low"] < 105 < mean["high"]
        widths.append(mean["high"] - mean["low"])
    # Eight children instead of forty pictures: wider by about the root of five.
    assert widths[1] / widths[0] == pytest.approx(5**0.5, rel=0.25)


def test_equal_sizes_are_called_so_and_others_described():
    items = [item(0), item(1), item(2, "test", 1)]
    assert sizes([(224, 224)] * 3, items)["same"]
    found = sizes([(100, 200), (100, 300), (50, 50)], items)
    assert not found["same"]
    assert found["groups"]["train"]["NORMAL"]["aspect"][2] == 2.5
    assert found["groups"]["test"]["PNEUMONIA"]["width"] == [50.0] * 5
