"""Fuzz compressed DICOM frames with the decoders that they are for, in a process of their own.

A decoder may crash; the reader must answer with a sentence all the same. Each execution starts a
process, so that a few thousand take as long as hundreds of thousands of `fuzz_dicom.py`.
"""

from __future__ import annotations

import random
from dataclasses import replace

from campaign import run, watched
from dicom_parts import PIXELS, fragments, mutated_frame, taken_apart, written

with watched(__name__ == "__main__"):
    from fuzz_dicom import REFUSALS, packed_seeds, read


def seeds() -> list[bytes]:
    return packed_seeds()


def mutate(data: bytes, dice: random.Random) -> bytes:
    """Change the frame alone: what is around it is never seen by a decoder."""
    uid, parts = taken_apart(data)
    return written(
        uid,
        [
            replace(part, value=fragments(mutated_frame(part.value[16:-8], dice)))
            if part.tag == PIXELS and part.length is not None
            else part
            for part in parts
        ],
    )


if __name__ == "__main__":
    run(seeds(), mutate, read, REFUSALS)
