"""Sixteen samples and the whole data set arrive whole, or not at all."""

import hashlib
import zipfile
from types import SimpleNamespace

import pytest

from pipeline.config import CLASS_NAMES
from pipeline.errors import Cancelled, DatasetError
from pipeline.fetch import (
    KAGGLE_HANDLE,
    Sample,
    SampleManifest,
    fetch_kaggle,
    fetch_samples,
    samples,
)
from pipeline.wheel import Wheel

PICTURES = {
    "NORMAL2-IM-0001-0001.jpeg": (0, b"first" * 50),
    "NORMAL2-IM-0002-0001.jpeg": (0, b"second" * 50),
    "person1_bacteria_1.jpeg": (1, b"third" * 50),
}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def manifest():
    entries = tuple(
        Sample(name, label, len(content), sha256(content))
        for name, (label, content) in PICTURES.items()
    )
    return SampleManifest(Wheel("p", "1", "p-1.whl", 1, ""), "p/val", entries)


class Index:
    """Serves a wheel in pip's place and counts how often it was asked."""

    def __init__(self, **changed: bytes | None):
        self.asked = 0
        self.contents = {name: content for name, (_, content) in PICTURES.items()}
        self.contents.update(changed)

    def __call__(self, wheel, folder, progress, should_stop):
        self.asked += 1
        path = folder / f".partial-{wheel.filename}"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../p/val/evil.jpeg", b"never extracted")
            for name, content in self.contents.items():
                if content is not None:
                    archive.writestr(f"p/val/{name}", content)
        progress(0.9)
        return path


def listing(folder) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def test_samples_arrive_with_their_attribution_and_nothing_else(tmp_path, manifest):
    told, folder = [], tmp_path / "deep" / "samples"
    paths = fetch_samples(folder, told.append, None, manifest, Index())
    assert [path.read_bytes() for path in paths] == [content for _, content in PICTURES.values()]
    assert listing(folder) == [
        "ATTRIBUTION.txt",
        "NORMAL/NORMAL2-IM-0001-0001.jpeg",
        "NORMAL/NORMAL2-IM-0002-0001.jpeg",
        "PNEUMONIA/person1_bacteria_1.jpeg",
    ]
    notice = (folder / "ATTRIBUTION.txt").read_text(encoding="utf-8")
    for words in ("Kermany", "Zhang", "Goldbaum", "10.17632/rscbjbr9sj.2", "CC BY 4.0"):
        assert words in notice
    assert told == [0.9, 1.0]


def test_samples_that_are_there_are_not_fetched_again(tmp_path, manifest):
    fetch_samples(tmp_path, None, None, manifest, Index())
    index = Index()
    assert len(fetch_samples(tmp_path, None, None, manifest, index)) == 3
    assert index.asked == 0


def test_a_sample_that_was_changed_is_fetched_again_and_the_others_kept(tmp_path, manifest):
    first, second, _ = fetch_samples(tmp_path, None, None, manifest, Index())
    before = first.stat().st_ino
    second.write_bytes(second.read_bytes()[::-1])
    fetch_samples(tmp_path, None, None, manifest, Index())
    assert second.read_bytes() == PICTURES[second.name][1]
    assert first.stat().st_ino == before


@pytest.mark.parametrize("wrong", [None, b"", b"second" * 49 + b"SECOND", b"second" * 5000])
def test_a_wheel_with_another_picture_is_refused_and_removed(tmp_path, manifest, wrong):
    index = Index(**{"NORMAL2-IM-0002-0001.jpeg": wrong})
    with pytest.raises(DatasetError, match="does not hold the samples as they must be"):
        fetch_samples(tmp_path, None, None, manifest, index)
    assert listing(tmp_path) == ["ATTRIBUTION.txt", "NORMAL/NORMAL2-IM-0001-0001.jpeg"]


def test_stopping_while_unpacking_keeps_the_wheel_and_whole_pictures(tmp_path, manifest):
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        fetch_samples(tmp_path, None, lambda: next(answers), manifest, Index())
    assert listing(tmp_path) == [
        ".partial-p-1.whl",
        "ATTRIBUTION.txt",
        "NORMAL/NORMAL2-IM-0001-0001.jpeg",
    ]
    assert [item.name for item in samples(tmp_path, manifest)] == ["NORMAL2-IM-0001-0001.jpeg"]
    fetch_samples(tmp_path, None, None, manifest, Index())
    assert len(samples(tmp_path, manifest)) == 3


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path, manifest):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match="could not be written to"):
        fetch_samples(tmp_path / "file" / "samples", None, None, manifest, Index())


def test_present_samples_are_items_and_torn_ones_are_left_out(tmp_path, manifest):
    assert samples(tmp_path / "nowhere", manifest) == []
    first, _, third = fetch_samples(tmp_path, None, None, manifest, Index())
    first.write_bytes(b"torn")
    items = samples(tmp_path, manifest)
    assert [(item.name, item.split, item.label) for item in items] == [
        ("NORMAL2-IM-0002-0001.jpeg", "val", 0),
        ("person1_bacteria_1.jpeg", "val", 1),
    ]
    assert items[1].path == third
    assert items[1].patient == "person1_bacteria"


def test_the_stored_manifest_names_eight_pictures_of_each_class():
    stored = SampleManifest.read()
    assert [sum(s.label == label for s in stored.samples) for label in (0, 1)] == [8, 8]
    assert len({sample.sha256 for sample in stored.samples}) == 16
    for sample in stored.samples:
        assert ("IM-" in sample.name) == (CLASS_NAMES[sample.label] == "NORMAL")
    assert stored.wheel.filename.endswith("-py3-none-any.whl")


def test_kaggles_nested_cache_is_put_into_the_plain_layout(tmp_path):
    cache, asked = tmp_path / "cache", []
    for place in ("chest_xray/train/NORMAL/a.jpeg", "chest_xray/chest_xray/train/NORMAL/a.jpeg"):
        (cache / place).parent.mkdir(parents=True)
        (cache / place).write_bytes(b"x")

    def download(handle):
        asked.append(handle)
        return str(cache)

    target = tmp_path / "data"
    assert fetch_kaggle(target, None, download) == [target / "train/NORMAL/a.jpeg"]
    assert asked == [KAGGLE_HANDLE]
    # A hard link: the pictures take no second room.
    cached = cache / "chest_xray/train/NORMAL/a.jpeg"
    assert cached.samefile(target / "train/NORMAL/a.jpeg")


def refused(status_code: int) -> OSError:
    error = OSError("Client Error")
    error.response = SimpleNamespace(status_code=status_code)
    return error


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (ConnectionError("offline"), "could not be downloaded from Kaggle", "Check the connection"),
        (refused(403), "knowing who asks", "Create an API token"),
        (refused(500), "could not be downloaded from Kaggle", "Check the connection"),
    ],
)
def test_what_kaggle_answers_becomes_a_sentence_and_a_next_step(tmp_path, error, message, hint):
    def download(handle):
        raise error

    with pytest.raises(DatasetError, match=message) as caught:
        fetch_kaggle(tmp_path, None, download)
    assert caught.value.hint.startswith(hint)
