"""What lies at a path, however hostile."""

import io
import struct
import zipfile

import numpy as np
import pytest

from pipeline.errors import RunError
from pipeline.foreign import read, read_uploads
from pipeline.foreign.limits import FIGURES, FILE_MIB, RUN_POINTS, TEXT, plain
from pipeline.foreign.tracks import Tracks
from pipeline.foreign.zipped import LIMIT_FILES

LOG = b"epoch,loss\n1,0.5\n2,0.25\n"
JSON = b'{"loss": [0.5, 0.25], "val_loss": [0.6, 0.3]}'


def zipped_with(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_a_path_that_is_not_there_says_so(tmp_path):
    with pytest.raises(RunError, match="does not exist"):
        read(tmp_path / "nothing")


def test_an_empty_folder_holds_nothing(tmp_path):
    found = read(tmp_path)
    assert (found.runs, found.problems) == ((), ())


def test_everything_of_a_folder_is_found_and_the_rest_is_named(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "fox.csv").write_bytes(LOG)
    (tmp_path / "owl.json").write_bytes(JSON)
    (tmp_path / "predictions.csv").write_bytes(b"file,label\na,1\n")
    (tmp_path / "settings.json").write_bytes(b'{"rate": 0.1}')
    (tmp_path / "model.bin").write_bytes(b"\0" * 9)
    (tmp_path / ".hidden.csv").write_bytes(LOG)
    zipped_with(tmp_path / "more.zip", [("fox.csv", LOG)])
    found = read(tmp_path)
    assert sorted(run.name for run in found.runs) == ["fox", "owl"]
    assert len(found.problems) == 2
    assert "more: It is an archive inside a folder." in found.problems[0]
    assert "predictions.csv, settings.json" in found.problems[1]


def test_a_zip_of_a_folder_is_as_good_as_the_folder(tmp_path, keras_logs):
    entries = [
        (f"logs/tb/{path.relative_to(keras_logs / 'tb').as_posix()}", path.read_bytes())
        for path in (keras_logs / "tb").rglob("*")
        if path.is_file()
    ]
    entries.append(("__MACOSX/logs/._junk.csv", b"\0"))
    found = read(zipped_with(tmp_path / "sent.zip", entries))
    (run,) = found.runs
    assert found.problems == ()
    assert run.history.equals(read(keras_logs / "tb").runs[0].history)


def test_nothing_of_a_zip_leaves_its_folder(tmp_path):
    inner = io.BytesIO()
    zipped_with(inner, [("a.csv", LOG)])
    entries = [
        ("../up.csv", LOG),
        ("/tmp/absolute.csv", LOG),
        ("C:\\drive.csv", LOG),
        ("a/../../b.csv", LOG),
        ("inner.zip", inner.getvalue()),
        ("good.csv", LOG),
        ("good.csv/below.csv", LOG),
        ("/".join(["deep"] * 40) + "/x.csv", LOG),
    ]
    top = tmp_path / "work"
    top.mkdir()
    found = read(zipped_with(top / "bad.zip", entries))
    assert [run.name for run in found.runs] == ["good"]
    assert len(found.problems) == 7
    assert all("left out" in problem for problem in found.problems)
    assert [path.name for path in tmp_path.rglob("*")] == ["work", "bad.zip"]


def test_a_zip_that_claims_too_much_is_refused_before_it_is_unpacked(tmp_path):
    path = zipped_with(tmp_path / "bomb.zip", [("a.csv", LOG)])
    content = bytearray(path.read_bytes())
    # Of the central directory: the size that the file claims to have.
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 2**31)
    path.write_bytes(content)
    with pytest.raises(RunError, match="2,048 MiB; the limits are"):
        read(path)


def test_a_zip_of_too_many_files_is_refused_before_it_is_unpacked(tmp_path):
    entries = ((f"{number}.csv", b"") for number in range(LIMIT_FILES + 1))
    with pytest.raises(RunError, match="20,001 files"):
        read(zipped_with(tmp_path / "many.zip", entries))


def test_a_damaged_zip_becomes_a_sentence_wherever_it_is_cut(tmp_path):
    whole = zipped_with(tmp_path / "sent.zip", [("fox.csv", LOG)]).read_bytes()
    for cut in range(len(whole)):
        found = read_uploads([("sent.zip", whole[:cut])])
        assert found.runs == ()
        assert found.problems
    for place in range(len(whole)):
        damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        read_uploads([("sent.zip", damaged)])


@pytest.mark.parametrize("name", ["fox.csv", "fox.json", "events.out.tfevents.1"])
def test_a_file_beyond_the_limit_is_refused(tmp_path, name):
    with (tmp_path / name).open("wb") as file:
        file.truncate(FILE_MIB * 2**20 + 1)
    (problem,) = read(tmp_path).problems
    assert "larger than 64 MiB" in problem


def test_more_points_or_figures_than_the_limits_are_refused(tmp_path):
    wide = ",".join(f"f{n}" for n in range(FIGURES + 1))
    values = ",".join("1" for _ in range(FIGURES + 1))
    (tmp_path / "wide.csv").write_text(f"epoch,{wide}\n0,{values}\n")
    tracks = Tracks()
    tracks.points = RUN_POINTS
    with pytest.raises(RunError, match="more than 2,000,000 points"):
        tracks.add("loss", 0, 0.5)
    (problem,) = read(tmp_path).problems
    assert "more than 500 figures" in problem


@pytest.mark.parametrize(
    "name", ["fox.csv", "x.tfevents.1", "fox.json", "fox", "fox.zip", "fox.txt"]
)
def test_random_bytes_only_ever_give_sentences(tmp_path, name):
    generator = np.random.default_rng(0)
    path = tmp_path / name
    for size in (0, 1, 12, 16, 100, 4000):
        for _ in range(8):
            content = generator.bytes(size)
            found = read_uploads([(name, content)])
            assert found.runs == ()
            assert len(found.problems) == 1
            path.write_bytes(content)
            if path.suffix == ".zip":
                with pytest.raises(RunError, match="not a whole ZIP"):
                    read(path)
            else:
                assert len(read(path).problems) == 1


def test_mutated_logs_never_raise(tmp_path, keras_logs):
    generator = np.random.default_rng(1)
    path = tmp_path / "fox"
    for source in ("log.csv", "history.json"):
        whole = (keras_logs / source).read_bytes()
        for _ in range(150):
            content = bytearray(whole)
            for place in generator.integers(0, len(content), 3):
                content[place] = generator.integers(0, 256)
            path.write_bytes(content)
            found = read(path)
            assert len(found.runs) + len(found.problems) >= 1


def test_uploads_of_one_name_and_of_odd_names_are_all_read():
    found = read_uploads(
        [
            ("fox.csv", LOG),
            ("fox.csv", LOG),
            ("../../etc/owl.csv", LOG),
            ("C:\\logs\\", LOG),
            ("..", JSON),
            ("bad.json", b"{"),
        ]
    )
    assert len(found.runs) == 5
    assert {run.name for run in found.runs} >= {"fox", "owl"}
    (problem,) = found.problems
    assert "not JSON" in problem


def test_text_of_a_log_is_one_plain_line():
    assert plain("a\nb\x1b[31m\u202ec  d") == "a b [31m c d"
    assert len(plain("x" * 10_000)) == TEXT
