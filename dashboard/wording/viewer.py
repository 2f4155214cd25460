"""What the viewer says of an explanation, and the reading page of what is hidden by hand."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.config import CLASS_NAMES, PNEUMONIA
from pipeline.explain import Explanation

METHODS = {
    "lime": "LIME",
    "gradcam": "Grad-CAM",
    "hirescam": "HiResCAM",
    "kernel_shap": "KernelSHAP",
    "occlusion": "Occlusion",
    "rise": "RISE",
}

METHOD_HELP = {
    "lime": "hides superpixels at random and fits how much each adds (Ribeiro 2016).",
    "gradcam": "weighs the network's last feature maps by the gradient of its score "
    "(Selvaraju 2017). Takes one look.",
    "hirescam": "the same maps, multiplied by the gradient place by place (Draelos, Carin 2020). "
    "Where a network ends in the mean of its maps and one dense layer, it is Grad-CAM.",
    "kernel_shap": "shares the probability among superpixels as Shapley values would "
    "(Lundberg, Lee 2017).",
    "occlusion": "covers one place after the other and watches the probability "
    "(Zeiler, Fergus 2014).",
    "rise": "averages random soft masks by the probability that they leave (Petsiuk 2018).",
}

SEGMENTATIONS = {"slic": "SLIC", "quickshift": "Quickshift", "grid": "Grid"}
FILLS = {"blur": "a blur", "mean": "their mean grey", "black": "black"}
HIDDEN_ALTOGETHER = (
    "All of this picture hidden, in each of the three ways, and what the model says of it. What is "
    "far from the answer to the picture itself is a strong way to hide; none of them is neutral."
)

_LOG_ODDS = "log odds (0.69 more of them double the odds, 0.69 less halve them)"
MEANING = {
    "lime": "LIME hides groups of pixels (superpixels) many times and fits how much each of them "
    f"moves the model's answer, in {_LOG_ODDS}.",
    "kernel_shap": "KernelSHAP hides groups of pixels (superpixels) in many combinations and "
    "shares the probability among them.",
    "occlusion": "Occlusion covers one place after the other; a place counts as much as the "
    "probability changes without it.",
    "rise": "RISE hides soft random parts many times; a place counts as much as the probability "
    "is higher when it is seen.",
    "gradcam": "Grad-CAM shows where the network's last feature maps are active in favour of its "
    f"answer, in {_LOG_ODDS}. It is coarse: one spot of it is as wide as a rib.",
    "hirescam": "HiResCAM shows how much each place of the network's last feature maps adds to "
    f"its answer, in {_LOG_ODDS}. It is coarse: one spot of it is as wide as a rib.",
}
INTERVALS = (
    "Weights come with intervals that hold for all superpixels at once in 95 % of draws of the "
    "masks (simultaneous 95 % intervals); what cannot be told from zero is not drawn."
)
COLOURS = (
    "**Orange** (solid line) speaks for pneumonia, **blue** (dashed line) against it. It shows "
    "what this model reacts to, not where disease is; a marker, a tube or the picture's edge can "
    "be orange too."
)
HOW = (
    "Nothing is explained yet. Press *Mask* or *Heatmap* over the picture, or click it and press "
    "M or H. The first press starts the work, which takes a few seconds; after that nothing has "
    "to be computed again."
)


def hidden(fill: str, probability: float) -> str:
    """Say what the model makes of the picture when nothing of it is left."""
    return f"{FILLS[fill]}: {100 * probability:.0f} % {CLASS_NAMES[PNEUMONIA].lower()}"


def meaning(explanation: Explanation) -> str:
    """Say what a method does, and what its colours mean."""
    intervals = f" {INTERVALS}" if explanation.margins.any() else ""
    return f"{MEANING[explanation.method]} {COLOURS}{intervals}"


# What one weight is: unit and class come in between.
_ADDS = {
    "lime": "what a part adds to the {} when it is shown",
    "kernel_shap": "what a part adds to the {}, whatever else is shown",
    "occlusion": "what the {} loses where a place is covered",
    "rise": "how much higher the {} is where a place is seen",
    "gradcam": "what a place of the network's last map adds to the {}",
    "hirescam": "what a place of the network's last map adds to the {}",
}
# Their weight of a superpixel is the mean over its pixels; the others' is that of the whole.
_OF_PLACES = ("occlusion", "rise", "gradcam", "hirescam")


def layer(explanation: Explanation) -> dict[str, str]:
    """Return the words of one layer: legend, tip and the two ends of its scale.

    ``odds`` is not empty where a weight is also told by what it makes of the odds.
    """
    name = CLASS_NAMES[explanation.target].lower()
    meaning = _ADDS[explanation.method].format(f"{explanation.unit} of {name}")
    logarithmic = explanation.unit == "log odds"
    of_places = explanation.method in _OF_PLACES
    return {
        "meaning": f"{meaning} (0.69 doubles the odds)" if logarithmic else meaning,
        "unit": explanation.unit,
        "odds": "odds" if logarithmic and not of_places else "",
        "part": ", mean of the part" if of_places else "",
        "interval": "95 % interval, for all parts at once:",
        "for": f"for {name}",
        "against": f"against {name}",
    }


def title(method: str, run: str, segmentation: str = "") -> str:
    """Name one of two explanations beside each other."""
    return ", ".join(part for part in (METHODS[method], run, segmentation) if part)


# What the viewer says of grey values and orientation: as they were, and once they are changed.
_JUDGED = {
    "plain": "As the model judged it",
    "changed": "Not as the model judged it",
    "about": "The model judges the default window, upright and not inverted. What you change here "
    "changes what you see, never what the model says.",
}
_OPENED = {
    "plain": "As opened",
    "changed": "Not as opened",
    "about": "The default window, upright and not inverted.",
}


def sight(judged: bool) -> dict[str, str]:
    """Say how a picture is shown; nothing of a model where none is in play.

    Parameters
    ----------
    judged : whether a model's judgement of this picture belongs to what is shown.
    """
    return _JUDGED if judged else _OPENED


WITHOUT_MEANING = (
    "One question to the model, answered once: what it says of this picture with those parts "
    "replaced as chosen under *Settings that start it anew*. A mark of your own (*Mark a finding*) "
    "hides nothing."
)


def answer(before: float, after: float, threshold: float) -> str:
    """Say in few words what the model answers without the hidden parts."""
    return (
        f"Without them {100 * after:.1f} % for {CLASS_NAMES[PNEUMONIA].lower()}, "
        f"{_call(after, threshold)} (was {100 * before:.1f} %, {_call(before, threshold)})"
    )


def without_parts(altered: Mapping, before: float, after: float, threshold: float) -> str:
    """Say what hiding parts by hand did to the model's answer."""
    blanks = sum(one["kind"] == "blank" for one in altered["rectangles"])
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((len(altered["superpixels"]), "superpixel"), (blanks, "rectangle"))
        if count
    ]
    calls = [_call(probability, threshold) for probability in (before, after)]
    call = "the call stays" if calls[0] == calls[1] else "**the call changes to**"
    return (
        f"Without {' and '.join(parts)} the model says **{100 * after:.1f} %** for "
        f"{CLASS_NAMES[PNEUMONIA].lower()} instead of {100 * before:.1f} % "
        f"({100 * (after - before):+.1f} points): {call} *{calls[1]}*."
    )


def _call(probability: float, threshold: float) -> str:
    return CLASS_NAMES[int(probability >= threshold)].lower()


def calls_differ(names: tuple[str, str], said: tuple[float, float], calls: tuple[str, str]) -> str:
    """Say that two runs disagree about one picture."""
    return (
        f"**The two models disagree.** {names[0]} says {100 * said[0]:.1f} % and calls it "
        f"*{calls[0].lower()}*; {names[1]} says {100 * said[1]:.1f} % and calls it "
        f"*{calls[1].lower()}*. Do not rely on either without a look of your own."
    )


def calls_agree(name: str, said: float, call: str) -> str:
    """Say that a second run makes the same call."""
    return f"{name} makes the same call (*{call.lower()}*, {100 * said:.1f} %)."


def agreement(correlation: float, overlap: float, disagree: bool, what: str) -> str:
    """Say how alike two explanations are."""
    judgement = (
        "they point to different places, so believe neither on its own"
        if disagree
        else "they point to much the same places"
    )
    return (
        f"Agreement of the {what}: rank correlation of the superpixels' weights {correlation:+.2f} "
        f"(1 would be the same order), overlap of the five strongest {100 * overlap:.0f} % "
        f"(Jaccard): {judgement}."
    )


SAME_MAP = (
    "On this network, which ends in the mean of its feature maps and one dense layer, Grad-CAM and "
    "HiResCAM are the same map by construction: that they agree is no second opinion. Lay LIME, "
    "Occlusion or RISE beside it for one."
)

FINDING = "Your marks and the map"
FINDING_HELP = (
    "**Pointing game** (Zhang 2018): whether the strongest point for the class lies in what you "
    "marked, or within 3 % of the picture's side of it; hits are better. **IoU** (intersection "
    "over union): the area that your marks together and the five strongest parts for the class "
    "share, of the area that either covers; 1 is the same area, 0 none in common; higher is "
    "better. Both say whether the model used what you see, not who is right."
)
FINDING_FIRST = "Ask for an overlay, and it is said here whether it points to your marks."


def finding(title: str, target: int, hit: bool | None, iou: float) -> str:
    """Say whether a map points to what a reader marked.

    Parameters
    ----------
    hit : of the pointing game; None where nothing speaks for the class.
    """
    name = CLASS_NAMES[target].lower()
    if hit is None:
        return f"**{title}**: nothing in the picture speaks for {name}, so it points nowhere."
    points = "a **hit**: lies in" if hit else "a **miss**: lies outside"
    return (
        f"**{title}**: the strongest point for {name} is {points} what you marked (pointing game, "
        "a hit is better). The strongest parts for it and your marks share "
        f"**{100 * iou:.0f} %** of the "
        f"area that either covers (IoU {iou:.2f}, higher is better)."
    )
