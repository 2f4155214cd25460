"""What can go wrong for a user, said in one sentence with the next step.

A mistake of the caller's code is a ``ValueError`` ("Expected ... Received: ..."); a situation
of the user (a broken file, an empty folder) is a ``PipelineError``.
"""


class PipelineError(Exception):
    """A user's situation that stops the work.

    Parameters
    ----------
    message : one sentence that says what is wrong.
    hint : the next step, as an imperative sentence.
    """

    def __init__(self, message: str, hint: str):
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


class ImageError(PipelineError):
    """A picture that cannot be read."""


class DatasetError(PipelineError):
    """A data set that is missing, incomplete or not laid out as expected."""


class GateError(PipelineError):
    """The gate's own model is missing or damaged."""


class RunError(PipelineError):
    """A run that does not exist, is unfinished or is damaged."""


class TrainingError(PipelineError):
    """A training that cannot start or go on."""


class StoreError(PipelineError):
    """A reader study that is not there, or does not allow what is asked, or cannot be reached."""


class BatchError(PipelineError):
    """A batch of pictures whose list, place or engine cannot be used, or results that cannot."""


class Cancelled(PipelineError):  # noqa: N818 - not an error of anybody's
    """Work that was stopped because somebody asked for it."""

    def __init__(self, what: str):
        super().__init__(f"{what} was stopped.", "Start it again when you want the result.")
