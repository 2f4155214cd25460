"""What is said where many share one server: places in the queue, and limits."""

from __future__ import annotations

_COUNTED = {
    "uploads": ("pictures uploaded", "minute"),
    "studies": ("studies made", "hour"),
    "imports": ("times runs added", "hour"),
}


def waiting(doing: str, before: int, seconds: float | None) -> str:
    """Say which place somebody has in the queue: ``LIME: waiting, 2 before you``."""
    place = f"{before} before you" if before else "you are next"
    time = "" if seconds is None else f", about {duration(seconds)} until it begins"
    return f"{doing}: waiting, {place}{time}"


def duration(seconds: float) -> str:
    """Say how long something takes, not more exactly than it is known."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{round(minutes / 60)} h"


def too_often(what: str, most: int, seconds: int) -> tuple[str, str]:
    """Say that somebody did something too often, and when it is possible again."""
    done, period = _COUNTED[what]
    return (
        f"That is more than {most} {done} in one {period}, which is all that one person has here.",
        f"Try again in {duration(seconds)}.",
    )


def queue_full(of_person: bool, limit: int, seconds: float | None) -> tuple[str, str]:
    """Say that no place is left in the queue, and when there may be one."""
    when = "a minute" if seconds is None else f"about {duration(seconds)}"
    if of_person:
        return (
            f"You have {limit} calculations waiting already, as many as one person may have here.",
            f"Stop one of them, or try again in {when}.",
        )
    return (
        f"{limit} calculations are waiting on this server already.",
        f"Try again in {when}; everything else on the pages works meanwhile.",
    )


def too_much_kept(limit_mb: int, of_server: bool) -> tuple[str, str]:
    """Say that an upload found no room."""
    if of_server:
        return (
            f"The uploads of everybody here take the {limit_mb} MB that this server has for them, "
            "so the file was not kept.",
            "Try again in a few minutes.",
        )
    return (
        f"With this file your uploads would take more than {limit_mb} MB, so it was not kept.",
        "Remove files that you no longer need from the upload boxes, then choose it again.",
    )


TRY_AGAIN = "Try again"
