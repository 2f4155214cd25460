"""What readers of a study are asked and told."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.plain import plain
from pipeline.readings.design import AI_FIRST, READ_THEN_REVEAL, Design, Pass
from pipeline.readings.reading import Answer, Shown

NO_STUDY = (
    "No study has been made here yet. Make one on the page *Studies*, or with `python -m pipeline "
    "readings create`; every reader then gets a code of their own."
)
ENTER = (
    "Enter the code that you were given for this study. Readings are kept under a pseudonym, and "
    "nobody but you and the study's owner sees yours."
)
OWNER_HERE = (
    "This is the code of the study's owner, who does not read. Watch the study on the page "
    "*Studies*, and its results on *Agreement*."
)
READER_HERE = (
    "This is a reader's code. Only the study's owner sees everybody's readings: leave, and enter "
    "the owner's code."
)
BLIND = (
    "Read as you would any day. The model is shown once your answer is locked; a locked answer "
    "cannot be changed."
)
ALONE = "Read as you would any day. The model is not shown in this pass."
ASSISTED = "The model is shown before you answer in this pass. An answer cannot be changed later."
KEYS = (
    "**Keys**: `Y` pneumonia, `N` normal, `1` to `5` how sure, `Enter` lock and go on, `A` keep "
    "your answer, `X` change it, `J` next case, `K` previous one. The picture, once clicked, has "
    "keys of its own: `?` lists them, `Esc` ends what is begun there. What is half filled in is "
    "kept."
)
LOCKED = "Your answer is locked and stored."
ALL_READ = (
    "You have read every case of this study, and every answer is stored. Thank you: you may close "
    "this page."
)
PASS_READ = "You have read every case of this pass, and every answer is stored."
MARK_HINT = (
    "Mark where you see it: press *Mark a finding* below the picture and drag, or use the keyboard."
)

CALLS = {True: "Pneumonia", False: "Normal"}
# Of the five-point scale.
SURE = {1: "guess", 2: "unsure", 3: "fairly sure", 4: "sure", 5: "certain"}
STATES = {"new": "not read", "begun": "begun", "answered": "half read", "finished": "read"}
STATE_ICONS = {"new": "○", "begun": "◔", "answered": "◑", "finished": "●"}
JUDGEMENTS = {"plausible": "plausible", "implausible": "not", "unsure": "unsure"}
ARMS = {
    "none": "nothing",
    "text": "its call, in words",
    "score": "its call and probability",
    "overlay": "its call, probability and highlighted regions",
}
ORDERS = {
    READ_THEN_REVEAL: "after the reader has answered, who may then change it",
    AI_FIRST: "before the reader answers",
}


def instruction(one: Pass) -> str:
    """Say how a pass is read."""
    if one.arm == "none":
        return ALONE
    return BLIND if one.blind else ASSISTED


def call(shown: Shown) -> str:
    """Say the model's call."""
    return f"The model calls this **{CALLS[shown.pneumonia].lower()}**."


def probability(shown: Shown, point: str) -> str:
    """Say how sure the model is, and where its line lies."""
    return (
        f"It gives pneumonia a probability of {100 * shown.probability:.1f} % (calibrated; its "
        f"line lies at {100 * shown.threshold:.1f} %, *{point}*)."
    )


def refused(reasons: tuple[str, ...]) -> str:
    """Say that the model should not have judged the picture."""
    return f"The model is not made for this picture: {' '.join(reasons)}"


def sure(confidence: int, scale: int) -> str:
    """Say how sure an answer is."""
    return SURE[confidence] if scale == 5 else f"{confidence} of 100"


def answer(given: Answer, design: Design) -> str:
    """Say an answer in one line."""
    parts = [f"**{CALLS[given.pneumonia]}**, {sure(given.confidence, design.scale)}"]
    if given.findings:
        parts.append(plain(", ".join(given.findings)))
    if given.regions:
        parts.append(f"{len(given.regions)} marked")
    if given.quality:
        parts.append(f"picture {given.quality}")
    return "; ".join(parts)


def keeping(first: Answer, shown: Shown) -> str:
    """Name the choice to stay with the first call."""
    agrees = first.pneumonia == shown.pneumonia
    return "I keep my answer and agree" if agrees else "I keep my answer and disagree"


def missing(design: Design, draft: Mapping) -> str:
    """Say what is still to be answered; "" if nothing is."""
    needed = []
    if draft.get("pneumonia") is None:
        needed.append("your call")
    if draft.get("confidence") is None:
        needed.append("how sure you are")
    if design.quality and not draft.get("quality"):
        needed.append("how good the picture is")
    if len(needed) > 1:
        needed[-1] = f"and {needed[-1]}"
    return f"Still to be answered: {', '.join(needed)}." if needed else ""


def unanswered(design: Design, draft: Mapping) -> str:
    """Say what a reader who has seen the model has still to say; "" if nothing."""
    if draft.get("changes") is None:
        return "Still to be answered: do you keep your answer, or change it?"
    return missing(design, draft) if draft["changes"] else ""


def highlighted(number: int, weight: float) -> str:
    """Name one highlighted region and what it speaks for."""
    return f"**{number}** speaks {'for' if weight > 0 else 'against'} pneumonia"


def washout(opens: str) -> str:
    """Say when the next pass opens."""
    return (
        f"The next pass opens on {opens} (UTC), so that the cases of the last one are no longer "
        "fresh in mind. Come back then with the same code."
    )
