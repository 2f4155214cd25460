"""A DICOM file may claim anything: it ends in a picture or in one sentence, and costs little."""

import random
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zlib

import numpy as np
import pytest

from pipeline.config import REPOSITORY
from pipeline.dicom import decoder
from pipeline.dicom.apart import decode_apart
from pipeline.dicom.codestream import Codestream
from pipeline.dicom.file import is_dicom
from pipeline.errors import ImageError
from pipeline.images import LIMIT_DICOM_MB, read_picture

MUTATIONS = {"native": 260, "packed": 40}
UNDEFINED = 0xFFFFFFFF


@pytest.fixture(scope="module")
def small(radiograph):
    return np.ascontiguousarray(radiograph[::8, ::8]).astype(np.uint16) * 16  # (75, 100)


@pytest.fixture(scope="module")
def file(dicom, to_bytes, small):
    def write(syntax="explicit", pixels=small, bits=12, **elements) -> bytes:
        return to_bytes(dicom(pixels, bits, **elements), syntax)

    return write


def element(tag: int, representation: bytes, value: bytes) -> bytes:
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + representation
    if representation in (b"OB", b"OW", b"SQ", b"UN"):
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def meta(uid: str) -> bytes:
    padded = uid.encode() + b"\0" * (len(uid) % 2)
    return bytes(128) + b"DICM" + element(0x00020010, b"UI", padded)


def refused(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        read_picture(data)
    for sentence in (caught.value.message, caught.value.hint):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "\n" not in sentence
    return caught.value.message


def peak(data: bytes) -> int:
    tracemalloc.start()
    refused(data)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


# --- damaged at random -----------------------------------------------------------------------


def mutated(data: bytes, dice: random.Random, header: int) -> bytes:
    changed = bytearray(data)
    kind = dice.randrange(5)
    for _ in range(dice.choice((1, 2, 8))):
        place = dice.randrange(min(len(changed), header if dice.random() < 0.8 else len(changed)))
        if kind == 0:
            changed[place] ^= 1 << dice.randrange(8)
        elif kind == 1:
            changed[place] = dice.randrange(256)
        elif kind == 2:
            changed[place : place + 4] = struct.pack("<I", dice.choice((0, 1, UNDEFINED, 2**31)))
        elif kind == 3:
            del changed[place : place + dice.randrange(1, 30)]
        else:
            return bytes(changed[: max(place, 1)])
    return bytes(changed)


def test_mutated_files_end_in_a_picture_or_a_sentence(file, small, caplog, capfd):
    from pydicom.dataset import Dataset

    table = Dataset()
    table.add_new(0x00283002, "US", [4096, 0, 8])
    table.add_new(0x00283006, "OW", bytes(range(256)) * 16)
    header = {"PatientName": "Mueller^Anna", "VOILUTSequence": [table], "PatientAge": "003Y"}
    originals = {
        "native": [
            file(**header),
            file("implicit", **header),
            file("big endian", PixelSpacing=[0.1, 0.1], WindowCenter=[9, 9], WindowWidth=[3, 3]),
            file("deflated"),
            file("rle", **header),
            file("jpeg baseline", (small // 16).astype(np.uint8), 8),
            file("explicit", np.dstack([small // 16] * 3).astype(np.uint8), 8),
        ],
        "packed": [
            file(name)
            for name in ("jpeg lossless", "jpeg extended", "jpeg-ls", "jpeg 2000", "htj2k")
        ],
    }
    told = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind, files in originals.items():
            for number in range(MUTATIONS[kind]):
                dice = random.Random(number)
                data = files[number % len(files)]
                # Of packed files the part that only a decoder in C looks at.
                at = len(data) if kind == "packed" else 1200
                try:
                    told.append(read_picture(mutated(data, dice, at)).image.shape)
                except ImageError as error:
                    told.append(str(error))
    assert len(told) == sum(MUTATIONS.values())
    assert 30 < sum(isinstance(one, tuple) for one in told) < 270
    assert not any("Mueller" in str(one) for one in told)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "deflated", "rle", "jpeg-ls"])
def test_no_beginning_of_a_file_is_taken_for_the_whole(file, syntax):
    data = file(syntax)
    for length in (1, 140, 200, 300, 500, len(data) // 2, len(data) - 40):
        refused(data[:length])


def test_nothing_else_is_taken_for_a_dicom_file():
    dice = random.Random(0)
    for _ in range(20_000):
        start = dice.choice((b"", b"\x08\0", b"\x02\0", b"\x08\0\x05\0", b"\x08\0\x05\0CS"))
        assert not is_dicom(start + dice.randbytes(300))
    assert not any(map(is_dicom, (b"", b"\x08\0")))


@pytest.mark.parametrize("syntax", ["implicit", "explicit"])
def test_a_file_without_preamble_and_meta_is_read(file, small, syntax):
    whole = file(syntax, StudyDate="20240101", Manufacturer="Somebody", PatientName="Mueller")
    begin = whole.index(b"\x08\0\x16\0")  # the first element of the data set
    assert begin > 132
    np.testing.assert_array_equal(read_picture(whole[begin:]).depth.values, small)
    with_meta = whole[132:]
    np.testing.assert_array_equal(read_picture(with_meta).depth.values, small)


# --- claims ----------------------------------------------------------------------------------


def test_a_huge_claim_costs_no_memory(file):
    for syntax in ("explicit", "rle", "jpeg-ls", "jpeg 2000 lossless", "jpeg lossless"):
        data = bytearray(file(syntax))
        rows, columns = (data.index(struct.pack("<HH2sH", 0x28, n, b"US", 2)) for n in (16, 17))
        for size, words in ((65535, "40 megapixels"), (6000, "")):
            data[rows + 8 : rows + 10] = data[columns + 8 : columns + 10] = struct.pack("<H", size)
            assert words in refused(bytes(data))
            assert peak(bytes(data)) < 5_000_000


def test_a_frame_that_claims_another_size_than_the_header_is_not_decoded(file):
    data = file("jpeg-ls")
    frame = data.index(b"\xff\xf7")
    lying = data[: frame + 5] + struct.pack(">HH", 60_000, 60_000) + data[frame + 9 :]
    assert "contradict each other" in refused(lying)


def test_a_packed_file_unpacks_to_no_more_than_the_limit():
    flood = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = meta("1.2.840.10008.1.2.1.99")
    data += b"".join(flood.compress(bytes(10_000_000)) for _ in range(30)) + flood.flush()
    assert len(data) < 400_000
    assert f"more than {LIMIT_DICOM_MB} MB" in refused(data)
    assert peak(data) < 2.2 * LIMIT_DICOM_MB * 1e6


def test_a_file_may_be_as_large_as_its_limit_and_no_larger(file):
    data = file()
    data += bytes(LIMIT_DICOM_MB * 1_000_000 - len(data))
    assert read_picture(data).image.shape == (75, 100)
    assert f"larger than {LIMIT_DICOM_MB} MB" in refused(data + b"\0")


def test_sequences_in_sequences_without_end_are_stepped_over(file):
    opening = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, UNDEFINED)
    opening += struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
    closing = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    whole = file()
    place = whole.index(b"\x08\0\x60\0")
    deep = 5_000
    nested = whole[:place] + opening * deep + closing * deep + whole[place:]
    assert read_picture(nested).tags.modality == "DX"
    assert "breaks off" in refused(whole[:place] + opening * deep)


def test_absurdly_many_entries_are_refused():
    data = meta("1.2.840.10008.1.2.1") + element(0x00080060, b"CS", b"") * 400_000
    assert "more than 300000 entries" in refused(data)


def test_absurdly_many_fragments_are_refused(file):
    data = file("rle")
    head = data[: data.rindex(struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OB", 0, UNDEFINED)) + 12]
    assert "entries" in refused(head + struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 400_000)


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"NumberOfFrames": 2}, "several frames"),
        ({"BitsAllocated": 32}, "32 bits"),
        ({"BitsAllocated": 1}, "1 bits"),
        ({"BitsStored": 0}, "damaged"),
        ({"HighBit": 40}, "damaged"),
        ({"SamplesPerPixel": 3}, "damaged"),
        ({"Rows": 0}, "damaged"),
        ({"Rows": 10}, "at least 64"),
        ({"PhotometricInterpretation": "HSV"}, "colours"),
        ({"PhotometricInterpretation": ""}, "damaged"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "damaged"),
    ],
)
def test_headers_that_make_no_sense_are_refused(dicom, to_bytes, small, elements, words):
    assert words in refused(to_bytes(dicom(small, 12, **elements)))


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.110", "1.2.3"])
def test_transfer_syntaxes_that_are_not_read_are_refused(uid):
    assert "transfer syntax" in refused(meta(uid) + element(0x00080060, b"CS", b"DX"))


def test_films_are_refused_with_a_word(file):
    data = file("rle").replace(b"1.2.840.10008.1.2.5\0", b"1.2.840.10008.1.2.4.102\0", 1)
    # The UID is longer: mend the length of its element and of the group.
    place = data.index(b"UI", data.index(b"\x02\0\x10\0")) + 2
    data = data[:place] + struct.pack("<H", 24) + data[place + 2 :]
    assert "a film" in refused(data)


# --- decoders --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "does",
    [
        "import os; os.abort()",
        "import ctypes; ctypes.string_at(0)",
        "raise ValueError",
        "import time; time.sleep(60)",
        "print('too little')",
        "import sys; sys.stdout.write('x' * 20_000)",
    ],
)
def test_a_decoder_that_crashes_or_dawdles_is_an_error_like_any_other(tmp_path, capfd, does):
    program = tmp_path / "decoder.py"
    program.write_text("import sys\nsys.stderr.write('Mueller^Anna')\n" + does)
    frame = Codestream(b"\xff\xd8\xff\xd9", "lossless", 75, 100, 1, 12)
    with pytest.raises(ImageError, match="damaged") as caught:
        decode_apart(frame, program, seconds=2)
    assert caught.value.__context__ is None  # which would carry the frame
    assert capfd.readouterr() == ("", "")


def test_a_decoder_gets_little_memory_and_writes_no_dump(tmp_path):
    program = tmp_path / "decoder.py"
    program.write_text(
        "import resource, sys\n"
        "limits = (resource.RLIMIT_AS, resource.RLIMIT_CORE)\n"
        "told = ' '.join(str(resource.getrlimit(limit)[0]) for limit in limits)\n"
        "sys.stdout.write(told.ljust(100))"
    )
    told = decode_apart(Codestream(b"", "lossless", 1, 100, 1, 8), program)
    assert told.tobytes().split() == [str(decoder.LIMIT_BYTES).encode(), b"0"]


def test_reading_loads_neither_pydicom_nor_a_decoder(file, tmp_path):
    path = tmp_path / "one.dcm"
    path.write_bytes(file("jpeg-ls"))
    script = (
        "import sys\n"
        "from pipeline.images import read_picture\n"
        f"read_picture({str(path)!r})\n"
        "print([n for n in ('pydicom', 'gdcm', 'openjpeg', 'jpeg_ls') if n in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert ended.stdout.strip() == "[]"
