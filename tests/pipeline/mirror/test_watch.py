"""What is kept of a place: fetched once, looked at again, and served when the place is gone."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline import mirror
from pipeline.config import REPOSITORY, Paths
from pipeline.errors import RunError
from pipeline.mirror.place import Place

RUN = "/artifacts/runs/a/run.json"


def files(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.name != ".mirrored":
            with contextlib.suppress(FileNotFoundError):  # a look has just taken it away
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


@pytest.fixture
def fetched(monkeypatch) -> list[str]:
    """The names that were fetched from any place."""
    names: list[str] = []
    real = Place.fetched

    def counted(place, wanted):
        wanted = list(wanted)
        names.extend(name for name, _ in wanted)
        return real(place, wanted)

    monkeypatch.setattr(Place, "fetched", counted)
    return names


def test_only_what_serving_needs_is_kept(memory, watch):
    served = {
        "runs/a/run.json": b"{}",
        "runs/a/history.csv": b"epoch\n",
        "runs/a/predictions.csv": b"file\n",
        "runs/a/metrics.json": b"{}",
        "runs/a/shortcuts.json": b"{}",
        "runs/a/annotations.json": b"{}",
        "runs/a/model.onnx": b"network",
        "audit/data.json": b"{}",
        "gate/gate.json": b"{}",
        "gate/gate.npz": b"PK",
        "lab/wider/try.json": b"{}",
        "benchmarks/latency.json": b"{}",
    }
    elsewhere = (
        *("runs/a/model.keras", "runs/a/checkpoint-3/model.keras", "runs/a/picture.png"),
        *("readings/readings.sqlite", "runs/.partial-x/run.json", "notebooks/runs.json"),
        *("runs/a/b/run.json", "run.json", "runs/run.json", "runs/a b/run.json"),
    )
    for name, content in (served | dict.fromkeys(elsewhere, b"x")).items():
        memory.pipe_file(f"/artifacts/{name}", content)
    assert files(watch().folder()) == served


def test_what_has_not_changed_is_not_fetched_again(memory, watch, fetched, eventually):
    memory.pipe_file(RUN, b"{}")
    memory.pipe_file("/artifacts/runs/b/run.json", b"old")
    watched = watch(look_seconds=0)
    folder = watched.folder()
    fetched.clear()
    memory.pipe_file("/artifacts/runs/b/run.json", b"new")
    eventually(lambda: files(watched.folder())["runs/b/run.json"] == b"new")
    assert fetched == ["runs/b/run.json"]
    again = watch(look_seconds=0)  # as another process would open it
    assert again.folder() == folder
    assert fetched == ["runs/b/run.json"]


def test_what_is_gone_is_taken_away_with_its_object(memory, watch, eventually):
    memory.pipe_file(RUN, b"{}")
    memory.pipe_file("/artifacts/runs/b/run.json", b"other")
    watched = watch(look_seconds=0)
    folder = watched.folder()
    memory.rm("/artifacts/runs/b", recursive=True)
    eventually(lambda: watched.folder() and not (folder / "runs" / "b").exists())
    assert files(folder) == {"runs/a/run.json": b"{}"}
    eventually(lambda: len(list((folder.parent / "objects").iterdir())) == 1)


def test_the_same_content_is_kept_once(memory, watch):
    for name in ("a", "b", "c"):
        memory.pipe_file(f"/artifacts/runs/{name}/run.json", b"{}")
    folder = watch().folder()
    (kept,) = (folder.parent / "objects").iterdir()
    assert kept.stat().st_nlink == 4


def test_nobody_waits_for_a_look_once_something_is_kept(memory, watch, monkeypatch, eventually):
    memory.pipe_file(RUN, b"old")
    watched = watch(look_seconds=0)
    folder = watched.folder()
    goes_on, asked = threading.Event(), threading.Event()
    real = Place.listed

    def slow(place):
        asked.set()
        goes_on.wait(60)
        return real(place)

    monkeypatch.setattr(Place, "listed", slow)
    memory.pipe_file(RUN, b"new")
    eventually(lambda: watched.folder() and asked.is_set())
    assert watched.folder() == folder
    assert files(folder) == {"runs/a/run.json": b"old"}
    goes_on.set()
    eventually(lambda: files(watched.folder()) == {"runs/a/run.json": b"new"})


def test_it_is_looked_at_again_only_after_a_while(memory, watch, monkeypatch):
    memory.pipe_file(RUN, b"{}")
    looks = []
    real = Place.listed
    monkeypatch.setattr(Place, "listed", lambda place: looks.append(place) or real(place))
    watched = watch(look_seconds=1000)
    for _ in range(50):
        watched.folder()
    assert len(looks) == 1
    watch(look_seconds=1000).folder()  # another process has just looked
    assert len(looks) == 1


def test_a_place_that_was_never_reached_is_one_sentence(memory, watch):
    with pytest.raises(RunError, match="There are no artifacts at memory://artifacts"):
        watch().folder()
    memory.pipe_file("/artifacts/readme.txt", b"nothing for us")
    with pytest.raises(RunError, match="There are no artifacts at memory://artifacts"):
        watch().folder()


def test_a_place_that_does_not_answer_is_one_sentence(memory, watch, monkeypatch):
    goes_on = threading.Event()
    monkeypatch.setattr(Place, "listed", lambda _: goes_on.wait(60))
    with pytest.raises(RunError, match="have not been fetched yet"):
        watch(silence_seconds=0.1).folder()
    goes_on.set()


def test_a_process_that_begins_while_the_place_is_silent_serves_what_is_kept(
    memory, watch, monkeypatch, caplog
):
    memory.pipe_file(RUN, b"{}")
    watch().folder()
    goes_on = threading.Event()
    monkeypatch.setattr(Place, "listed", lambda _: goes_on.wait(60))
    assert files(watch(look_seconds=0, news_seconds=0.05).folder()) == {"runs/a/run.json": b"{}"}
    assert "memory://artifacts do not answer. What was fetched before is served" in caplog.text
    goes_on.set()


def test_what_is_kept_is_served_while_the_place_is_gone(
    memory, watch, monkeypatch, caplog, eventually
):
    memory.pipe_file(RUN, b"{}")
    watched = watch(look_seconds=0)
    folder = watched.folder()
    looks = []

    def unreachable(_):
        looks.append(1)
        raise ConnectionError("secret address")

    with monkeypatch.context() as patched:
        patched.setattr(Place, "listed", unreachable)
        eventually(lambda: watched.folder() and len(looks) > 3)
        assert files(watched.folder()) == {"runs/a/run.json": b"{}"}
        assert files(watch(look_seconds=0).folder()) == {"runs/a/run.json": b"{}"}
    told = [one for one in caplog.records if "cannot be read (ConnectionError)" in one.message]
    assert len(told) == 2  # once by each of the two that watched
    assert "secret" not in caplog.text
    memory.pipe_file(RUN, b"new")
    eventually(lambda: files(watched.folder()) == {"runs/a/run.json": b"new"})
    eventually(lambda: "can be reached again" in caplog.text)
    assert folder == watched.folder()


def test_an_empty_listing_does_not_empty_the_copy(memory, watch, caplog, eventually):
    memory.pipe_file(RUN, b"{}")
    watched = watch(look_seconds=0)
    folder = watched.folder()
    memory.rm("/artifacts", recursive=True)
    eventually(lambda: watched.folder() and "What was fetched before is served" in caplog.text)
    assert files(folder) == {"runs/a/run.json": b"{}"}


@pytest.mark.parametrize("damage", [b"other", b"", None])
def test_a_damaged_copy_is_noticed_and_fetched_again(memory, watch, fetched, caplog, damage):
    memory.pipe_file(RUN, b"right")
    folder = watch().folder()
    fetched.clear()
    kept = folder / "runs" / "a" / "run.json"
    if damage is None:
        kept.unlink()
        next((folder.parent / "objects").iterdir()).unlink()
    else:
        told = kept.stat()
        kept.chmod(0o644)
        kept.write_bytes(damage)
        os.utime(kept, ns=(told.st_atime_ns, told.st_mtime_ns))  # as a failing disk would leave it
    assert files(watch().folder()) == {"runs/a/run.json": b"right"}
    assert fetched == ["runs/a/run.json"]
    assert "runs/a/run.json was damaged" in caplog.text


def test_damage_while_it_is_served_is_noticed(memory, watch, eventually):
    memory.pipe_file(RUN, b"right")
    watched = watch(look_seconds=0)
    kept = watched.folder() / "runs" / "a" / "run.json"
    kept.chmod(0o644)
    kept.write_bytes(b"wrong")
    eventually(lambda: files(watched.folder()).get("runs/a/run.json") == b"right")


def test_a_damaged_copy_is_not_served_while_the_place_is_gone(memory, watch, monkeypatch):
    memory.pipe_file(RUN, b"right")
    memory.pipe_file("/artifacts/runs/b/run.json", b"other")
    kept = watch().folder() / "runs" / "a" / "run.json"
    kept.chmod(0o644)
    kept.write_bytes(b"wrong")
    monkeypatch.setattr(Place, "listed", lambda _: 1 / 0)
    assert files(watch(look_seconds=0).folder()) == {"runs/b/run.json": b"other"}


def test_a_damaged_manifest_means_fetching_anew(memory, watch, fetched):
    memory.pipe_file(RUN, b"{}")
    folder = watch().folder()
    fetched.clear()
    for content in ("", "[]", '{"schema": 1}', '{"schema": 1, "files": {"a": {}}}'):
        (folder.parent / "manifest.json").write_text(content)
        assert files(watch().folder()) == {"runs/a/run.json": b"{}"}
    assert fetched == ["runs/a/run.json"] * 4


def test_what_was_fetched_before_a_failure_is_not_fetched_again(memory, watch, monkeypatch):
    for number in range(20):
        memory.pipe_file(f"/artifacts/runs/r{number}/run.json", b"%d" % number)
    seen = []
    real = Place.fetched

    def breaks_off(place, wanted):
        for number, name in enumerate(real(place, wanted)):
            if number == 12 and len(seen) == 12:
                raise ConnectionError
            seen.append(name)
            yield name

    monkeypatch.setattr(Place, "fetched", breaks_off)
    with pytest.raises(RunError, match="cannot be read"):
        watch().folder()
    assert len(files(watch().folder())) == 20
    assert sorted(seen) == sorted({*seen})


def test_a_disk_without_links_keeps_copies(memory, watch, monkeypatch):
    monkeypatch.setattr(Path, "hardlink_to", lambda *_: (_ for _ in ()).throw(OSError()))
    memory.pipe_file(RUN, b"{}")
    folder = watch().folder()
    assert files(folder) == {"runs/a/run.json": b"{}"}
    assert (folder / "runs" / "a" / "run.json").stat().st_nlink == 1


def test_two_processes_share_a_copy(tmp_path, eventually):
    """Both begin with nothing; while they look on, runs change, come and go."""
    place, cache = tmp_path / "place", tmp_path / "cache"
    for number in range(30):
        path = place / "runs" / f"r{number}" / "run.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"number": number, "version": 0}))
    script = (
        "import json, sys, pathlib\n"
        "from pipeline.mirror.watch import Watch\n"
        "from pipeline.mirror.place import Place\n"
        "from pipeline.mirror.shelf import Shelf\n"
        "place = Place(sys.argv[1])\n"
        "shelf = Shelf(pathlib.Path(sys.argv[2]) / 'artifacts' / place.key, place.name)\n"
        "watched = Watch(place, shelf, look_seconds=0.01)\n"
        "for line in sys.stdin:\n"
        "    runs = (watched.folder() / 'runs').glob('*/run.json')\n"
        "    told = {}\n"
        "    for path in runs:\n"
        "        try:\n"
        "            told[path.parent.name] = json.loads(path.read_text())['version']\n"
        "        except FileNotFoundError:\n"
        "            continue\n"
        "    print(json.dumps(told), flush=True)\n"
    )
    command = [sys.executable, "-c", script, place.as_uri(), str(cache)]
    both = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        for _ in range(2)
    ]

    def asked(process) -> dict:
        process.stdin.write("?\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    for process in both:
        process.stdin.write("?\n")  # the two fetch at the same moment
        process.stdin.flush()
    for process in both:
        assert len(json.loads(process.stdout.readline())) == 30
    for version in (1, 2, 3):
        for number in range(version, 30, 3):
            path = place / "runs" / f"r{number}" / "run.json"
            path.with_suffix(".new").write_text(json.dumps({"number": 0, "version": version}))
            path.with_suffix(".new").replace(path)
        (place / "runs" / f"r{version}" / "run.json").unlink()
    expected = {
        path.parent.name: json.loads(path.read_text())["version"]
        for path in place.glob("runs/*/run.json")
    }
    assert len(expected) == 27
    for process in both:
        eventually(lambda process=process: asked(process) == expected)
    for process in both:
        process.stdin.close()
        assert process.wait(timeout=60) == 0
        process.stdout.close()


def test_the_environment_may_name_a_place(memory, tmp_path):
    memory.pipe_file(RUN, b"{}")
    environment = {"XRAY_ARTIFACTS": "memory://artifacts", "XRAY_CACHE": str(tmp_path)}
    paths = Paths.from_environment(environment)
    assert paths.artifacts.is_relative_to(tmp_path)
    assert files(paths.runs) == {"a/run.json": b"{}"}
    mirror._watch.cache_clear()


def test_a_folder_costs_nothing_of_this():
    script = (
        "import sys; from pipeline.config import Paths; Paths.from_environment()\n"
        "print([n for n in ('fsspec', 'pipeline.mirror', 'hashlib') if n in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
        env={**os.environ, "XRAY_ARTIFACTS": "artifacts"},
    )
    assert ended.stdout.strip() == "[]"
