"""Sentences about the results of a batch."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.wording.performance import number, share

# As many as somebody reads at a sitting.
_CASES = 40

WHAT = (
    "A Parquet file that `python -m pipeline batch PICTURES --out RESULTS.parquet` has written. "
    "It is read in the memory of your session, and names of files in it are not looked at."
)
SHOWN = (
    "Grey line: the threshold, right of which the model calls pneumonia. Pictures that the gate "
    "refuses are judged, too, and counted here."
)
NO_LABELS = (
    "No picture of this batch has a label, so nothing can be said of how good the calls are. A "
    "column `label` in the list of the pictures, or folders NORMAL and PNEUMONIA, would tell."
)


def counts(found: Mapping[str, int], run: str, point: str, threshold: float) -> str:
    """Say what became of the pictures."""
    return (
        f"**{found['pictures']:,} pictures**, judged by `{run}` at {point} (threshold "
        f"{threshold:.3f}): {found['judged']:,} judged, of which {found['called']:,} are called "
        f"pneumonia and {found['refused']:,} should not be judged, says the gate; "
        f"{found['unreadable']:,} could not be read."
    )


def labelled(report: Mapping) -> str:
    """Say how good the calls on the labelled pictures are."""
    shares = {name: report["figures"][name] for name in ("sensitivity", "specificity")}
    told = "; ".join(
        f"{name} **{share(figure)}**, n = {figure['n']}" for name, figure in shares.items()
    )
    auc = report["figures"]["auc"]
    return (
        f"On the {report['n']:,} labelled pictures: {told}; AUC **{number(auc)}**, "
        f"n = {auc['n']}. In brackets 95 % intervals: Wilson's for shares, a bootstrap over "
        "children for the AUC."
    )


def as_cases(judged: int) -> tuple[str, str]:
    """Return how readers come to see pictures of the batch: a sentence, and a command."""
    count = min(judged, _CASES)
    sentence = (
        f"To have people read the {count} pictures that the model is least sure of, give this "
        "command where the pictures lie, and the codes that it prints to the readers:"
    )
    command = (
        f'python -m pipeline readings create --title "Least sure" --cases RESULTS.parquet:{count} '
        "--least-sure --readers reader-1,reader-2"
    )
    return sentence, command
