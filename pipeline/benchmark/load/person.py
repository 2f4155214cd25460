"""What one person does on the pages, each step timed from the hand to what is seen."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from pipeline.benchmark.load import page
from pipeline.benchmark.load.browser import Browser, LostError, SilentError
from pipeline.benchmark.load.pictures import Drawn, Pictures
from pipeline.benchmark.load.plan import Plan
from pipeline.benchmark.load.tally import Tally

# As the viewer's own script reports them.
_SETTINGS = {
    "scene": "",
    "layout": "one",
    "source": "alone",
    "left": "alone",
    "right": "alone",
    "sign": "both",
    "rest": "dimmed",
    "k": 5,
    "opacity": 0.5,
    "least": 0,
    "swipe": 0.5,
    "mask": False,
    "heat": False,
}


class GoneError(Exception):
    """Nobody answers any more."""


class Person:
    """Somebody with one tab.

    Parameters
    ----------
    number : tells this person's pauses from another's.
    pool : threads in which files are sent.
    """

    def __init__(
        self, plan: Plan, tally: Tally, pictures: Pictures, pool: ThreadPoolExecutor, number: int
    ):
        self._plan, self._tally, self._pictures, self._pool = plan, tally, pictures, pool
        self._chance = random.Random(number)
        self._outlines = False
        self._points = 0
        self._shown: Drawn | None = None
        self._browser = Browser(plan.address, pool)

    async def arrive(self) -> None:
        """Open the page and turn to uploads; try again for as long as the server is only slow.

        Raises
        ------
        GoneError : if there is no page.
        """
        while True:
            try:
                await self._timed("open the page", self._browser.open())
                self._browser.choose(page.SOURCE, page.UPLOAD_CHOICE)
                await self._browser.run()
                return
            except SilentError as error:
                self._tally.errors[str(error)] += 1
                await self._new_tab()
            except LostError as error:
                raise GoneError(str(error)) from error
            finally:
                self._note_complaints()

    async def leave(self) -> None:
        await self._browser.close()

    async def read(self, goes_on: Callable[[], bool], at_least_once: bool = False) -> None:
        """Do one thing after the other, with pauses, for as long as `goes_on` says.

        Parameters
        ----------
        at_least_once : each of them, however long it takes.
        """
        while at_least_once or goes_on():
            for step in (
                self.upload,
                self._toggle,
                self.upload,
                self._move_point,
                self._take_away,
                self.upload,
                self._look_elsewhere,
                self.upload,
                self._lose_the_socket,
            ):
                if not (at_least_once or goes_on()):
                    return
                if step == self.upload and self._tally.asked >= self._plan.uploads:
                    continue
                await self._careful(step)
                await asyncio.sleep(self._chance.uniform(*self._plan.pause))
            at_least_once = False

    async def upload_all(self, goes_on: Callable[[], bool]) -> None:
        """Upload one picture after the other, without a pause."""
        while goes_on():
            await self._careful(self.upload)

    async def upload(self) -> None:
        """Upload a picture, and wait for the verdict and the rest of the page."""
        drawn, screen = self._pictures.draw(), self._browser.screen
        self._tally.asked += 1
        began = perf_counter()
        await self._browser.send_file(page.UPLOAD, f"picture.{drawn.suffix}", drawn.data)
        sent = perf_counter()
        screen.verdict, screen.limited = "", ""
        await self._browser.run()
        if screen.limited:
            self._tally.limited += 1
            self._shown = None
            return
        if not screen.verdict:
            raise LostError("a page without a verdict")
        if screen.viewer().get("picture") != hashlib.sha256(drawn.data).hexdigest():
            raise LostError("another picture than the one that was uploaded")
        self._shown = drawn
        self._tally.took("send the file", sent - began)
        self._tally.took("prediction", screen.verdict_seen - sent)
        self._tally.took("whole page", perf_counter() - sent)
        self._tally.uploaded(drawn.kind)

    async def explain(self) -> bool:
        """Ask for an explanation of the picture and wait for it; return whether it came in time."""
        if self._shown is None:
            await self._careful(self.upload)
        screen = self._browser.screen
        screen.waits.clear()

        def explained() -> bool:
            told = screen.viewer()
            return bool(told.get("layers")) and not told["busy"]

        async def ask() -> None:
            await self._browser.trigger(page.VIEWER, "wanted", "mask")
            left = self._plan.explaining_until - self._tally.seconds
            await self._browser.until(explained, max(1.0, left))

        try:
            await self._timed("explanation", ask())
        except LostError as error:
            if self._plan.explaining_until > self._tally.seconds:
                await self._went_wrong(error, "explain")
            return False
        finally:
            self._note_complaints()
            if screen.waits:
                self._tally.places.append(list(screen.waits))
        return True

    async def _toggle(self) -> None:
        """Switch an overlay that needs no explanation: the outlines of the parts."""
        if self._shown is None:
            return
        self._outlines = not self._outlines
        told = {"picture": self._browser.screen.viewer().get("picture"), **_SETTINGS}
        report = self._browser.report(page.VIEWER, settings={**told, "outlines": self._outlines})
        await self._timed("toggle an overlay", report)

    async def _move_point(self) -> None:
        if self._shown is None:
            return
        options = self._browser.options(page.POINT)
        self._points += 1
        self._browser.choose(page.POINT, options[self._points % len(options)])
        await self._timed("change the operating point", self._browser.run())

    async def _take_away(self) -> None:
        if self._shown is None:
            return
        await self._timed("take the numbers away", self._browser.take_away(page.SAVE))

    async def _look_elsewhere(self) -> None:
        await self._timed("turn to another page", self._browser.go(page.ELSEWHERE))
        await self._timed("come back to the picture", self._browser.go(""))
        self._require_the_picture()

    async def _lose_the_socket(self) -> None:
        await self._browser.drop()
        await self._timed("reconnect", self._browser.reconnect())
        self._require_the_picture()

    def _require_the_picture(self) -> None:
        if self._shown is None:
            return
        shown = self._browser.screen.viewer().get("picture")
        if shown != hashlib.sha256(self._shown.data).hexdigest():
            raise LostError("the picture was gone")

    async def _careful(self, step: Callable[[], Awaitable[None]]) -> None:
        """Take a step; if it goes wrong, count that and go on in a new tab."""
        try:
            await step()
        except LostError as error:
            await self._went_wrong(error, step.__name__.strip("_").replace("_", " "))
        self._note_complaints()

    async def _went_wrong(self, error: LostError, doing: str) -> None:
        self._tally.errors[f"{error} ({doing})"] += 1
        self._note_complaints()
        await self._new_tab()
        await self.arrive()

    async def _new_tab(self) -> None:
        await self._browser.close()
        self._browser, self._shown = Browser(self._plan.address, self._pool), None

    def _note_complaints(self) -> None:
        self._tally.errors.update(self._browser.screen.complaints)
        self._browser.screen.complaints.clear()

    async def _timed(self, step: str, doing: Awaitable) -> None:
        began = perf_counter()
        await doing
        self._tally.took(step, perf_counter() - began)
