"""A process that forks readers who write to a store until they are done or killed.

Forked, because starting Python and importing everything for each would take most of the tests'
time. Commands come as JSON lines: a list of writers, answered by their process ids, or ``"wait"``,
answered once all have ended. Every writer tells a file of its own what it is about to do, and what
the store has acknowledged.
"""

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))  # no package, no pytest: a plain script

import psycopg
import sqlalchemy.dialects.postgresql.psycopg

from pipeline.errors import StoreError
from pipeline.readings.reading import Answer, Shown
from pipeline.readings.store import Store, next_of

IMPORTED = (psycopg, sqlalchemy.dialects.postgresql.psycopg)


def write(address: str, study: str, reader: str, log: str, patient: bool) -> None:
    """Read whatever is due on a worklist, each step under a key that follows from the case."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def tell(word: str, *what) -> None:
        os.write(file, (json.dumps([word, *what]) + "\n").encode())

    def step(what: str, case: int, call) -> object:
        tell("tries", reader, what, case)
        while True:
            try:
                result = call()
                break
            except StoreError as error:
                if not patient:
                    tell("failed", reader, what, case, str(error))
                    raise
                time.sleep(0.02)
        tell("acknowledged", reader, what, case)
        return result

    while True:
        try:
            store = Store(address)
            break
        except StoreError:
            if not patient:
                raise
            time.sleep(0.02)
    while True:
        items = step("worklist", 0, lambda: store.worklist(study, reader))
        item = next_of(items)
        if item is None:
            tell("done", reader)
            return
        for what, call in steps(store, study, reader, item.case):
            step(what, item.case, call)


def steps(store: Store, study: str, reader: str, case: int) -> list:
    """Return the steps of a whole reading, ``(what, call)``; all can be taken twice."""
    place, key = (study, reader, 1, case), f"{reader}-{case}"
    design, model = store.study, store.model_call
    answer = Answer(case % 2 == 0, 1 + case % 5)

    def reveal():
        call, plan = model(study, case), design(study).design
        shown = Shown(
            "overlay", plan.run, plan.run_sha256, call.probability, plan.threshold, call.pneumonia
        )
        return store.reveal(*place, shown=shown, key=key)

    return [
        ("opened", lambda: store.begin(*place)),
        ("draft", lambda: store.save_draft(*place, draft={"case": case}, seconds=1.5)),
        ("answered", lambda: store.answer(*place, answer=answer, seconds=2.5, key=key)),
        ("revealed", reveal),
        (
            "finished",
            lambda: store.finish(
                *place, final=answer, ratings=(), comment="", seconds=1.0, key=key
            ),
        ),
    ]


def serve() -> None:
    for line in sys.stdin:
        command = json.loads(line)
        if command == "wait":
            ended = [os.waitstatus_to_exitcode(status) for status in _wait()]
            print(json.dumps(ended), flush=True)
            continue
        forked = []
        for writer in command:
            process = os.fork()
            if process == 0:
                status = 1
                try:
                    write(**writer)
                    status = 0
                finally:
                    os._exit(status)  # never back into the loop
            forked.append(process)
        print(json.dumps(forked), flush=True)


def _wait():
    while True:
        try:
            yield os.wait()[1]
        except ChildProcessError:
            return


if __name__ == "__main__":
    serve()
