"""How sure is the model of this picture: its abstain band, and other seeds of the same training."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import figures, resources, state, wording
from dashboard.sections.explaining import prepared
from pipeline import evaluation
from pipeline.classifier import Verdict
from pipeline.config import PNEUMONIA
from pipeline.images import Picture
from pipeline.performance.table import other_seeds
from pipeline.runs import Run


def headline(run: Run, verdict: Verdict) -> None:
    """Say the call, and in the same breath that it is none to rely on where it is not."""
    band = _band(run, verdict)
    call = wording.DECISION[verdict.decision]
    unsure = band is not None and _within(verdict, band)
    st.subheader(f"{call}, {wording.BUT_UNSURE}" if unsure else call, anchor=False)


def scale(run: Run, runs: Sequence[Run], picture: Picture, verdict: Verdict) -> None:
    """Draw the probability on its scale, with what makes it doubtful, and say it in words.

    Parameters
    ----------
    runs : all that can judge; those that differ from `run` by their seed are asked too.
    """
    band = _band(run, verdict)
    seeds = _of_seeds(other_seeds(run, runs), picture)
    st.plotly_chart(
        figures.verdict_scale(
            verdict.probability,
            verdict.threshold,
            (band["low"], band["high"]) if band else None,
            tuple(seeds.values()),
        ),
        key="scale",
        config={"displayModeBar": False, "staticPlot": True},
    )
    if band and _within(verdict, band):
        st.warning(
            # Figures of the test set say nothing of a picture that the gate refused.
            wording.unsure(band, _outside_the_band(run, band) if verdict.gate.accepted else None),
            icon=":material/help_center:",
        )
    if seeds:
        st.caption(wording.seeds_say(verdict.probability, verdict.threshold, seeds))


def _band(run: Run, verdict: Verdict) -> dict | None:
    """Return the run's abstain band, wide enough for the threshold chosen here; None without."""
    band = run.document.get("abstain")
    if not band:
        return None
    edges = (band["low"], band["high"], verdict.threshold)
    return band | {"low": min(edges), "high": max(edges)}


def _within(verdict: Verdict, band: dict) -> bool:
    return band["low"] <= verdict.probability < band["high"]


def _of_seeds(runs: Sequence[Run], picture: Picture) -> dict[str, float]:
    """Return the probability that each run gives."""

    def judge(other: Run) -> float:
        network = resources.classifier(other)
        image = prepared(picture, network)  # seeds of one training share its size
        return float(network.probabilities(image[None])[0, PNEUMONIA])

    return {
        other.name: state.remember(
            ("seed", picture.sha256, other.name, other.document["model_sha256"]),
            lambda other=other: judge(other),
        )
        for other in runs
    }


def _outside_the_band(run: Run, band: dict) -> dict | None:
    """Return what calls outside the band were worth on the official test set."""
    table = resources.predictions(run)
    own = table[table["split"] == "test"]
    if own.empty:
        return None
    return evaluation.selective(
        own["probability"].to_numpy(),
        own["label"].to_numpy(),
        band["low"],
        band["high"],
        resamples=1,  # only shares of counts are shown, whose intervals are Wilson's
    )
