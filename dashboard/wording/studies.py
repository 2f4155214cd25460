"""What the owner of a study is asked and told."""

from __future__ import annotations

WHAT = (
    "A study lets readers judge the same X-rays under a pseudonym, each in an order of their own, "
    "and counts how they agree with each other, with the truth and with the model."
)
SOURCES = {
    "samples": "Sample X-rays",
    "test": "Official test set",
    "upload": "Your own pictures",
}
SOURCE_HELP = {
    "samples": "of the official validation set at full resolution, which no run was trained on.",
    "test": "a random draw, half of each class, one picture a patient.",
    "upload": "PNG, JPEG or DICOM. What `python -m pipeline batch` has judged becomes cases by "
    "`readings create --cases RESULTS.parquet`, without being sent.",
}
KEPT = (
    "Pixels, pixel spacing and four tags (age, view, body part, modality) are kept in the study's "
    "database until the study is deleted. File names, and everything else that a file says of a "
    "patient, are thrown away as it is read. Letters burned into the picture stay in it: look "
    "for them."
)
READERS = (
    "One pseudonym a line, such as *reader-1* or *senior*. Never a name: it stands in every export."
)
ARM_HELP = (
    "Tang 2023 (Radiology: Artificial Intelligence): text alone raised ten radiologists' AUC from "
    ".82 to .87; a probability or an overlay besides added nothing significant. Which is best for "
    "your readers is what a study can tell."
)
ORDER_HELP = (
    "Answering first keeps the reading blind, and shows what the model changes. Shown first, the "
    "model may lead (automation bias)."
)
SCALE_HELP = (
    "Five points are quick; a hundred give a finer ROC curve. Together with the call it is the "
    "reader's score: from certainly normal to certainly pneumonia."
)
REPEATS_HELP = (
    "Cases that every reader reads once more in a second pass, in another order: how far they "
    "agree with themselves (intra-reader kappa)."
)
WASHOUT_HELP = "Days between a reader's last case of a pass and their first of the next."
DIFFERENT_HELP = (
    "Reading the same cases without and with the model, some weeks apart, is the crossover design "
    "of most reader studies."
)
FINDINGS = (
    "consolidation",
    "interstitial pattern",
    "pleural effusion",
    "hyperinflation",
    "atelectasis",
)
CODES_ONCE = (
    "**Copy these codes now: they are not stored and cannot be shown again.** Give every reader "
    "their own, or their link; whoever has a code reads in its name. Yours shows everybody's "
    "readings. New ones come from the shell: `python -m pipeline readings codes`."
)
CLOSE_HELP = "No more readings are taken; what was read stays. Cannot be undone."


def missing(titled: bool, cases: int, readers: int) -> str:
    """Say what a study still needs; "" if nothing."""
    needed = [
        *([] if titled else ["a title"]),
        *([] if cases else ["pictures"]),
        *([] if readers else ["at least one reader"]),
    ]
    return f"Still needed: {', '.join(needed)}." if needed else ""


def refused(count: int, of: int) -> str:
    """Say how many pictures were left out because the model is not made for them."""
    pictures = "picture was" if count == 1 else "pictures were"
    return (
        f"{count} of {of} {pictures} left out: the gate refuses them, so that the model has "
        "nothing to say of them."
    )


def made(title: str, cases: int, readers: int) -> str:
    """Say that a study is ready."""
    people = "reader" if readers == 1 else "readers"
    return f"*{title}* is ready: {cases} cases, {readers} {people}."


def truth(unknown: int, of: int) -> str:
    """Say how far the truth is known, and how to give it."""
    known = (
        f"The truth of {unknown} of {of} cases is not known, so nothing can be said of right and "
        "wrong there."
        if unknown
        else f"The truth of all {of} cases is known; a table given here takes its place."
    )
    return (
        f"{known} Give it as CSV with the columns `case` (or `sha256`) and `label` (NORMAL or "
        "PNEUMONIA, or 0 and 1), and `patient` where one has several cases."
    )


def truth_stored(count: int) -> str:
    """Say that the truth is stored."""
    return f"The truth of {count} {'case' if count == 1 else 'cases'} is stored."
