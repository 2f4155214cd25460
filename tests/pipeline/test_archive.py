"""A ZIP or a folder is searched, distrusted, and put in place picture by picture."""

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pipeline.archive import fetch_from
from pipeline.errors import Cancelled, DatasetError
from pipeline.images import LIMIT_MB

PICTURES = {
    "train/NORMAL/IM-0001-0001.jpeg": b"one" * 100,
    "train/PNEUMONIA/person1_virus_1.jpeg": b"two" * 100,
    "test/NORMAL/IM-0003-0001.jpeg": b"three" * 100,
}
JUNK = {
    "__MACOSX/chest_xray/train/NORMAL/._IM-0001-0001.jpeg": b"junk",
    "chest_xray/__MACOSX/train/NORMAL/IM-0009-0001.jpeg": b"junk",
    "chest_xray/train/NORMAL/.DS_Store": b"junk",
    "chest_xray/train/NORMAL/notes.txt": b"junk",
    "../../train/NORMAL/climbing.jpeg": b"junk",
}


def make_zip(path: Path, contents: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def nested(prefix: str) -> dict[str, bytes]:
    return {prefix + name: content for name, content in PICTURES.items()}


def stored(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("prefix", ["", "chest_xray/", "chest_xray/chest_xray/", "/", "a\\b\\"])
def test_the_layout_is_found_in_a_zip_and_junk_is_left(tmp_path, prefix):
    source = make_zip(tmp_path / "a.zip", JUNK | nested(prefix))
    told, folder = [], tmp_path / "data"
    paths = fetch_from(source, folder, told.append)
    assert stored(folder) == PICTURES
    assert sorted(paths) == sorted(folder / name for name in PICTURES)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert not (tmp_path.parent / "train").exists()


@pytest.mark.parametrize("link", [False, True])
def test_the_layout_is_found_in_a_folder_and_junk_is_left(tmp_path, link):
    source = tmp_path / "source"
    everything = JUNK | nested("chest_xray/") | nested("chest_xray/chest_xray/")
    for name, content in everything.items():
        if ".." not in name:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(content)
    folder = tmp_path / "data"
    fetch_from(source, folder, link=link)
    assert stored(folder) == PICTURES
    name = "train/NORMAL/IM-0001-0001.jpeg"
    assert (folder / name).samefile(source / "chest_xray" / name) == link


def test_a_stopped_call_leaves_whole_pictures_and_is_continued(tmp_path):
    source, folder = make_zip(tmp_path / "a.zip", PICTURES), tmp_path / "data"
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        fetch_from(source, folder, should_stop=lambda: next(answers))
    (first,) = stored(folder).items()
    assert first in PICTURES.items()
    before = (folder / first[0]).stat().st_ino
    fetch_from(source, folder)
    assert stored(folder) == PICTURES
    assert (folder / first[0]).stat().st_ino == before


def test_another_data_set_in_the_folder_is_not_mixed_with_this_one(tmp_path):
    source, folder = make_zip(tmp_path / "a.zip", PICTURES), tmp_path / "data"
    small = folder / "train/PNEUMONIA/person1_virus_1.jpeg"
    small.parent.mkdir(parents=True)
    small.write_bytes(b"a small copy")
    with pytest.raises(DatasetError, match="is another picture") as caught:
        fetch_from(source, folder)
    assert "--to" in caught.value.hint
    assert stored(folder) == {"train/PNEUMONIA/person1_virus_1.jpeg": b"a small copy"}


def test_a_damaged_picture_in_a_zip_is_named_and_not_written(tmp_path):
    source = make_zip(tmp_path / "a.zip", PICTURES, zipfile.ZIP_STORED)
    content = source.read_bytes()
    source.write_bytes(content.replace(b"two" * 100, b"two" * 99 + b"owt"))
    folder = tmp_path / "data"
    with pytest.raises(DatasetError, match=r"damaged at train/PNEUMONIA/person1_virus_1\.jpeg"):
        fetch_from(source, folder)
    assert "train/PNEUMONIA/person1_virus_1.jpeg" not in stored(folder)
    assert not any(".partial" in name for name in stored(folder))


def test_a_mutated_zip_yields_a_sentence_or_true_pictures_only(tmp_path):
    whole = make_zip(tmp_path / "a.zip", PICTURES).read_bytes()
    generator = np.random.default_rng(0)
    refused = 0
    for turn in range(300):
        torn = bytearray(whole)
        for position in generator.integers(0, len(whole), 1 + turn % 4):
            torn[position] = generator.integers(256)
        source, folder = tmp_path / "b.zip", tmp_path / f"data{turn}"
        source.write_bytes(torn)
        try:
            fetch_from(source, folder)
        except DatasetError:
            refused += 1
        # A name may be mutated too; the pixels may not.
        assert set(stored(folder).values()) <= set(PICTURES.values())
    assert refused > 100


def test_a_picture_that_claims_too_much_is_refused_before_anything_is_written(tmp_path):
    bomb = {"train/NORMAL/bomb.jpeg": bytes(LIMIT_MB * 1_000_000 + 1)}
    source, folder = make_zip(tmp_path / "a.zip", PICTURES | bomb), tmp_path / "data"
    assert source.stat().st_size < 100_000
    with pytest.raises(DatasetError, match=f"the limits are 8 GB and {LIMIT_MB} MB"):
        fetch_from(source, folder)
    assert not folder.exists()


def test_a_picture_that_lies_about_its_size_is_not_unpacked_further(tmp_path):
    content = bytes(5_000_000)
    source = make_zip(tmp_path / "a.zip", {"train/NORMAL/liar.jpeg": content})
    # Both headers say that it has 10 bytes.
    packed = struct.pack("<L", len(content))
    assert source.read_bytes().count(packed) == 2
    source.write_bytes(source.read_bytes().replace(packed, struct.pack("<L", 10)))
    with pytest.raises(DatasetError, match="damaged at"):
        fetch_from(source, tmp_path / "data")
    assert stored(tmp_path / "data") == {}


def test_unusual_compression_and_unsafe_names_are_refused(tmp_path):
    odd = make_zip(tmp_path / "odd.zip", PICTURES, zipfile.ZIP_LZMA)
    with pytest.raises(DatasetError, match="unusual compression"):
        fetch_from(odd, tmp_path / "data")
    unsafe = make_zip(tmp_path / "unsafe.zip", {"train/NORMAL/C:evil.jpeg": b"x"})
    with pytest.raises(DatasetError, match="not safe"):
        fetch_from(unsafe, tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_sources_that_are_none_are_told_apart(tmp_path):
    text = tmp_path / "text.zip"
    text.write_text("not a zip")
    half = make_zip(tmp_path / "half.zip", PICTURES)
    half.write_bytes(half.read_bytes()[:200])
    empty = tmp_path / "empty"
    empty.mkdir()
    other = make_zip(tmp_path / "other.zip", {"readme.md": b"hello"})
    for source, message in (
        (tmp_path / "nowhere.zip", "does not exist"),
        (text, "is not a ZIP file"),
        (half, "is not a ZIP file"),
        (empty, "holds no pictures under"),
        (other, "holds no pictures under"),
    ):
        with pytest.raises(DatasetError, match=message):
            fetch_from(source, tmp_path / "data")


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    source = make_zip(tmp_path / "a.zip", PICTURES)
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "train").write_text("a file where a folder must be")
    with pytest.raises(DatasetError, match="could not be written to"):
        fetch_from(source, folder)
