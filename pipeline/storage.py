"""Writing files so that a crash leaves either the old one or the new one."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import RunError

# Lies in a folder of copies and names the place that they are copies of.
MIRRORED = ".mirrored"


def mirrored(path: Path) -> str | None:
    """Return which place `path` only mirrors; None if it is no copy of anything elsewhere."""
    for folder in (path, *path.parents):
        if (folder / MIRRORED).is_file():
            return (folder / MIRRORED).read_text(encoding="utf-8")
    return None


def require_own(path: Path) -> None:
    """Refuse to write where files only mirror another place: the next look would undo it.

    Raises
    ------
    RunError : saying which place it is.
    """
    if place := mirrored(path):
        raise RunError(
            f"The artifacts are read from {place}, and nothing is ever written there.",
            "Do this where they are kept: XRAY_ARTIFACTS must name a folder there.",
        )


@contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place if the block succeeds.

    The temporary name keeps the suffix, because Keras chooses its format by it, and begins
    with a dot, so that no listing takes it for the real thing.

    Parameters
    ----------
    mode : who may read it once it is there; until then only its owner can.

    Raises
    ------
    RunError : where files only mirror another place.
    """
    require_own(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-", suffix=path.suffix)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(mode)  # mkstemp gives 0600, and artifacts are meant to be shared
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def write_json(path: Path, content) -> None:
    """Write `content` as JSON; NaN and infinity become null, which is all JSON can say."""
    text = json.dumps(_finite(content), indent=1, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")


def read_object(path: Path, called: str, hint: str) -> dict:
    """Return the JSON object in `path`.

    Parameters
    ----------
    called : what a user is to read of the file.
    hint : how to have it again.

    Raises
    ------
    RunError : if it cannot be read, or holds something else.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    # RecursionError: brackets a hundred thousand deep.
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{called} cannot be read.", hint) from error
    if not isinstance(document, dict):
        raise RunError(f"{called} is not an object.", hint)
    return document


def _finite(value):
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return value
