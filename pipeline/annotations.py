"""What people write to a run: tags and one free note, kept in ``annotations.json`` of its folder.

Beside ``run.json``, not in it: that is what the training said, this is what somebody thinks of it.
Two who write at once leave the later one's words, and never a broken file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.errors import RunError
from pipeline.runs import Run
from pipeline.storage import read_object, require_own, write_json

FILE = "annotations.json"
SCHEMA = 1
MOST_TAGS, LONGEST_TAG = 20, 40
LONGEST_NOTE = 4000

# Commas divide tags where they are listed; characters that cannot be seen have no place in a name,
# halves of surrogate pairs none in a file.
_NO_TAG = re.compile(r"[,\x00-\x1f\x7f\ud800-\udfff]")
# A note may have several lines.
_NO_NOTE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Annotations:
    """Tags and note of a run; one that exists is valid.

    Attributes
    ----------
    tags : each once whatever its case, in the order given, without blanks around.
    note : without blanks around; "" for none.

    Raises
    ------
    RunError : for what is too long, too many, or cannot be a tag.
    """

    tags: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self):
        first: dict[str, str] = {}
        for tag in self.tags:
            plain = " ".join(tag.split())
            if plain:
                first.setdefault(plain.casefold(), plain)
        tags, note = tuple(first.values()), self.note.replace("\r\n", "\n").strip()
        for tag in tags:
            if len(tag) > LONGEST_TAG or _NO_TAG.search(tag):
                raise RunError(
                    f"{tag[:60]!r} cannot be a tag.",
                    f"Use up to {LONGEST_TAG} characters without a comma.",
                )
        if len(tags) > MOST_TAGS:
            raise RunError(
                f"{len(tags)} tags are too many for one run.", f"Keep at most {MOST_TAGS}."
            )
        if len(note) > LONGEST_NOTE:
            raise RunError(
                f"The note is too long: {len(note)} characters.",
                f"Shorten it to {LONGEST_NOTE}.",
            )
        if _NO_NOTE.search(note):
            raise RunError(
                "The note has characters that cannot be seen.", "Write it as plain text."
            )
        object.__setattr__(self, "tags", tags)
        object.__setattr__(self, "note", note)

    def changed(
        self, tag: Iterable[str] = (), untag: Iterable[str] = (), note: str | None = None
    ) -> Annotations:
        """Return them with these tags more and those less, and another note unless it is None."""
        gone = {" ".join(one.split()).casefold() for one in untag}
        kept = [one for one in (*self.tags, *tag) if " ".join(one.split()).casefold() not in gone]
        return Annotations(tuple(kept), self.note if note is None else note)


def read(run: Run) -> Annotations:
    """Return what is written to a run; nothing if nobody has written.

    Raises
    ------
    RunError : if the file is damaged, or of a newer version of this program.
    """
    path = run.folder / FILE
    if not path.is_file():
        return Annotations()
    called, hint = f"{FILE} of {run.name}", "Restore the file, or remove it and write anew."
    stored = read_object(path, called, hint)
    if stored.get("schema") != SCHEMA:
        raise RunError(
            f"{called} has the unknown schema {stored.get('schema')!r}.",
            "It may come from a newer version of this program: update, or remove the file.",
        )
    tags, note = stored.get("tags", []), stored.get("note", "")
    if not (isinstance(note, str) and isinstance(tags, list)) or not all(
        isinstance(tag, str) for tag in tags
    ):
        raise RunError(f"{called} is damaged.", hint)
    try:
        return Annotations(tuple(tags), note)
    except RunError as error:
        raise RunError(f"{called} is damaged: {error.message}", hint) from error


def write(run: Run, annotations: Annotations) -> None:
    """Keep tags and note in the run's folder; without any the file goes.

    Raises
    ------
    RunError : if the folder cannot be written to, or only mirrors another place.
    """
    require_own(run.folder)
    path = run.folder / FILE
    try:
        if annotations == Annotations():
            path.unlink(missing_ok=True)
        else:
            content = {"tags": list(annotations.tags), "note": annotations.note}
            write_json(path, {"schema": SCHEMA, **content})
    except OSError as error:
        raise RunError(
            f"{FILE} of {run.name} cannot be written.",
            "Make its folder writable, and check that the disk is not full.",
        ) from error
