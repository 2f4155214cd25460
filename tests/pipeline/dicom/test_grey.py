"""Stored levels become grey as the header asks: modality, window, inversion, in this order."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from pipeline.images import encode_png, read_image, read_picture

RAMP = (np.arange(80 * 64).reshape(64, 80) % 4096).astype(np.uint16)


def lut(entries, first, bits) -> Dataset:
    table = Dataset()
    table.add_new(0x00283002, "US" if first >= 0 else "SS", [len(entries), first, bits])
    table.add_new(0x00283006, "OW", np.asarray(entries, "<u2").tobytes())
    return table


def shown(to_bytes, data) -> np.ndarray:
    picture = read_picture(to_bytes(data))
    first = picture.depth.windowed(picture.depth.windows[0])
    np.testing.assert_array_equal(first, picture.image)  # the promise of `Picture.depth`
    return picture.image


def by_pydicom(data) -> np.ndarray:
    """What pydicom's own functions make of the same header, black to white in 0 to 255."""
    values = apply_modality_lut(data.pixels, data)
    if "VOILUTSequence" in data:
        values = values.astype(int)  # or pydicom warns
    values = apply_voi_lut(values, data).astype(float)
    if "VOILUTSequence" in data:
        low, high = 0, 2 ** data.VOILUTSequence[0].LUTDescriptor[2] - 1
    else:  # pydicom spreads windows over the values that there can be, downwards if they fall
        slope, intercept = data.get("RescaleSlope", 1), data.get("RescaleIntercept", 0)
        lowest = -(2 ** (data.BitsStored - 1)) if data.PixelRepresentation else 0
        low, high = (
            lowest * slope + intercept,
            (lowest + 2**data.BitsStored - 1) * slope + intercept,
        )
    grey = 255 * (values - low) / (high - low)
    return 255 - grey if data.PhotometricInterpretation == "MONOCHROME1" else grey


HEADERS = {
    "linear": {"WindowCenter": 2000, "WindowWidth": 1500},
    "linear, one of several": {"WindowCenter": [900, 2000], "WindowWidth": [800, 1500]},
    "exact": {"WindowCenter": 2000, "WindowWidth": 1500, "VOILUTFunction": "LINEAR_EXACT"},
    "sigmoid": {"WindowCenter": 2000, "WindowWidth": 900, "VOILUTFunction": "SIGMOID"},
    "rescaled": {
        "RescaleSlope": 2,
        "RescaleIntercept": -1000,
        "WindowCenter": 3000,
        "WindowWidth": 2000,
    },
    "rescaled downwards": {
        "RescaleSlope": -0.5,
        "RescaleIntercept": 100,
        "WindowCenter": -800,
        "WindowWidth": 900,
    },
    "table": {"VOILUTSequence": [lut(np.arange(1000) ** 2 // 250, 500, 12)]},
    "table after rescaling": {
        "RescaleSlope": 2,
        "RescaleIntercept": -3000,
        "VOILUTSequence": [lut(np.arange(2000) // 2, -1000, 10)],
    },
}


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("case", HEADERS)
def test_grey_levels_are_those_that_pydicom_works_out(dicom, to_bytes, case, signed, photometric):
    pixels = RAMP if not signed else (RAMP.astype(np.int16) - 2048)
    header = dict(HEADERS[case])
    if signed and "WindowCenter" in header:
        slope = header.get("RescaleSlope", 1)
        header["WindowCenter"] = np.subtract(header["WindowCenter"], 2048 * slope).tolist()
    data = dicom(pixels, 12, PhotometricInterpretation=photometric, **header)
    np.testing.assert_allclose(shown(to_bytes, data), by_pydicom(data), atol=0.51)


@pytest.mark.parametrize("kind", ["<u2", "u1"])
def test_tables_of_eight_bits_come_in_words_or_in_bytes(dicom, to_bytes, kind):
    entries = np.arange(4096) // 16
    table = lut(entries, 0, 8)
    table.LUTData = entries.astype(kind).tobytes()
    np.testing.assert_array_equal(
        shown(to_bytes, dicom(RAMP, 12, VOILUTSequence=[table])), entries[RAMP]
    )


def test_a_modality_table_comes_before_the_window(dicom, to_bytes):
    table = lut(4 * np.arange(4096)[::-1], 0, 14)
    data = dicom(RAMP, 12, WindowCenter=8192, WindowWidth=16384)
    data.ModalityLUTSequence = [table]
    expected = np.round(255 * np.clip(4 * (4095 - RAMP.astype(float)) / 16383, 0, 1))
    np.testing.assert_allclose(shown(to_bytes, data), expected, atol=1)


def test_monochrome1_and_inverse_are_one_inversion(dicom, to_bytes):
    header = {"WindowCenter": 2048, "WindowWidth": 4096}
    plain = shown(to_bytes, dicom(RAMP, 12, **header))
    for told in (
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"PresentationLUTShape": "INVERSE"},
        {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
    ):
        np.testing.assert_array_equal(
            shown(to_bytes, dicom(RAMP, 12, **header, **told)), 255 - plain
        )


def test_in_the_levels_kept_a_larger_one_is_always_brighter(dicom, to_bytes):
    for told in (
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"RescaleSlope": -1, "RescaleIntercept": 0},
        {"PhotometricInterpretation": "MONOCHROME1", "RescaleSlope": -1, "RescaleIntercept": 7},
    ):
        picture = read_picture(to_bytes(dicom(RAMP, 12, **told)))
        order = np.argsort(picture.depth.values, axis=None, kind="stable")
        assert (np.diff(picture.image.ravel()[order].astype(int)) >= 0).all()
        assert (picture.image.min(), picture.image.max()) == (0, 255)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_does_not_steal_the_range(dicom, to_bytes, photometric):
    pixels = RAMP // 8 + 1000  # 1000 to 1511
    pixels[:10] = 4095
    data = dicom(pixels, 12, PhotometricInterpretation=photometric)
    data.add_new(0x00280120, "US", 4095)
    picture = read_picture(to_bytes(data))
    assert (picture.image[:10] == 0).all()
    inside = picture.image[10:]
    assert (inside.min(), inside.max()) == (0, 255)
    assert any("padding" in note for note in picture.notes)


def test_padding_may_be_a_range_and_below_zero(dicom, to_bytes):
    pixels = (RAMP // 8).astype(np.int16) - 100
    pixels[0], pixels[1] = -2000, -1500
    data = dicom(pixels, 12)
    data.add_new(0x00280120, "SS", -2000)
    data.add_new(0x00280121, "SS", -1500)
    picture = read_picture(to_bytes(data))
    assert (picture.image[:2] == 0).all()
    assert picture.depth.windows[0].high - picture.depth.windows[0].low < 1000


def test_without_a_window_deep_pictures_show_their_range_and_say_so(dicom, to_bytes):
    picture = read_picture(to_bytes(dicom(RAMP // 4 + 700, 12)))
    assert (picture.image.min(), picture.image.max()) == (0, 255)
    assert any("names no window" in note for note in picture.notes)


def test_without_a_window_eight_bits_are_shown_as_they_are(dicom, to_bytes):
    pixels = (RAMP % 100 + 50).astype(np.uint8)
    np.testing.assert_array_equal(shown(to_bytes, dicom(pixels)), pixels)


@pytest.mark.parametrize(
    "window", [(50_000, 100), (-9000, 10), (2000, 0), (2000, -5), ("9" * 16, 400)]
)
def test_a_window_that_shows_nothing_is_left_out(dicom, to_bytes, window):
    data = dicom(RAMP, 12, WindowCenter=window[0], WindowWidth=window[1])
    image = shown(to_bytes, data)
    assert (image.min(), image.max()) == (0, 255)


def test_what_stands_in_the_bits_above_is_no_grey(dicom, to_bytes):
    levels = RAMP & 1023
    with_overlay = levels | (RAMP % 2 << 12).astype(np.uint16)
    np.testing.assert_array_equal(
        read_picture(to_bytes(dicom(with_overlay, 10))).depth.values, levels
    )
    shifted = dicom(levels << 4, 10, HighBit=13)
    np.testing.assert_array_equal(read_picture(to_bytes(shifted)).depth.values, levels)


def test_windows_have_names_of_our_own(dicom, to_bytes):
    data = dicom(RAMP, 12, WindowCenter=[900, 2000], WindowWidth=[800, 1500])
    data.WindowCenterWidthExplanation = ["ANNA MUELLER", "LUNG"]
    names = [window.name for window in read_picture(to_bytes(data)).depth.windows]
    assert names == [
        "the file's window",
        "window 2 of the file",
        "whole range",
        "1 to 99 % of the pixels",
    ]


def test_the_one_to_ninetynine_window_leaves_out_the_rare(dicom, to_bytes):
    pixels = np.full((100, 100), 500, np.uint16)
    pixels[:50] = 900
    pixels[0, 0], pixels[99, 99] = 0, 4000
    windows = {w.name: w for w in read_picture(to_bytes(dicom(pixels, 12))).depth.windows}
    middle = windows["1 to 99 % of the pixels"]
    assert (middle.low, middle.high) == (500, 900)


def test_a_flat_picture_is_read(dicom, to_bytes):
    picture = read_picture(to_bytes(dicom(np.full((70, 70), 7, np.uint16), 12)))
    assert (picture.image == 0).all()


def test_the_levels_kept_are_no_view_of_the_file(dicom, to_bytes):
    data = to_bytes(dicom(RAMP, 16))
    values = read_picture(data).depth.values
    while values is not None:  # the header would stay in memory as long as the picture
        assert values is None or isinstance(values, np.ndarray)
        values = values.base
    assert b"1.2.3.4" in data


def test_sixteen_bit_pngs_keep_their_levels_turned_upright(radiograph):
    deep = radiograph[::4, ::4].astype(np.uint16) * 16
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(deep).save(buffer, "PNG", exif=exif.tobytes())
    picture = read_picture(buffer.getvalue())
    np.testing.assert_array_equal(picture.depth.values, np.rot90(deep, -1))
    first = picture.depth.windowed(picture.depth.windows[0])
    np.testing.assert_array_equal(first, picture.image)
    assert [window.name for window in picture.depth.windows] == ["all of 12 bits", "whole range"]


@pytest.mark.parametrize("name", ["mlut_18.dcm", "vlut_04.dcm", "MR_small.dcm", "693_UNCI.dcm"])
def test_real_files_look_as_pydicom_works_them_out(name):
    path = get_testdata_file(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = dcmread(path)
        values = apply_voi_lut(apply_modality_lut(data.pixel_array, data), data).astype(float)
    order = np.argsort(values, axis=None, kind="stable")
    image = read_image(path).ravel().astype(int)[order]
    padding = data.get("PixelPaddingValue")
    if padding is not None:
        image = image[(data.pixel_array != padding).ravel()[order]]
    assert (np.diff(image) >= 0).all()
    assert len(np.unique(image)) >= 100


def test_colours_of_all_kinds_are_those_of_the_png(dicom, to_bytes):
    rng = np.random.default_rng(0)
    rgb = np.repeat(np.repeat(rng.integers(0, 256, (12, 14, 3), np.uint8), 8, 0), 8, 1)
    expected = read_image(encode_png(rgb))
    by_plane = dicom(rgb, PlanarConfiguration=1)
    by_plane.pixels = np.ascontiguousarray(rgb.transpose(2, 0, 1))
    np.testing.assert_array_equal(read_image(to_bytes(by_plane)), expected)
    ybr = np.asarray(Image.fromarray(rgb).convert("YCbCr"))
    full = read_image(to_bytes(dicom(ybr, PhotometricInterpretation="YBR_FULL")))
    assert np.abs(full.astype(int) - expected).max() <= 2
    halved = dicom(ybr, PhotometricInterpretation="YBR_FULL_422")
    pairs = ybr.reshape(len(ybr), -1, 2, 3)
    halved.pixels = np.concatenate([pairs[..., 0], pairs[:, :, 0, 1:]], axis=2)
    found = read_image(to_bytes(halved))
    assert np.abs(found.astype(int) - expected).max() <= 2


def test_a_palette_is_looked_up(dicom, to_bytes):
    places = (RAMP % 16).astype(np.uint8)
    data = dicom(places, PhotometricInterpretation="PALETTE COLOR")
    tables = np.random.default_rng(1).integers(0, 65536, (3, 16))
    for number, table in enumerate(tables):
        data.add_new(0x00281101 + number, "US", [16, 0, 16])
        data.add_new(0x00281201 + number, "OW", table.astype("<u2").tobytes())
    rgb = (tables.T >> 8).astype(np.uint8)[places]
    np.testing.assert_array_equal(read_image(to_bytes(data)), read_image(encode_png(rgb)))
