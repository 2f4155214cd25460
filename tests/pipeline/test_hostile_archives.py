"""ZIP files that lie: what they claim costs no memory, and nothing is written beside its place."""

import io
import os
import struct
import tracemalloc
import zipfile
import zlib

import pytest

from pipeline import zips
from pipeline.archive import fetch_from
from pipeline.errors import DatasetError, PipelineError, RunError
from pipeline.foreign import read, read_uploads
from pipeline.foreign.zipped import LIMIT_FILES
from pipeline.images import encode_png

LOG = b"epoch,loss\n1,0.5\n2,0.25\n"
BOMB = 200_000_000  # bytes
TRICKS = (
    "../log.csv",
    "a/../../log.csv",
    "/tmp/log.csv",
    "//server/share/log.csv",
    "..\\log.csv",
    "C:\\log.csv",
    "C:log.csv",
    "log.csv:stream",
    "a/" * 40 + "log.csv",
    "x" * 250 + ".csv",
    "tab\tlog.csv",
    "new\nline.csv",
)


def zipped(*entries: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def bomb(name: str, claimed: bytes) -> bytes:
    """A member that inflates to `BOMB` bytes and says that it holds `claimed`."""
    flood = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(flood.compress(bytes(10_000_000)) for _ in range(BOMB // 10_000_000))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(name, packed + flood.flush())
    data = bytearray(buffer.getvalue())
    # Method, checksum and size, beside the member and in the list.
    for head, method in ((0, 8), (data.rindex(b"PK\x01\x02"), 10)):
        data[head + method : head + method + 2] = struct.pack("<H", zipfile.ZIP_DEFLATED)
        crc = head + method + 6
        data[crc : crc + 4] = struct.pack("<I", zlib.crc32(claimed))
        data[crc + 8 : crc + 12] = struct.pack("<I", len(claimed))
    return bytes(data)


def peak(work) -> int:
    """Return how many bytes are needed at once while `work` is done."""
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_a_member_costs_what_it_claims_and_not_what_it_holds():
    with zipfile.ZipFile(io.BytesIO(bomb("log.csv", b"\0"))) as archive:
        info = archive.getinfo("log.csv")
        assert peak(lambda: zips.content(archive, info)) < 1_000_000
        assert zips.content(archive, info) == b"\0"
        assert peak(lambda: archive.read(info)) > BOMB  # which is why it is not used


def test_a_bomb_among_logs_costs_no_more_than_a_log(tmp_path):
    path = tmp_path / "sent.zip"
    path.write_bytes(bomb("log.csv", b"\0"))
    assert peak(lambda: read(path)) < BOMB / 2  # a file is read into a buffer of 64 MiB


def test_a_bomb_among_pictures_costs_nothing(tmp_path):
    path = tmp_path / "sent.zip"
    path.write_bytes(bomb("train/NORMAL/a.png", b"\0"))
    assert peak(lambda: fetch_from(path, tmp_path / "to")) < 5_000_000
    assert (tmp_path / "to/train/NORMAL/a.png").read_bytes() == b"\0"


def test_a_member_that_holds_less_than_it_claims_is_damaged():
    data = bytearray(zipped(("log.csv", LOG)))
    for head, size in ((0, 22), (data.rindex(b"PK\x01\x02"), 24)):
        data[head + size : head + size + 4] = struct.pack("<I", 2 * len(LOG))
    with zipfile.ZipFile(io.BytesIO(data)) as archive, pytest.raises(zips.ERRORS):
        zips.content(archive, archive.getinfo("log.csv"))


def test_a_list_of_too_many_members_is_refused_before_it_is_read(tmp_path):
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"x"
    entries = entry * (2 * LIMIT_FILES + 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entries), 0, 0)
    path = tmp_path / "sent.zip"
    path.write_bytes(entries + end)

    def refused():
        with pytest.raises(RunError, match="lists more than"):
            read(path)

    assert peak(refused) < 10_000_000


def test_entries_are_counted_across_pieces(tmp_path):
    path = tmp_path / "sent.zip"
    path.write_bytes(b"\0" * (2**20 - 2) + b"PK\x01\x02" * 3)
    assert zips.is_crowded(path, 2)
    assert not zips.is_crowded(path, 3)


def test_archives_in_archives_stay_closed():
    inner = zipped(("log.csv", LOG))
    for name in ("inner.zip", "INNER.ZIP"):
        found = read_uploads([("sent.zip", zipped((name, inner)))])
        assert found.runs == ()
        assert "archive inside an archive" in found.problems[0]


@pytest.mark.parametrize("name", TRICKS)
def test_no_name_leads_out_of_the_folder(tmp_path, monkeypatch, name):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "in"))
    (tmp_path / "in").mkdir()
    found = read_uploads([("sent.zip", zipped((name, LOG), ("good.csv", LOG)))])
    assert "good" in [run.name for run in found.runs]
    assert len(found.problems) == 1
    assert os.listdir(tmp_path) == ["in"]
    assert os.listdir(tmp_path / "in") == []


def test_links_in_an_archive_are_files_like_any_other(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_bytes(LOG)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("link.csv")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, str(secret))
    found = read_uploads([("sent.zip", buffer.getvalue())])
    assert found.runs == ()  # it holds a path, which is no table


def test_names_that_differ_only_in_how_accents_are_written_do_not_replace_each_other():
    entries = [
        ("\N{LATIN SMALL LETTER E WITH ACUTE}.csv", LOG),
        ("e\N{COMBINING ACUTE ACCENT}.csv", LOG),
    ]
    assert len(read_uploads([("sent.zip", zipped(*entries))]).runs) == 2


@pytest.mark.parametrize("name", ["../a.png", "a:b.png", "a\nb.png", "a*.png"])
def test_pictures_of_unsafe_names_stop_the_fetching(tmp_path, radiograph, name):
    picture = encode_png(radiograph[::8, ::8].copy())
    path = tmp_path / "sent.zip"
    path.write_bytes(zipped((f"train/NORMAL/{name}", picture)))
    with pytest.raises(DatasetError):
        fetch_from(path, tmp_path / "to")
    assert os.listdir(tmp_path) == ["sent.zip"]


@pytest.mark.parametrize("cut", [0, 1, 4, 22, 60])
def test_no_part_of_an_archive_is_taken_for_the_whole(tmp_path, cut):
    path = tmp_path / "sent.zip"
    path.write_bytes(zipped(("train/NORMAL/a.png", b"x"))[:cut])
    for reader in (read, lambda one: fetch_from(one, tmp_path / "to")):
        with pytest.raises(PipelineError):
            reader(path)
