"""Readable pictures are decoded right; every other one gets one sentence and a next step."""

import io
import os
import struct
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageOps

from pipeline.errors import ImageError
from pipeline.images import LIMIT_MB, encode_jpeg, encode_png, read_image, read_picture, resize

PNG_START = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def small(radiograph):
    return np.ascontiguousarray(radiograph[100:400:3, 100:460:3])  # (100, 120)


def saved(picture: Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(header: tuple, stream: bytes, *extra: bytes) -> bytes:
    """A PNG of `header` (width, height, bits, colour type), whatever its `stream` really holds."""
    ihdr = struct.pack(">IIBBBBB", *header, 0, 0, 0)
    return PNG_START + b"".join(
        [chunk(b"IHDR", ihdr), *extra, chunk(b"IDAT", stream), chunk(b"IEND", b"")]
    )


def rows(image: np.ndarray) -> bytes:
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in image))


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + jpeg[2:]


def claiming(jpeg: bytes, height: int, width: int) -> bytes:
    frame = jpeg.index(b"\xff\xc0")
    return jpeg[: frame + 5] + struct.pack(">HH", height, width) + jpeg[frame + 9 :]


# --- read right -------------------------------------------------------------------------------


def test_a_grey_png_is_read_exactly_and_named_by_its_bytes(small):
    picture = read_picture(encode_png(small))
    np.testing.assert_array_equal(picture.image, small)
    assert picture.colour == 0
    assert picture.notes == ()
    assert len(picture.sha256) == 64


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_grey_pixels_come_out_the_same_from_every_mode(small, mode):
    picture = read_picture(saved(Image.fromarray(small).convert(mode), "PNG"))
    np.testing.assert_array_equal(picture.image, small)
    assert picture.colour == 0
    assert picture.notes == ()


def test_an_interlaced_png_is_read_exactly():
    # Pillow writes no interlaced files: all seven passes of an 80 x 70 picture, by hand.
    image = np.arange(70 * 80, dtype=np.uint8).reshape(70, 80)
    passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    raw = b"".join(b"\0" + row.tobytes() for x, y, dx, dy in passes for row in image[y::dy, x::dx])
    header = struct.pack(">IIBBBBB", 80, 70, 8, 0, 0, 0, 1)
    data = (
        PNG_START
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(raw))
        + chunk(b"IEND", b"")
    )
    np.testing.assert_array_equal(read_image(data), image)


def test_one_bit_becomes_black_and_white(small):
    bits = Image.fromarray(small > 100)
    np.testing.assert_array_equal(read_image(saved(bits, "PNG")), np.where(small > 100, 255, 0))


def test_a_palette_is_looked_up(small):
    coloured = Image.fromarray(np.stack([small, small // 2, 255 - small], axis=2)).quantize(64)
    picture = read_picture(saved(coloured, "PNG"))
    np.testing.assert_array_equal(picture.image, np.asarray(coloured.convert("RGB").convert("L")))
    assert picture.colour > 0.1


def test_colour_is_turned_to_luminance_and_measured(small):
    red = Image.fromarray(np.stack([np.full_like(small, 200), small * 0, small * 0], axis=2))
    picture = read_picture(saved(red, "PNG"))
    np.testing.assert_array_equal(picture.image, np.asarray(red.convert("L")))
    assert picture.colour == pytest.approx(200 / 255, abs=0.01)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_is_read_as_its_decoder_says(small, progressive):
    data = saved(Image.fromarray(small), "JPEG", quality=80, progressive=progressive)
    np.testing.assert_array_equal(read_image(data), np.asarray(Image.open(io.BytesIO(data))))


def test_cmyk_is_converted_and_said(small):
    data = saved(Image.fromarray(small).convert("CMYK"), "JPEG", quality=95)
    picture = read_picture(data)
    expected = Image.open(io.BytesIO(data)).convert("RGB").convert("L")
    np.testing.assert_array_equal(picture.image, np.asarray(expected))
    assert np.abs(picture.image.astype(int) - small).mean() < 4
    assert "CMYK" in picture.notes[0]


def test_transparent_parts_are_shown_on_black_and_said(small):
    alpha = np.where(np.arange(120) < 60, 0, 255).astype(np.uint8) * np.ones((100, 1), np.uint8)
    picture = read_picture(saved(Image.fromarray(np.dstack([small, alpha])), "PNG"))
    assert (picture.image[:, :60] == 0).all()
    np.testing.assert_array_equal(picture.image[:, 60:], small[:, 60:])
    assert "black" in picture.notes[0]


def test_a_transparent_palette_entry_is_black():
    image = Image.new("P", (80, 80), 1)
    image.putpalette([0, 0, 0, 255, 255, 255])
    for transparency in (1, bytes([255, 0])):
        assert (read_image(saved(image, "PNG", transparency=transparency)) == 0).all()


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_sixteen_bit_files_are_scaled_by_the_depth_they_use(small, bits):
    deep = np.round(small / small.max() * (2**bits - 1)).astype(np.uint16)
    picture = read_picture(saved(Image.fromarray(deep), "PNG"))
    np.testing.assert_array_equal(picture.image, np.round(deep * (255 / (2**bits - 1))))
    assert f"{bits} to 8" in picture.notes[0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_exif_orientation_is_undone(small, orientation, format):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(Image.fromarray(small), format, exif=exif.tobytes())
    picture = read_picture(data)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(picture.image, np.asarray(expected))
    assert bool(picture.notes) == (orientation != 1)


def test_of_a_multi_picture_file_the_first_is_used_and_said(small):
    first, second = Image.fromarray(small), Image.fromarray(255 - small)
    data = saved(first, "MPO", save_all=True, append_images=[second])
    picture = read_picture(data)
    np.testing.assert_array_equal(picture.image, read_image(saved(first, "JPEG")))
    assert "first" in picture.notes[0]


def test_the_content_decides_not_the_extension(small, tmp_path):
    path = tmp_path / "picture.jpg"
    path.write_bytes(encode_png(small))
    np.testing.assert_array_equal(read_image(path), small)


def test_threads_read_the_same_pictures(radiograph):
    files = [encode_jpeg(radiograph, quality) for quality in range(60, 92)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(read_image, files))
    for data, image in zip(files, together, strict=True):
        np.testing.assert_array_equal(image, read_image(data))


# --- harmless because it is left out ----------------------------------------------------------


def test_bombs_beside_the_pixels_are_never_unpacked(small):
    bomb = zlib.compress(bytes(100_000_000), 9)
    extra = [
        chunk(b"iCCP", b"profile\0\0" + bomb),
        chunk(b"zTXt", b"comment\0\0" + bomb),
        chunk(b"iTXt", b"comment\0\1\0\0\0" + bomb),
        chunk(b"tEXt", b"comment\0" + b"x" * 2_000_000),
        chunk(b"tEXt", b"transparency\0many"),  # keywords that Pillow takes for its own entries
        chunk(b"tEXt", b"bbox\0many"),
        chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12" * 40),
    ]
    data = png((120, 100, 8, 0), rows(small), *extra)
    tracemalloc.start()
    image = read_image(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(image, small)
    assert peak < 10_000_000


def test_senseless_metadata_of_a_jpeg_neither_stops_nor_warns(small):
    plain = encode_jpeg(small)
    data = plain
    for content in (b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01", b"Exif\0\0MM\0*\xff\xff\xff\xff"):
        data = with_segment(data, 0xE1, content)
    data = with_segment(data, 0xE2, b"MPF\0MM\0*\0\0\0\x08\0\xff")
    data = with_segment(data, 0xE2, b"ICC_PROFILE\0\x01\x09" + bytes(60_000))
    np.testing.assert_array_equal(read_image(data), read_image(plain))


# --- refused ----------------------------------------------------------------------------------


def too_many_scans(jpeg: bytes) -> bytes:
    scan, end = jpeg.index(b"\xff\xda"), jpeg.rindex(b"\xff\xd9")
    return jpeg[:end] + jpeg[scan:end] * 150 + jpeg[end:]


def animation(image: np.ndarray) -> bytes:
    return saved(
        Image.fromarray(image), "PNG", save_all=True, append_images=[Image.fromarray(255 - image)]
    )


def with_other_depth(jpeg: bytes) -> bytes:
    frame = jpeg.index(b"\xff\xc0")
    return jpeg[: frame + 4] + b"\x0c" + jpeg[frame + 5 :]


REFUSED = {
    "empty": (lambda image: b"", "empty"),
    "text": (lambda image: b"a letter, not a picture" * 20, "not a PNG, JPEG or DICOM"),
    "gif": (lambda image: saved(Image.fromarray(image), "GIF"), "GIF"),
    "tiff": (lambda image: saved(Image.fromarray(image), "TIFF"), "TIFF"),
    "webp": (lambda image: saved(Image.fromarray(image), "WEBP"), "WebP"),
    "pdf": (lambda image: b"%PDF-1.7 ...", "PDF"),
    "empty dicom": (lambda image: bytes(128) + b"DICM", "DICOM file holds no picture"),
    "over the size limit": (lambda image: bytes(LIMIT_MB * 1_000_000 + 1), "larger than 32 MB"),
    "one pixel": (lambda image: encode_png(image[:1, :1]), "1 x 1 pixels"),
    "thumbnail": (lambda image: encode_jpeg(image[:40, :90]), "90 x 40 pixels"),
    "200 megapixels": (lambda image: png((20_000, 10_000, 8, 0), rows(image)), "40 megapixels"),
    "four gigapixels": (lambda image: claiming(encode_jpeg(image), 65535, 65535), "40 megapixels"),
    "no height": (lambda image: claiming(encode_jpeg(image), 0, 120), "120 x 0 pixels"),
    "animated": (animation, "animated"),
    "cut png": (lambda image: encode_png(image)[:-40], "breaks off"),
    "cut jpeg": (lambda image: encode_jpeg(image)[:-40], "breaks off"),
    "cut jpeg with an end": (lambda image: encode_jpeg(image)[:-900] + b"\xff\xd9", "breaks off"),
    "png that claims more": (lambda image: png((120, 150, 8, 0), rows(image)), "breaks off"),
    "png that claims less": (lambda image: png((120, 80, 8, 0), rows(image)), "damaged"),
    "jpeg that claims more": (lambda image: claiming(encode_jpeg(image), 300, 120), "breaks off"),
    "png without pixels": (lambda image: png((120, 100, 8, 0), b""), "breaks off"),
    "png of no known kind": (lambda image: png((120, 100, 8, 5), rows(image)), "damaged"),
    "palette that is missing": (lambda image: png((120, 100, 8, 3), rows(image)), "damaged"),
    "flipped bit": (lambda image: flipped(encode_png(image), -200), "damaged"),
    "twelve bit jpeg": (lambda image: with_other_depth(encode_jpeg(image)), "12 bit"),
    "jpeg of many scans": (lambda image: too_many_scans(encode_jpeg(image)), "layers"),
    "png of a million chunks": (
        lambda image: png((120, 100, 8, 0), rows(image), chunk(b"IDAT", b"") * 1_000_000),
        "damaged",
    ),
    "jpeg of a million segments": (
        lambda image: b"\xff\xd8" + b"\xff\xdb\0\x02" * 1_000_000 + encode_jpeg(image)[2:],
        "damaged",
    ),
    "two headers": (
        lambda image: png((120, 100, 8, 0), rows(image), chunk(b"IHDR", bytes(13))),
        "damaged",
    ),
}


def flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position] ^= 1
    return bytes(changed)


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_judged_gets_one_sentence_and_a_next_step(small, case):
    make, words = REFUSED[case]
    with pytest.raises(ImageError) as caught:
        read_picture(make(small))
    assert words in caught.value.message
    for sentence in (caught.value.message, caught.value.hint):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "\n" not in sentence


@pytest.mark.parametrize("encode", [encode_png, encode_jpeg])
def test_no_beginning_of_a_file_is_taken_for_the_whole(small, encode):
    data = encode(small)
    for length in range(1, len(data), 17):
        with pytest.raises(ImageError):
            read_picture(data[:length])


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_a_huge_claim_costs_no_memory(small, format):
    # 40 megapixels, the most that is allowed, of which 12 thousand pixels are there.
    if format == "PNG":
        data = png((20_000, 2_000, 8, 6), rows(small))
    else:
        data = claiming(encode_jpeg(small), 20_000, 2_000)
    tracemalloc.start()
    with pytest.raises(ImageError, match="breaks off"):
        read_picture(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_files_that_cannot_be_opened_say_why(tmp_path):
    with pytest.raises(ImageError, match="folder"):
        read_picture(tmp_path)
    with pytest.raises(ImageError, match="No such file"):
        read_picture(tmp_path / "missing.png")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="ordinary file"):
        read_picture(tmp_path / "pipe.png")


# --- resampling -------------------------------------------------------------------------------


def test_resizing_averages_instead_of_skipping():
    stripes = np.tile(np.array([0, 255], np.uint8), (640, 320))
    assert np.abs(resize(stripes, 64).astype(int) - 128).max() <= 4


@pytest.mark.parametrize("image", [np.zeros((80, 80, 3), np.uint8), np.zeros((80, 80), np.int32)])
def test_resizing_takes_only_grey_levels(image):
    with pytest.raises(ValueError, match=r"Expected a \(H, W\) uint8 or uint16 image. Received"):
        resize(image, 64)


def test_sixteen_bit_levels_are_resized_without_losing_any():
    ramp = np.tile(np.linspace(0, 40_000, 640).astype(np.uint16), (640, 1))
    small = resize(ramp, 64)
    assert small.dtype == np.uint16
    assert np.abs(small[:, 8:-8] - ramp.reshape(64, 10, 64, 10).mean((1, 3))[:, 8:-8]).max() < 40
