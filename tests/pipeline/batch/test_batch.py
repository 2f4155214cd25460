"""A batch gives every picture its row, the very same as judging it alone, whatever happens."""

import csv
import dataclasses
import importlib.util
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from pipeline.__main__ import main
from pipeline.batch import local
from pipeline.batch.columns import ABOUT, RESULTS
from pipeline.batch.listing import listed
from pipeline.batch.places import Place
from pipeline.batch.running import Batch
from pipeline.benchmark.process import children
from pipeline.classifier import Classifier
from pipeline.config import REPOSITORY
from pipeline.errors import BatchError, RunError


def rows(path) -> list[dict]:
    return parquet.read_table(path).to_pylist()


def test_every_row_is_what_judging_the_picture_alone_gives(run, pictures, tmp_path):
    out = tmp_path / "out" / "results.parquet"
    outcome = Batch(listed(pictures), run, out).judge(workers=2)
    assert (outcome.judged, outcome.unreadable) == (150, 0)
    table = parquet.read_table(out)
    assert table.schema.equals(RESULTS)
    classifier = Classifier(run)
    found = table.to_pylist()
    assert [row["file"] for row in found] == sorted(row["file"] for row in found)
    for row in found:
        alone = classifier.judge(pictures / row["file"])
        assert {name: row[name] for name in alone.to_json()} == alone.to_json()  # to the last bit
        assert row["label"] == row["file"].startswith("PNEUMONIA")
        assert row["error"] is None
        assert row["model_sha256"] == run.document["model_sha256"]
    assert {row["kind"] for row in found} == {"normal", "virus"}
    assert found[0]["patient"] == "IM-0000"
    assert json.loads(table.schema.metadata[ABOUT])["pictures"] == 150
    assert sorted(path.name for path in out.parent.iterdir()) == ["results.parquet"]


def test_what_cannot_be_read_is_listed_with_its_reason_and_nothing_is_lost(
    run, draw, tmp_path, capsys
):
    folder = draw(tmp_path / "pictures", 6)
    (folder / "=cmd.png").write_bytes(b"no picture")
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "notes.txt").write_text("not even called a picture")
    out = tmp_path / "results.parquet"
    assert main(["batch", str(folder), "--out", str(out), "--json"]) == 1
    told = capsys.readouterr()
    assert "1 files of the folder are no pictures" in told.err
    counts = json.loads(told.out)
    assert (counts["pictures"], counts["judged"], counts["unreadable"]) == (8, 6, 2)
    bad = {row["file"]: row for row in rows(out) if row["error"]}
    assert bad["empty.dcm"]["error"] == "The file is empty."
    assert bad["=cmd.png"]["hint"]
    assert bad["=cmd.png"]["probability"] is None
    with (tmp_path / "results.errors.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["file"] for line in lines] == ["'=cmd.png", "empty.dcm"]
    assert lines[1]["error"] == "The file is empty."


def test_a_killed_batch_goes_on_where_it_was(run, draw, start, tmp_path):
    folder, out = draw(tmp_path / "pictures", 600), tmp_path / "results.parquet"
    whole = tmp_path / "whole.parquet"
    Batch(listed(folder), run, whole).judge()
    arguments = ("batch", folder, "--out", out, "--workers", "1")
    process = start(*arguments)
    parts = tmp_path / "results.parquet.parts"
    wait_for_a_part(process, tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists()
    kept = {path.name: path.stat().st_mtime_ns for path in parts.glob("*/0*.parquet")}
    batch = Batch(listed(folder), run, out)
    assert 0 < batch.finished < 600
    judged = []
    outcome = batch.judge(progress=judged.append)
    assert sum(judged) == 600 - sum(batch.parts.pictures(int(name[:6])) for name in kept)
    assert outcome.judged == 600
    assert not parts.exists()
    assert rows(out) == rows(whole)


def wait_for_a_part(process, folder) -> None:
    while not list(folder.glob("results.parquet.parts/*/0*.parquet")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def workers_of(process) -> list[int]:
    return [child for child in children(process.pid) if b"spawn_main" in command_of(child)]


def two_at_work(start, listing, out) -> tuple[subprocess.Popen, list[int]]:
    """Start a batch; return it with its two workers once something is kept."""
    process = start("batch", listing, "--out", out, "--workers", "2")
    wait_for_a_part(process, out.parent)
    workers = workers_of(process)
    assert len(workers) == 2
    return process, workers


def command_of(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def judged_many_times(run, draw, tmp_path, times: int) -> tuple[Path, int, list[dict]]:
    """Return a list of 60 pictures, each so many times, its length, and what it gives."""
    folder, whole = draw(tmp_path / "pictures", 60), tmp_path / "whole.parquet"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listing = tmp_path / "list.csv"
    listing.write_text("file\n" + "".join(f"{file}\n" for file in files))
    Batch(listed(listing), run, whole).judge(workers=1)
    listing.write_text("file\n" + "".join(f"{file}\n" for file in files) * times)
    return listing, len(files) * times, rows(whole) * times


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")


@needs_proc
def test_a_killed_worker_costs_nothing_but_time(run, draw, start, tmp_path):
    listing, _, expected = judged_many_times(run, draw, tmp_path, 60)
    out = tmp_path / "results.parquet"
    process, (one, _) = two_at_work(start, listing, out)
    os.kill(one, signal.SIGKILL)
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert rows(out) == expected


@needs_proc
def test_workers_end_with_the_batch_that_is_killed(run, draw, start, tmp_path):
    listing, count, _ = judged_many_times(run, draw, tmp_path, 60)
    out = tmp_path / "results.parquet"
    process, workers = two_at_work(start, listing, out)
    process.kill()
    process.wait()
    until = time.monotonic() + 20
    while any(b"spawn_main" in command_of(worker) for worker in workers):
        assert time.monotonic() < until, "a worker waits for ever"
        time.sleep(0.05)
    assert 0 < Batch(listed(listing), run, out).finished < count


class Deadly(str):
    """Ends the process that it is sent to."""

    def __reduce__(self):
        return os._exit, (1,)


def test_workers_that_die_again_and_again_are_a_sentence(run, pictures, tmp_path):
    batch = Batch(listed(pictures), run, tmp_path / "results.parquet")
    batch.task = dataclasses.replace(batch.task, run=Deadly(run.name))
    with pytest.raises(BatchError, match=r"died 3 times over .* from NORMAL/IM-0000-1\.jpeg to"):
        batch.judge(workers=2)
    batch = Batch(listed(pictures), run, tmp_path / "results.parquet")
    assert batch.judge(workers=2).judged == 150


def test_a_program_without_a_guard_is_not_run_again_by_its_workers(run, pictures, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from pipeline.batch.listing import listed\n"
        "from pipeline.batch.running import Batch\n"
        "from pipeline.runs import open_run\n"
        "folder, pictures, out = map(Path, sys.argv[1:])\n"
        "run = open_run(folder.parent, folder.name)\n"
        "print(Batch(listed(pictures), run, out).judge(workers=2).judged)\n"
    )
    arguments = [program, run.folder, pictures, tmp_path / "results.parquet"]
    ended = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert (ended.returncode, ended.stdout) == (0, "150\n"), ended.stderr


def test_a_slice_is_sent_without_the_rest_of_its_list():
    table = pyarrow.table({"file": [f"{number}.png" for number in range(100_000)]})
    packed = local._packed(table.slice(500, 100))
    assert len(packed) < 10_000
    assert local._unpacked(packed) == table.slice(500, 100)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_cleanly_and_says_how_to_go_on(run, draw, start, tmp_path, workers):
    folder, out = draw(tmp_path / "pictures", 60), tmp_path / "results.parquet"
    listing = tmp_path / "list.csv"
    files = sorted(path for path in folder.rglob("*") if path.is_file()) * 60
    listing.write_text("file\n" + "".join(f"{file}\n" for file in files))
    # A terminal sends it to all processes of the command.
    process = start("batch", listing, "--out", out, "--workers", workers, start_new_session=True)
    wait_for_a_part(process, tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert f"of {len(files)} pictures are judged and kept; the same command goes on" in err
    assert "Traceback" not in err
    assert Batch(listed(listing), run, out).judge().judged == len(files)


def half_done(listing, run, out, **settings) -> Batch:
    """Judge the first part of a batch and leave it."""
    batch = Batch(listing, run, out, **settings)
    part = batch.parts.slice(listing.table, 0)
    for number, table in local.judged(run, batch.task, [(0, part)]):
        batch.parts.keep(number, table)
    return batch


def test_parts_of_another_list_or_other_settings_are_never_taken(run, draw, tmp_path, capsys):
    one, two = draw(tmp_path / "one", 100), draw(tmp_path / "two", 101)
    out = tmp_path / "results.parquet"
    half_done(listed(one), run, out)
    assert Batch(listed(one), run, out).finished == 64
    assert Batch(listed(two), run, out).finished == 0
    assert Batch(listed(one), run, out, point="sensitivity_95").finished == 0
    assert main(["batch", str(two), "--out", str(out)]) == 0
    assert "Parts of another list" in capsys.readouterr().err
    assert len(rows(out)) == 101
    assert Batch(listed(one), run, tmp_path / "elsewhere.parquet").finished == 0
    # Finished results of another list are not overwritten, and the same are not made again.
    assert main(["batch", str(one), "--out", str(out)]) == 1
    assert "not the result of this list" in capsys.readouterr().err
    assert main(["batch", str(two), "--out", str(out)]) == 0
    assert "All 101 pictures are judged already" in capsys.readouterr().err


def test_a_damaged_part_is_judged_anew(run, draw, tmp_path):
    folder, out = draw(tmp_path / "pictures", 100), tmp_path / "results.parquet"
    half_done(listed(folder), run, out)
    (part,) = tmp_path.glob("results.parquet.parts/*/0*.parquet")
    part.write_bytes(part.read_bytes()[:-40])
    batch = Batch(listed(folder), run, out)
    assert batch.finished == 0
    assert batch.judge().judged == 100


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_list_names_pictures_labels_and_children(run, draw, tmp_path, suffix):
    folder = draw(tmp_path / "pictures", 4)
    files = [path.relative_to(tmp_path).as_posix() for path in sorted(folder.rglob("*.jpeg"))]
    files[3] = str(tmp_path / files[3])  # a whole path, too
    files += ["pictures/gone.png", "nowhere://a.png"]
    given = {
        "file": files,
        "label": ["NORMAL", "", "1", "PNEUMONIA", "0", ""],
        "patient": ["a", "a", "", "b", "c", ""],
    }
    path = tmp_path / f"list.{suffix}"
    if suffix == "csv":
        lines = ["file;label;patient", *map(";".join, zip(*given.values(), strict=True))]
        path.write_text("\n".join(lines), encoding="utf-8-sig")
    else:
        parquet.write_table(pyarrow.table(given), path)
    Batch(listed(path), run, tmp_path / "results.parquet").judge()
    found = rows(tmp_path / "results.parquet")
    assert [row["file"] for row in found] == files
    assert [row["label"] for row in found] == [0, None, 1, 1, 0, None]
    assert [row["patient"] for row in found] == ["a", "a", None, "b", "c", None]
    assert [row["error"] is None for row in found] == [True] * 4 + [False] * 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,label\na.png,1\n", "lacks the column 'file'"),
        ("file,label\na.png,ill\n", "Row 2 .* label that is none of"),
        ("file,label\n,1\n", "Row 2 .* names no file"),
        ("file\n", "holds no picture"),
        ('file\n"a\n', "cannot be read"),
    ],
)
def test_a_list_that_cannot_be_used_is_a_sentence(tmp_path, text, said):
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(BatchError, match=said):
        listed(tmp_path / "list.csv")


def test_a_place_that_is_none_is_a_sentence(run, draw, tmp_path):
    with pytest.raises(BatchError, match="no folder and no list"):
        listed(tmp_path / "nowhere")
    (tmp_path / "list.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    with pytest.raises(BatchError, match="cannot be read"):
        listed(tmp_path / "list.parquet")
    with pytest.raises(BatchError, match="begin with nowhere://"):
        listed("nowhere://bucket/pictures")
    listing = listed(draw(tmp_path / "pictures", 2))
    with pytest.raises(BatchError, match=r"ends in \.parquet"):
        Batch(listing, run, tmp_path / "results.csv")
    with pytest.raises(RunError, match="no operating point"):
        Batch(listing, run, tmp_path / "results.parquet", point="best")
    (tmp_path / "file").write_text("")
    with pytest.raises(BatchError, match="cannot be used"):
        Batch(listing, run, tmp_path / "file" / "results.parquet").judge()


@pytest.mark.skipif(importlib.util.find_spec("gcsfs") is not None, reason="gcsfs is here")
def test_what_must_be_installed_for_an_address_is_named():
    with pytest.raises(BatchError, match=r"gs://.*pip install gcsfs\."):
        listed("gs://bucket/pictures")


def test_pictures_and_results_may_lie_behind_a_url(run, draw, tmp_path):
    folder = draw(tmp_path / "pictures", 20)
    for path in folder.rglob("*.jpeg"):
        Place.of(f"memory://bucket/pictures/{path.relative_to(folder)}").write(path.read_bytes())
    Place.of("memory://bucket/pictures/bad.png").write(b"no picture")
    out = "memory://bucket/results/all.parquet"
    outcome = Batch(listed("memory://bucket/pictures"), run, out).judge()
    assert (outcome.judged, outcome.unreadable) == (20, 1)
    found = parquet.read_table(pyarrow.BufferReader(Place.of(out).read())).to_pylist()
    Batch(listed(f"file://{folder}"), run, tmp_path / "disk.parquet").judge()
    assert [row for row in found if row["error"] is None] == rows(tmp_path / "disk.parquet")
    assert b"bad.png" in Place.of("memory://bucket/results/all.errors.csv").read()
    assert not Place.of(f"{out}.parts").exists()
    assert Batch(listed("memory://bucket/pictures"), run, out).is_complete


def test_explanations_come_with_their_intervals_and_doubts(run, draw, tmp_path):
    folder, out = draw(tmp_path / "pictures", 3), tmp_path / "results.parquet"
    (folder / "bad.png").write_bytes(b"no picture")
    arguments = ["batch", str(folder), "--out", str(out), "--explain", "lime", "--trust"]
    assert main(arguments) == 1
    *good, bad = sorted(rows(out), key=lambda row: row["error"] is not None)
    assert bad["explanation"] is None
    assert bad["error"]
    for row in good:
        told = row["explanation"]
        assert told["method"] == "lime"
        assert 0 <= told["stability"] <= 1
        assert told["trust"]
        assert told["sentence"]
        assert 0 < len(told["strongest"]) <= 5
        for part in told["strongest"]:
            assert part["low"] <= part["weight"] <= part["high"]
            assert part["low"] > 0 or part["high"] < 0
        assert row["probability"] == Classifier(run).judge(folder / row["file"]).probability


def test_no_more_is_held_than_the_cores_need(run, draw, tmp_path):
    """Parts are asked for as they are needed, however many there are."""
    listing = listed(draw(tmp_path / "pictures", 4))
    batch = Batch(listing, run, tmp_path / "results.parquet")
    asked, kept = 0, 0

    def parts():
        nonlocal asked
        for number in range(200):
            asked += 1
            assert asked - kept <= 5, "parts pile up"
            yield number, listing.table

    for _ in local.judged(run, batch.task, parts(), workers=3):
        kept += 1
    assert kept == 200


@pytest.mark.parametrize("refused", [0, 1, 2, 5])
def test_a_part_that_a_broken_pool_did_not_take_is_judged_all_the_same(
    run, draw, tmp_path, monkeypatch, refused
):
    """A worker's death may be noticed at the very moment when the next part is handed over."""
    listing = listed(draw(tmp_path / "pictures", 4))
    batch = Batch(listing, run, tmp_path / "results.parquet")
    whole, pools = local._pool, []

    @contextmanager
    def breaking(*given):
        with whole(*given) as pool:
            pools.append(pool)
            if len(pools) == 1:
                taken, submit = itertools.count(), pool.submit

                def breaks(*work):
                    if next(taken) == refused:
                        raise BrokenProcessPool
                    return submit(*work)

                pool.submit = breaks
            yield pool

    monkeypatch.setattr(local, "_pool", breaking)
    parts = ((number, listing.table) for number in range(12))
    judged = [number for number, _ in local.judged(run, batch.task, parts, workers=2)]
    assert sorted(judged) == list(range(12))
    assert len(pools) == 2


def test_memory_does_not_grow_with_the_number_of_pictures(run, draw, tmp_path):
    """As much for 6,000 as for 300, in this process and in a worker, apart from the list itself."""
    folder, many = draw(tmp_path / "few", 300), tmp_path / "many"
    for copy in range(20):
        for path in sorted(folder.rglob("*.jpeg")):
            target = many / str(copy) / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
    peaks = []
    for where in (folder, many):
        work = ("batch", run.folder, where, "local", "2")
        ended = subprocess.run(
            [sys.executable, "-m", "pipeline.benchmark.batch_work", *map(str, work)],
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(json.loads(ended.stdout)["peaks_mb"])
    if [] in peaks:
        pytest.skip("this system does not tell how much memory a process has")
    # Not their sum: of 300 pictures a worker may do all before the other has begun. Were 5,700
    # decoded pictures kept, it would be 170 MB more here, or 85 MB in one of two workers.
    for few, most in zip(*(largest[:2] for largest in peaks), strict=True):
        assert most - few < 15
