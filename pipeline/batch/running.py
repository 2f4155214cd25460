"""A batch from its list to its results, on either engine; taken up where it was left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from pipeline.batch import local
from pipeline.batch.judging import Task
from pipeline.batch.listing import Listing
from pipeline.batch.parts import Parts
from pipeline.batch.places import Place
from pipeline.errors import BatchError
from pipeline.request import Request
from pipeline.runs import Run

ENGINES = ("local", "ray")


@dataclass(frozen=True)
class Outcome:
    """How a batch ended.

    Attributes
    ----------
    judged, refused, unreadable : pictures; refused ones are judged, too.
    """

    judged: int
    refused: int
    unreadable: int


class Batch:
    """A batch that is to be judged.

    Parameters
    ----------
    listing : of what.
    run : by which run.
    out : a Parquet file, as a path or URL.
    point : operating point of the run, its own by default.
    request : how to explain; None not to.

    Raises
    ------
    RunError : if the run has no such operating point.
    BatchError : if the results cannot lie there.
    """

    def __init__(
        self,
        listing: Listing,
        run: Run,
        out: str,
        point: str | None = None,
        request: Request | None = None,
    ):
        self.listing, self.run = listing, run
        self.out = Place.of(out)
        if self.out.suffix != ".parquet":
            raise BatchError(
                f"The results would be called {self.out.name}.",
                "Name a file that ends in .parquet.",
            )
        self.task = Task.of(run, point, listing, request)
        self.parts = Parts(self.out, self.task)
        self.is_complete = self.parts.is_complete()
        self._finished = set() if self.is_complete else self.parts.finished()

    @property
    def finished(self) -> int:
        """How many pictures are judged and kept."""
        if self.is_complete:
            return len(self.listing)
        return sum(self.parts.pictures(number) for number in self._finished)

    def judge(
        self,
        engine: str = "local",
        address: str | None = None,
        workers: int | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Outcome:
        """Judge what is not judged yet, keep every part as it comes, and join them.

        Parameters
        ----------
        engine : one of `ENGINES`.
        address : of a Ray cluster; one is started on this machine, and ended, if none is given.
        workers : processes, or actors of Ray; by default one for every core.
        progress : called with the number of pictures of every part that is kept.

        Raises
        ------
        RunError : if the run cannot judge.
        BatchError : if the engine or the place of the results cannot be used, or workers die again
            and again.
        """
        missing = [n for n in range(self.parts.count) if n not in self._finished]
        waiting = ((number, self.parts.slice(self.listing.table, number)) for number in missing)
        if engine == "ray" and missing:
            from pipeline.batch import cluster  # it loads Ray, which takes seconds

            judged = cluster.judged(self.run, self.task, waiting, address, workers)
        else:
            judged = local.judged(self.run, self.task, waiting, workers)
        with closing(judged):  # whoever stops here stops the workers, too
            for number, table in judged:
                self.parts.keep(number, table)
                self._finished.add(number)
                progress(self.parts.pictures(number))
        outcome = Outcome(**self.parts.join())
        self.is_complete = True
        return outcome
