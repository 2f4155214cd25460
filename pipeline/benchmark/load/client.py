"""The process that is many people: ``python -m pipeline.benchmark.load.client PLAN``.

PLAN is `pipeline.benchmark.load.plan.Plan` as JSON. Prints JSON, one object a line: ``say`` on the
way, ``report`` or ``gone`` at the end. Works at a low priority, so that the server on the same
cores goes first.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from pipeline.benchmark.load.person import GoneError, Person
from pipeline.benchmark.load.pictures import Pictures
from pipeline.benchmark.load.plan import Plan
from pipeline.benchmark.load.tally import Tally

_NICE = 10
# What a session remembers of a kind is at most of so many pictures: `dashboard/state.py`.
_REMEMBERED = 16
# In which the server tidies at least once: `dashboard/memory.py`.
_TIDIED_SECONDS = 65
# Between two looks at how far it is.
_SAY_SECONDS = 15


def main(plan: Plan, tell: Callable[[dict], None]) -> None:
    tally, gone = Tally(plan.process), ""
    pool = ThreadPoolExecutor(max(4, plan.sessions))
    try:
        asyncio.run(_within(plan, tally, pool, tell))
    except* GoneError as errors:
        gone = str(errors.exceptions[0])
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    if gone:
        tell({"gone": gone, "uploads": tally.uploads})
    else:
        tell({"report": tally.report(skip=_REMEMBERED * plan.sessions)})


async def _within(
    plan: Plan, tally: Tally, pool: ThreadPoolExecutor, tell: Callable[[dict], None]
) -> None:
    """Do everything, or what there is time for."""
    watching = asyncio.create_task(_watch(tally, tell))
    try:
        async with asyncio.timeout(plan.seconds):
            await _everything(plan, tally, pool, tell)
    except TimeoutError:
        tally.errors["the time was over before the last step"] += 1
    finally:
        watching.cancel()


async def _everything(
    plan: Plan, tally: Tally, pool: ThreadPoolExecutor, tell: Callable[[dict], None]
) -> None:
    pictures = Pictures()
    people = [Person(plan, tally, pictures, pool, number) for number in range(plan.sessions)]
    await _all(person.arrive() for person in people)
    tally.mark("everybody has come")
    tell({"say": f"{plan.sessions} people have come."})

    def goes_on(seconds: float) -> bool:
        return tally.asked < plan.uploads and tally.seconds < seconds

    await _all(person.read(lambda: goes_on(plan.reading_until), True) for person in people)
    tally.begin("explaining")
    if plan.explanations:
        await _explaining(plan, people)
    tally.begin("uploading")
    await _all(person.upload_all(lambda: goes_on(plan.uploading_until)) for person in people)
    tally.begin("leaving")
    tally.mark("before everybody leaves")
    await _all(person.leave() for person in people)
    if tally.seconds + plan.kept_seconds + _TIDIED_SECONDS + 10 < plan.seconds:
        await asyncio.sleep(plan.kept_seconds)
        # The server looks for sessions whose time is over when another one ends.
        for _ in range(2):
            last = Person(plan, tally, pictures, pool, plan.sessions)
            await last.arrive()
            await last.leave()
            await asyncio.sleep(1)
        await asyncio.sleep(_TIDIED_SECONDS)
        tally.mark("after everybody has left")


async def _explaining(plan: Plan, people: list[Person]) -> None:
    """Let some ask for an explanation at the same moment, while the others go on reading."""
    waiting = plan.explanations

    async def ask(person: Person) -> None:
        nonlocal waiting
        await person.explain()
        waiting -= 1

    asking, others = people[: plan.explanations], people[plan.explanations :]
    await _all([*map(ask, asking), *(one.read(lambda: waiting > 0) for one in others)])


async def _all(doings: Iterable[Awaitable]) -> None:
    """Let everybody do it at once; if one cannot, nobody goes on."""
    async with asyncio.TaskGroup() as group:
        for doing in doings:
            group.create_task(doing)


async def _watch(tally: Tally, tell: Callable[[dict], None]) -> None:
    while True:
        await asyncio.sleep(_SAY_SECONDS)
        wrong = "; ".join(f"{count} x {what}" for what, count in tally.errors.items())
        tell(
            {
                "say": f"{tally.seconds:.0f} s, {tally.phase}: {tally.uploads} uploads judged, "
                f"errors: {wrong or 'none'}"
            }
        )


def _print(told: dict) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    os.nice(_NICE)
    main(Plan.from_json(sys.argv[1]), _print)
    os._exit(0)  # without waiting for threads that a silent server keeps
