"""What the exported tables say: their columns, in order, with type and meaning."""

from __future__ import annotations

from dataclasses import dataclass

# Types are Python's; each column may be empty where its meaning says so.
TYPES = {"text": str, "whole number": int, "number": float, "true or false": bool}


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    meaning: str

    def __post_init__(self):
        if self.kind not in TYPES:
            raise ValueError(f"Expected one of {', '.join(TYPES)}. Received: {self.kind!r}")


_PLACE = (
    Column("study", "text", "the study's id"),
    Column("reader", "text", "pseudonym"),
    Column("pass", "whole number", "which round through the cases, from 1"),
    Column("case", "whole number", "number of the case within the study, from 1"),
)


def _answer(which: str, when: str) -> tuple[Column, ...]:
    return (
        Column(f"{which}_pneumonia", "true or false", f"the call {when}"),
        Column(f"{which}_confidence", "whole number", "how sure of it, from 1 to the scale's end"),
        Column(
            f"{which}_score",
            "whole number",
            "the confidence, negative for a normal picture: what a ROC curve is drawn from",
        ),
        Column(f"{which}_findings", "text", "findings that were ticked, parted by '; '"),
        Column(f"{which}_quality", "text", "quality of the picture; empty if it was not asked for"),
    )


READINGS = (
    *_PLACE,
    Column("position", "whole number", "when this reader got the case in that pass, from 1"),
    Column("picture_sha256", "text", "of the file that the picture was read from"),
    Column("patient", "text", "pseudonym; intervals are drawn over patients"),
    Column("label", "whole number", "the truth: 0 normal, 1 pneumonia, empty if it is not known"),
    Column("arm", "text", "what the pass shows of the model: none, text, score or overlay"),
    Column("order", "text", "read-then-reveal or ai-first"),
    Column("model_probability", "number", "of pneumonia, whether or not it was shown"),
    Column("model_pneumonia", "true or false", "the model's call"),
    Column("model_accepts", "true or false", "whether the gate accepted the picture"),
    *_answer("first", "before the model was shown; empty in a pass that shows it first"),
    *_answer("final", "that counts in the end; empty while the case is not finished"),
    Column("switched", "true or false", "whether the call changed once the model was shown"),
    Column("shown_run", "text", "the network that was shown; empty if none was"),
    Column("shown_run_sha256", "text", "of its stored weights"),
    Column("shown_method", "text", "of the explanation that was shown; empty if none was"),
    Column("shown_segments", "text", "kind of superpixels"),
    Column("shown_fill", "text", "what hidden superpixels were replaced by"),
    Column("shown_seed", "whole number", "of the explanation"),
    Column("comment", "text", "on the case"),
    Column("seconds_first", "number", "until the first answer"),
    Column("seconds_final", "number", "from the reveal until the final answer"),
    Column("answered", "text", "when the first answer was locked, UTC"),
    Column("finished", "text", "when the reading was, UTC"),
)

RATINGS = (
    *_PLACE,
    Column("run", "text", "the network that was shown"),
    Column("method", "text", "of the explanation"),
    Column("superpixel", "whole number", "its label in the explanation's segments"),
    Column("weight", "number", "what the explanation gave it; positive speaks for pneumonia"),
    Column("judgement", "text", "plausible, implausible or unsure"),
    Column("comment", "text", "why"),
)

REGIONS = (
    *_PLACE,
    Column("answer", "text", "first or final"),
    Column("region", "whole number", "from 1"),
    Column("x", "number", "left edge, share of the picture's width"),
    Column("y", "number", "upper edge, share of its height"),
    Column("width", "number", "share of the picture's width"),
    Column("height", "number", "share of its height"),
)

AUDIT = (
    Column("study", "text", "the study's id"),
    Column("number", "whole number", "of the entry within the study, from 1"),
    Column("who", "text", "pseudonym, or owner"),
    Column("turn", "whole number", "which of that person's entries it is, from 1"),
    Column("at", "text", "when, UTC"),
    Column("what", "text", "opened, answered, revealed, finished; created, code, truth, closed"),
    Column("pass", "whole number", "empty for what belongs to no reading"),
    Column("case", "whole number", "empty for what belongs to no reading"),
    Column("key", "text", "the page's name for the step"),
    Column("payload", "text", "the rest, as JSON"),
    Column("previous", "text", "hash of the entry before"),
    Column(
        "hash",
        "text",
        "SHA-256 of `previous` and the JSON, keys sorted and without spaces, of [study, number, "
        "who, turn, at, what, pass, case, key, payload]",
    ),
)

TABLES = {"readings": READINGS, "ratings": RATINGS, "regions": REGIONS, "audit": AUDIT}
