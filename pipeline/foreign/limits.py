"""How much a log may hold: uploads come from anywhere, and must not eat the server's memory."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import RunError

FILE_MIB = 64
RUN_POINTS = 2_000_000
TOTAL_POINTS = 20_000_000  # 300 runs of 500 epochs and 16 figures have 2.4 million
FIGURES = 500
SETTINGS = 500
TEXT = 500  # characters of a name, a setting or a note
FILES = 100_000
DEPTH = 16

_MIB = 2**20


def content(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    RunError : if it is larger than `FILE_MIB` or cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MIB * _MIB + 1)
    except OSError as error:
        raise RunError(
            f"{path.name} cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error
    if len(data) > FILE_MIB * _MIB:
        raise RunError(
            f"{path.name} is larger than {FILE_MIB} MiB.",
            "Log scalars in a file of their own, without pictures and graphs.",
        )
    return data


def text(path: Path) -> str:
    """Return a file as text.

    Raises
    ------
    RunError : if it is too large, cannot be read, or is not text.
    """
    data = content(path)
    try:
        found = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A file that is still being written may end inside a character.
        if error.reason != "unexpected end of data":
            raise RunError(
                f"{path.name} is not text in UTF-8.", "Save it as UTF-8, or export it again."
            ) from error
        found = data[: error.start].decode("utf-8-sig")
    if "\0" in found:
        raise RunError(f"{path.name} is not text.", "Export it again.")
    return found


def plain(said: object) -> str:
    """Return somebody else's text on one line, printable and of bounded length."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(said)).split())
    return line if len(line) <= TEXT else line[: TEXT - 3] + "..."
