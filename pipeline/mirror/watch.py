"""Looks at a place again and again, in the background, as long as somebody asks for its files."""

from __future__ import annotations

import logging
import threading
import time
from multiprocessing.pool import ThreadPool
from pathlib import Path

from pipeline.errors import RunError
from pipeline.mirror.place import Place
from pipeline.mirror.shelf import Shelf

# How long what was seen is taken for what is there.
LOOK_SECONDS = 5.0
# How long the first call of a process waits for news, if something is kept already.
NEWS_SECONDS = 5.0
# How long a place may be silent, if nothing is.
SILENCE_SECONDS = 30.0
# How long one process waits for the look of another.
_TURN_SECONDS = 600.0

_log = logging.getLogger(__name__)


class Watch:
    """Keeps a shelf like its place. May be shared by threads.

    Parameters
    ----------
    place, shelf : what is looked at, and where it is kept.
    look_seconds, news_seconds, silence_seconds : see this module's constants.
    """

    def __init__(
        self,
        place: Place,
        shelf: Shelf,
        look_seconds: float = LOOK_SECONDS,
        news_seconds: float = NEWS_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ):
        self._place, self._shelf = place, shelf
        self._look_seconds, self._news_seconds = look_seconds, news_seconds
        self._silence_seconds = silence_seconds
        self._lock = threading.Lock()
        self._pool: ThreadPool | None = None
        self._looking = threading.Event()
        self._ended = threading.Event()
        self._ended_at = float("-inf")
        self._heard_at = float("-inf")
        self._served = False
        self._out_of_reach = False
        self._failure: RunError | None = None

    def folder(self) -> Path:
        """Return the folder with what is kept of the place, and see to it that it is looked at.

        Raises
        ------
        RunError : if nothing is kept and the place cannot be read.
        """
        self._look_if_due()
        if self._served:
            return self._shelf.artifacts
        if self._shelf.filled:
            if not self._ended.wait(self._news_seconds):
                self._warn(f"The artifacts at {self._place.name} do not answer.")
        else:
            self._wait_while_heard()
        if not self._shelf.filled:
            raise self._failure or self._unheard()
        self._served = True
        return self._shelf.artifacts

    def _look_if_due(self) -> None:
        with self._lock:
            rests = time.monotonic() - self._ended_at < self._look_seconds
            if rests or self._looking.is_set():
                return
            self._looking.set()
            self._ended.clear()
            self._heard_at = time.monotonic()
            # Its threads end with the process, even where a place keeps them waiting.
            self._pool = ThreadPool(1)
            self._pool.apply_async(self._look, callback=self._went, error_callback=self._failed)
            self._pool.close()

    def _look(self) -> None:
        shelf = self._shelf
        with shelf.turn(_TURN_SECONDS):
            known = shelf.entries()
            sound = {name: one for name, one in known.items() if shelf.is_sound(one)}
            for name in known.keys() - sound.keys():  # rather nothing than something else
                _log.warning("The copy of %s was damaged: it is fetched again.", name)
                shelf.drop(name)
            fresh = known and shelf.age_seconds() < self._look_seconds  # others have just looked
            listed = {n: one.told for n, one in known.items()} if fresh else self._place.listed()
            self._hear()
            entries = {n: one for n, one in sound.items() if listed.get(n) == one.told}
            try:
                partials = {name: shelf.partial() for name in listed.keys() - entries.keys()}
                for name in self._place.fetched(partials.items()):
                    entries[name] = shelf.kept(partials[name], listed[name])
                    self._hear()
            finally:
                shelf.remember(sound | entries)  # what was fetched is not fetched again
            shelf.arrange(entries)
            shelf.remember(entries)
            if not fresh:
                shelf.looked()

    def _hear(self) -> None:
        self._heard_at = time.monotonic()

    def _wait_while_heard(self) -> None:
        while not self._ended.wait(0.05):
            if time.monotonic() - self._heard_at > self._silence_seconds:
                return

    def _went(self, _: None) -> None:
        if self._out_of_reach:
            _log.warning("The artifacts at %s can be reached again.", self._place.name)
        self._out_of_reach, self._failure = False, None
        self._end()

    def _failed(self, error: BaseException) -> None:
        """Keep what went wrong as a sentence: drivers of places raise what they like."""
        kind = type(error).__name__
        if isinstance(error, RunError):
            self._failure = error
        elif isinstance(error, FileNotFoundError):
            self._failure = RunError(
                f"There are no artifacts at {self._place.name}.",
                "XRAY_ARTIFACTS must name what holds runs/; check its spelling.",
            )
        else:
            self._failure = RunError(
                f"The artifacts at {self._place.name} cannot be read ({kind}).",
                "Check the network, the address and the credentials in the environment, and that "
                "XRAY_CACHE can be written to; then try again.",
            )
        if self._shelf.filled:
            self._warn(self._failure.message)
        self._end()

    def _warn(self, sentence: str) -> None:
        """Say once that the place is out of reach, until it is not any more."""
        if not self._out_of_reach:
            self._out_of_reach = True
            _log.warning("%s What was fetched before is served.", sentence)

    def _end(self) -> None:
        with self._lock:
            self._ended_at = time.monotonic()
            self._looking.clear()
            self._ended.set()

    def _unheard(self) -> RunError:
        return RunError(
            f"The artifacts at {self._place.name} have not been fetched yet.",
            "Try again in a moment; if it stays so, check the network and the address.",
        )
