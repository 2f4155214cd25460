"""What is said of a picture that the gate refuses."""

from __future__ import annotations

from collections.abc import Sequence

ANYWAY = "Judge it anyway"
WHY = "Why judge it all the same?"
WHY_HELP = (
    "The reason stands beside the verdict and in the downloaded numbers. It is kept in your "
    "session only. Write nothing that names a patient."
)
EXAMPLE = "for example: cropped on purpose to test the model"
NO_REASON = "Give a reason first; a few words are enough."
TAKE_BACK = "Hide the verdict again"


def refused(reasons: Sequence[str]) -> str:
    """Say that a picture is not judged, and why, as markdown."""
    return (
        "**This does not look like a picture the model knows, so it is not judged.**\n"
        + "".join(f"\n- {reason}" for reason in reasons)
    )


def overridden(reasons: Sequence[str]) -> str:
    """Say what a verdict on a refused picture is worth, as markdown."""
    return (
        "**Judged although it does not look like a picture the model knows. No figure on the "
        "official test set speaks for this verdict; do not weigh it.**\n"
        + "".join(f"\n- {reason}" for reason in reasons)
    )
