"""Two thousand damaged uploads: each ends in a verdict or in one sentence, never in a traceback."""

import io
import random
import resource
import struct
import sys
import zlib
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from pipeline.classifier import Classifier, Verdict
from pipeline.errors import ImageError
from pipeline.images import encode_jpeg, encode_png
from pipeline.runs import open_run

MUTATIONS = 2_000
# Bytes by which the peak of the process may rise. The pictures decode to 54 kB at most, and what
# a mutation may claim and still be decoded is bounded by the bytes its file really has.
LARGEST_GROWTH = 60_000_000


@pytest.fixture(scope="module")
def originals(radiograph) -> list[bytes]:
    image = np.ascontiguousarray(radiograph[::6, ::6])  # (100, 134)
    picture = Image.fromarray(image)
    exif = Image.Exif()
    exif[0x0112] = 6

    def saved(format: str, mode: str, **options) -> bytes:
        buffer = io.BytesIO()
        picture.convert(mode).save(buffer, format, **options)
        return buffer.getvalue()

    deep = io.BytesIO()
    Image.fromarray(image.astype(np.uint16) * 16).save(deep, "PNG")
    return [
        encode_png(image),
        saved("PNG", "P", transparency=0, exif=exif.tobytes()),
        saved("PNG", "RGBA"),
        deep.getvalue(),
        encode_jpeg(image),
        saved("JPEG", "RGB", progressive=True, exif=exif.tobytes(), comment="synthetic"),
        saved("JPEG", "CMYK"),
    ]


def flip_bits(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8, 64))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def flip_bits_in_the_header(data: bytes, dice: random.Random) -> bytes:
    return flip_bits(data[:200], dice) + data[200:]


def truncate(data: bytes, dice: random.Random) -> bytes:
    cut = data[: dice.randrange(len(data))]
    return cut + dice.choice((b"", b"", b"\xff\xd9", chunk(b"IEND", b""), bytes(500)))


def drop_insert_repeat(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    end = min(len(data), start + dice.choice((1, 2, 16, 300)))
    middle = dice.choice((b"", data[start:end] * 3, dice.randbytes(end - start)))
    return data[:start] + middle + data[end:]


def lie_about_the_size(data: bytes, dice: random.Random) -> bytes:
    """Claim another height and width, with a checksum that agrees."""
    claims = [dice.choice((0, 1, 64, 99, 101, 134, 300, 6_000, 65_535, 2**31)) for _ in range(2)]
    if data.startswith(b"\xff\xd8"):
        frame = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
        sizes = struct.pack(">HH", *(min(claim, 65_535) for claim in claims))
        return data[: frame + 5] + sizes + data[frame + 9 :]
    kind, content = pieces(data)[0]
    lie = struct.pack(">II", *claims) + content[8:]
    return data[:8] + chunk(kind, lie) + data[33:]


def lie_about_a_length(data: bytes, dice: random.Random) -> bytes:
    """Overwrite a length, of a PNG chunk or a JPEG segment, or failing that any four bytes."""
    if data.startswith(b"\xff\xd8"):
        starts = [i + 2 for i in range(len(data) - 4) if data[i] == 0xFF and data[i + 1] >= 0xC0]
        length = struct.pack(">H", dice.choice((0, 1, 2, 7, 255, 4_000, 65_535)))
    else:
        starts = [data.index(kind) - 4 for kind in (b"IHDR", b"IDAT", b"IEND")]
        length = struct.pack(">I", dice.choice((0, 1, 12, 5_000, 2**31 - 1, 2**32 - 1)))
    start = dice.choice(starts)
    return data[:start] + length + data[start + len(length) :]


def rearrange(data: bytes, dice: random.Random) -> bytes:
    """Swap, repeat, drop or rewrite whole chunks or segments, with checksums that agree."""
    parts = pieces(data)
    first, second = dice.randrange(len(parts)), dice.randrange(len(parts))
    action = dice.randrange(4)
    if action == 0:
        parts[first], parts[second] = parts[second], parts[first]
    elif action == 1:
        parts.insert(second, parts[first])
    elif action == 2:
        del parts[first]
    else:
        kind, content = parts[first]
        parts[first] = (kind, flip_bits(content, dice) if content else dice.randbytes(5))
    if data.startswith(b"\xff\xd8"):
        return data[:2] + b"".join(kind + content for kind, content in parts)
    return data[:8] + b"".join(chunk(kind, content) for kind, content in parts)


def rewrite_packed_pixels(data: bytes, dice: random.Random) -> bytes:
    """Other bytes, or another number of them, in a PNG stream that is well packed."""
    if data.startswith(b"\xff\xd8"):
        return flip_bits(data, dice)
    parts = pieces(data)
    raw = zlib.decompress(b"".join(content for kind, content in parts if kind == b"IDAT"))
    raw = dice.choice((flip_bits(raw, dice), raw[: dice.randrange(len(raw))], raw * 2, raw * 40))
    parts = [(kind, zlib.compress(raw) if kind == b"IDAT" else content) for kind, content in parts]
    return data[:8] + b"".join(chunk(kind, content) for kind, content in parts)


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def pieces(data: bytes) -> list[tuple[bytes, bytes]]:
    """Split a whole file: PNG into (kind, content), JPEG into (marker, length and content)."""
    found = []
    if data.startswith(b"\xff\xd8"):
        position = 2
        while data[position + 1] != 0xDA:
            end = position + 2 + struct.unpack_from(">H", data, position + 2)[0]
            found.append((data[position : position + 2], data[position + 2 : end]))
            position = end
        return [*found, (data[position : position + 2], data[position + 2 :])]
    position = 8
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        found.append((kind, data[position + 8 : position + 8 + length]))
        position += 12 + length
    return found


MUTATORS = (
    flip_bits,
    flip_bits_in_the_header,
    truncate,
    drop_insert_repeat,
    lie_about_the_size,
    lie_about_a_length,
    rearrange,
    rewrite_packed_pixels,
)


def test_the_originals_are_judged(originals, brightness_run):
    classifier = Classifier(open_run(brightness_run.parent, brightness_run.name), threads=1)
    for data in originals:
        assert 0 < classifier.judge(data).probability < 1


def test_damaged_uploads_end_in_a_verdict_or_a_sentence(originals, brightness_run):
    classifier = Classifier(open_run(brightness_run.parent, brightness_run.name), threads=1)
    dice = random.Random(2018)
    mutators = MUTATORS * (MUTATIONS // len(MUTATORS))
    mutated = (mutate(dice.choice(originals), dice) for mutate in mutators)
    outcomes = Counter()
    before = peak_bytes()
    for answer in classifier.judge_all(mutated):
        if isinstance(answer, Verdict):
            assert 0 <= answer.probability <= 1
            outcomes["verdict"] += 1
        else:
            assert isinstance(answer, ImageError)
            assert answer.message
            assert answer.hint
            outcomes[" ".join(answer.message.split()[:3])] += 1
    print(outcomes.most_common(), peak_bytes() - before)
    assert outcomes.total() == MUTATIONS
    # Both ways out must be walked, or the mutations test nothing.
    assert MUTATIONS / 20 < outcomes["verdict"] < MUTATIONS / 2
    assert peak_bytes() - before < LARGEST_GROWTH


def peak_bytes() -> int:
    """Largest resident memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
