"""Whatever bytes come, they are a picture or are refused; what is written is read as it was."""

import numpy as np
import pytest
from dicom_parts import BIG, DEFLATED, EXPLICIT, IMPLICIT, PIXELS, Part, written
from fuzz_dicom import header
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.errors import ImageError
from pipeline.images import decode_png, encode_png, read_picture, resize, shrunk

BEGINNINGS = (
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    bytes(128) + b"DICM",
    b"\x08\0\x05\0CS",
)
sides = st.integers(1, 90)


@st.composite
def images(draw, kind=np.uint8, sides=sides):
    shape = draw(sides), draw(sides)
    return np.random.default_rng(draw(st.integers(0, 99))).integers(
        0, draw(st.integers(1, np.iinfo(kind).max)), shape, kind, endpoint=True
    )


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=300))
def test_bytes_are_a_picture_or_are_refused_with_two_sentences(beginning, rest):
    try:
        assert read_picture(beginning + rest).image.ndim == 2
    except ImageError as refused:
        sentences = refused.message, refused.hint
    else:
        return
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in sentences)


@given(images() | images(np.uint16))
def test_png_gives_back_what_it_was_given(image):
    back = decode_png(encode_png(image))
    assert back.dtype == image.dtype
    np.testing.assert_array_equal(back, image)


@given(images(sides=st.integers(64, 90)))
def test_a_grey_png_is_read_as_it_is(image):
    picture = read_picture(encode_png(image))
    np.testing.assert_array_equal(picture.image, image)
    assert picture.colour == 0


@given(images() | images(np.uint16), sides, sides)
def test_resizing_stays_within_what_was_there(image, height, width):
    small = resize(image, height, width)
    assert small.shape == (height, width)
    assert small.dtype == image.dtype
    assert image.min() <= small.min()
    assert small.max() <= image.max()


@given(images(), sides)
def test_shrinking_never_enlarges_and_keeps_the_aspect(image, longest):
    small = shrunk(image, longest)
    assert max(small.shape) == min(longest, max(image.shape))
    for after, before in zip(small.shape, image.shape, strict=True):
        assert abs(after - max(1, before * max(small.shape) / max(image.shape))) <= 0.5


@st.composite
def radiographs(draw):
    """Return stored integers (65, 72), how they are stored, and the header's own numbers."""
    allocated = draw(st.sampled_from([8, 16]))
    bits = draw(st.integers(8 if allocated == 16 else 4, allocated))
    signed = draw(st.booleans())
    low = -(2 ** (bits - 1)) if signed else 0
    seed = draw(st.integers(0, 99))
    stored = np.random.default_rng(seed).integers(low, low + 2**bits, (65, 72))
    return {
        "stored": stored,
        "allocated": allocated,
        "bits": bits,
        "shift": draw(st.integers(0, allocated - bits)),
        "signed": signed,
        "inverted": draw(st.booleans()),
        "slope": draw(st.sampled_from([1, 0.5, 2, -1, 0.001])),
        "intercept": draw(st.sampled_from([0, -1024, 0.25])),
        "syntax": draw(st.sampled_from([IMPLICIT, EXPLICIT, BIG, DEFLATED])),
        "window": draw(st.none() | st.tuples(st.integers(-2000, 70_000), st.integers(2, 70_000))),
    }


def file(told: dict) -> bytes:
    kind = np.uint8 if told["allocated"] == 8 else np.uint16
    pattern = told["stored"].astype(np.int64) & (2 ** told["bits"] - 1)
    packed = (pattern << told["shift"]).astype(kind)
    words = b"OB" if told["allocated"] == 8 else b"OW"
    more = [
        Part(0x00281052, b"DS", f"{told['intercept']:g}".encode()),
        Part(0x00281053, b"DS", f"{told['slope']:g}".encode()),
    ]
    if told["window"]:
        more += [
            Part(tag, b"DS", str(value).encode())
            for tag, value in zip((0x00281050, 0x00281051), told["window"], strict=True)
        ]
    parts = header(
        told["allocated"],
        Part(PIXELS, words, packed.tobytes()),
        b"MONOCHROME1" if told["inverted"] else b"MONOCHROME2",
        *more,
    )
    own = {
        0x00280101: told["bits"],
        0x00280102: told["bits"] + told["shift"] - 1,
        0x00280103: int(told["signed"]),
    }
    parts = [
        Part(one.tag, b"US", own[one.tag].to_bytes(2, "little")) if one.tag in own else one
        for one in parts
    ]
    return written(told["syntax"], parts)


@given(radiographs())
def test_a_radiograph_looks_as_the_standard_says(told):
    """PS3.3, C.11.1 and C.11.2.1.2.1, written out anew for every pixel."""
    picture = read_picture(file(told))
    values = told["slope"] * told["stored"] + told["intercept"]
    brightness = -values if told["inverted"] else values
    levels = picture.depth.values.astype(float)
    # Brighter is a larger level, in steps that are all alike.
    np.testing.assert_allclose(
        (levels - levels.min()) * abs(told["slope"]), brightness - brightness.min(), atol=1e-6
    )
    if told["window"] is None or not picture.depth.windows[0].name.startswith("the file"):
        return
    centre, width = told["window"]
    share = np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)
    shown = 255 * (1 - share if told["inverted"] else share)
    assert np.abs(picture.image - shown).max() <= 0.5 + 1e-6


@given(arrays(np.uint16, (3, 3)))
def test_what_is_too_small_is_refused(levels):
    with pytest.raises(ImageError, match="at least 64"):
        read_picture(encode_png(levels))
