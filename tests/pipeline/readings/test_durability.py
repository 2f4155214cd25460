"""Nothing that was acknowledged is lost and nothing is doubled, whoever is killed when."""

import contextlib
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from pipeline.readings import trail
from pipeline.readings.store import Store

SCRIPT = Path(__file__).with_name("writing.py")
# Of a step that is taken once; whoever opens a case twice has opened it twice.
ONCE = ("answered", "revealed", "finished")
KILLS = 100


class Writers:
    """Readers in processes of their own, and what they say that they were told."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._server = subprocess.Popen(
            [sys.executable, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _ask(self, command):
        print(json.dumps(command), file=self._server.stdin, flush=True)
        return json.loads(self._server.stdout.readline())

    def start(self, address: str, study: str, readers, patient: bool = False) -> list[int]:
        return self._ask(
            [
                {
                    "address": address,
                    "study": study,
                    "reader": reader,
                    "log": str(self._folder / f"{reader}.log"),
                    "patient": patient,
                }
                for reader in readers
            ]
        )

    def wait(self) -> list[int]:
        """Return how all of them ended, once they have."""
        return self._ask("wait")

    def told(self, reader: str) -> list[list]:
        log = self._folder / f"{reader}.log"
        if not log.exists():
            return []
        whole = log.read_text().rpartition("\n")[0]  # the last line may still be written
        return [json.loads(line) for line in whole.splitlines()]

    def tell(self, reader: str, line: list) -> None:
        with (self._folder / f"{reader}.log").open("a") as log:
            print(json.dumps(line), file=log)

    def end(self) -> None:
        self._server.stdin.close()
        self._server.wait(timeout=60)
        self._server.stdout.close()


@pytest.fixture
def writers(tmp_path):
    made = Writers(tmp_path)
    yield made
    made.end()


def steps(*arguments):
    return dict(runpy.run_path(str(SCRIPT))["steps"](*arguments))


def acknowledged(told) -> set[tuple]:
    return {tuple(line[1:]) for line in told if line[0] == "acknowledged" and line[2] in ONCE}


def stored(events) -> Counter:
    return Counter((event.who, event.what, event.case) for event in events if event.what in ONCE)


def in_flight(told) -> tuple | None:
    """Return the step that a writer was about to take when it died, if it was not told of it."""
    tried = [tuple(line[1:]) for line in told if line[0] == "tries"]
    last = [line for line in told if line[0] in ("tries", "acknowledged")][-1:]
    return tried[-1] if last and last[0][0] == "tries" else None


def take_stock(store: Store, study: str, writers: Writers, readers) -> Counter:
    """Check that what was acknowledged is there once; return how many steps were cut off.

    A step that was under way is sent once more with the same key, as the page does, and then is
    there once, too. The count tells apart those that had been stored and those that had not.
    """
    events = store.events(study)
    assert trail.faults(events) == []
    there, promised, cut_off = stored(events), set(), Counter()
    for reader in readers:
        told = writers.told(reader)
        assert not [line for line in told if line[0] == "failed"]
        promised |= acknowledged(told)
        if (cut := in_flight(told)) and cut[1] in ONCE:
            cut_off[cut in there] += 1
            steps(store, study, reader, cut[2])[cut[1]]()
            writers.tell(reader, ["acknowledged", *cut])
            promised.add(cut)
    assert there.keys() <= promised
    again = stored(store.events(study))
    assert again.keys() == promised
    assert set(again.values()) <= {1}
    return cut_off


def test_a_writer_may_be_killed_at_any_moment(address, design, cases, writers):
    readers = ("first", "second")
    store = Store(address)
    made = store.create(design(), cases(250), readers)
    moments, cut_off = random.Random(0), Counter()
    for _ in range(KILLS // len(readers)):
        before = [len(writers.told(reader)) for reader in readers]
        pids = writers.start(address, made.study_id, readers)
        if moments.random() < 0.8:  # else it may die while it opens the database
            while [len(writers.told(reader)) for reader in readers] == before:
                time.sleep(0.002)
        for pid in moments.sample(pids, len(pids)):  # one dies while the other one writes
            time.sleep(moments.uniform(0, 0.08))
            os.kill(pid, signal.SIGKILL)
        assert set(writers.wait()) == {-signal.SIGKILL}
        cut_off += take_stock(store, made.study_id, writers, readers)
    assert sum(cut_off.values()) >= KILLS // 10, "hardly a kill met a write"
    assert store.verify(made.study_id).problems == ()
    store.dispose()


def test_the_server_may_be_killed_at_any_moment(postgresql_server, design, cases, writers):
    server = postgresql_server()
    address, readers = server.url("postgres"), ("first", "second")
    store = Store(address)
    made = store.create(design(), cases(400), readers)
    pids = writers.start(address, made.study_id, readers, patient=True)
    moments = random.Random(2)
    for _ in range(10):
        time.sleep(moments.uniform(0.1, 0.4))
        server.kill()
        server.up()
        promised = set().union(*(acknowledged(writers.told(reader)) for reader in readers))
        assert promised <= stored(store.events(made.study_id)).keys()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert set(writers.wait()) == {-signal.SIGKILL}
    take_stock(store, made.study_id, writers, readers)
    assert len(stored(store.events(made.study_id))) > 30
    assert store.verify(made.study_id).problems == ()
    store.dispose()


def test_ten_processes_that_write_at_once_lose_nothing(address, design, cases, writers):
    readers = [f"reader {number}" for number in range(10)]
    store = Store(address)
    made = store.create(design(), cases(5), readers)
    writers.start(address, made.study_id, readers)
    assert writers.wait() == [0] * 10
    everything = {(who, what, case) for who in readers for what in ONCE for case in range(1, 6)}
    assert stored(store.events(made.study_id)) == Counter(everything)
    assert [one for one in store.readings(made.study_id) if one.final is None] == []
    assert store.verify(made.study_id).problems == ()
    store.dispose()


def test_ten_threads_that_share_a_store_lose_nothing(store, design, cases):
    readers = [f"reader {number}" for number in range(10)]
    made = store.create(design(), cases(5), readers)
    failed = []

    def read(reader: str) -> None:
        with contextlib.ExitStack() as stack:
            stack.callback(failed.append, reader)
            for case in range(1, 6):
                for call in steps(store, made.study_id, reader, case).values():
                    call()
            stack.pop_all()

    threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failed == []
    everything = {(who, what, case) for who in readers for what in ONCE for case in range(1, 6)}
    assert stored(store.events(made.study_id)) == Counter(everything)
    assert store.verify(made.study_id).problems == ()
