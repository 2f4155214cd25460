"""How an explanation is measured, and which way each measure is better."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One figure about explanations.

    Attributes
    ----------
    name : its key in JSON documents.
    title : its name for people.
    better : ``higher`` or ``lower``.
    what : one sentence in plain words.
    source : the paper it comes from, or ``this project``.
    """

    name: str
    title: str
    better: str
    what: str
    source: str

    def __post_init__(self):
        if self.better not in ("higher", "lower"):
            raise ValueError(f"Expected better higher or lower. Received: {self.better!r}")


_PETSIUK = "Petsiuk, Das, Saenko 2018, RISE, arXiv:1806.07421"
_ADEBAYO = "Adebayo et al. 2018, Sanity Checks for Saliency Maps, arXiv:1810.03292"

_ALL = (
    Measure(
        "deletion",
        "Deletion AUC",
        "lower",
        "What is said to matter most is taken away first: the probability should fall at once.",
        _PETSIUK,
    ),
    Measure(
        "insertion",
        "Insertion AUC",
        "higher",
        "What is said to matter most is put back first: the probability should rise at once.",
        _PETSIUK,
    ),
    Measure(
        "fidelity_r2",
        "Surrogate R2",
        "higher",
        "How much of what the model does near this picture the fit behind the map describes.",
        "Ribeiro, Singh, Guestrin 2016, doi:10.1145/2939672.2939778",
    ),
    Measure(
        "overlap",
        "Overlap of the five strongest",
        "higher",
        "How many of the five strongest parts two explanations share (Jaccard index).",
        "Visani et al. 2022, doi:10.1080/01605682.2020.1865846",
    ),
    Measure(
        "sign_flips",
        "Sign flips",
        "lower",
        "Share of the drawn parts that speak for the class once and against it another time.",
        "Bora et al. 2024, SLICE, CVPR 2024",
    ),
    Measure(
        "correlation",
        "Rank correlation",
        "higher",
        "Whether two explanations put the parts of the picture in the same order (Spearman).",
        "Spearman 1904, doi:10.2307/1412159",
    ),
    Measure(
        "kept_correlation",
        "Rank correlation with a shuffled network",
        "lower",
        "How much of the map is still there when the network has forgotten what it learnt.",
        _ADEBAYO,
    ),
    Measure(
        "kept_ssim",
        "Likeness (SSIM) to the map of a shuffled network",
        "lower",
        "How alike the map still looks when the network has forgotten what it learnt.",
        _ADEBAYO,
    ),
    Measure(
        "pointing",
        "Pointing game",
        "higher",
        "Whether the strongest point lies in the region that a reader drew.",
        "Zhang et al. 2018, doi:10.1007/s11263-017-1059-x",
    ),
    Measure(
        "iou",
        "IoU with a reader's region",
        "higher",
        "How well the evidence and the region that a reader drew cover each other.",
        "Jaccard 1912, doi:10.1111/j.1469-8137.1912.tb05611.x",
    ),
    Measure(
        "outside_share",
        "Evidence outside the lungs",
        "lower",
        "Share of what speaks for the class that lies outside the chest field.",
        "this project",
    ),
    Measure(
        "border_share",
        "Evidence in the border",
        "lower",
        "Share of what speaks for the class that lies in the outer tenth of the picture.",
        "this project",
    ),
)
MEASURES = {measure.name: measure for measure in _ALL}
