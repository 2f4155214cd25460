"""How sure is the model of this picture: its abstain band, and other seeds of the same training."""

from __future__ import annotations

import streamlit as st

from dashboard import figures, resources, state, wording
from pipeline import evaluation
from pipeline.classifier import Verdict
from pipeline.config import PNEUMONIA
from pipeline.images import Picture
from pipeline.runs import Run


def scale(run: Run, picture: Picture, verdict: Verdict) -> None:
    """Draw the probability on its scale, with what makes it doubtful, and say it in words."""
    band = run.document.get("abstain")
    if band:
        # The run's band holds its own threshold; here another one may have been chosen.
        edges = (band["low"], band["high"], verdict.threshold)
        band = band | {"low": min(edges), "high": max(edges)}
    seeds = _of_other_seeds(run, picture)
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
    if band and band["low"] <= verdict.probability < band["high"]:
        st.warning(
            # Figures of the test set say nothing of a picture that the gate refused.
            wording.unsure(band, _outside_the_band(run, band) if verdict.gate.accepted else None),
            icon=":material/help_center:",
        )
    if seeds:
        st.caption(wording.seeds_say(verdict.probability, verdict.threshold, seeds))


def _of_other_seeds(run: Run, picture: Picture) -> dict[str, float]:
    """Return the probability that each run gives that differs from `run` only by its seed."""

    def judge(other: Run) -> float:
        network = resources.classifier(other)
        image = network.prepare(picture.image)
        return float(network.probabilities(image[None])[0, PNEUMONIA])

    return {
        other.name: state.remember(
            ("seed", picture.sha256, other.name, other.document["model_sha256"]),
            lambda other=other: judge(other),
        )
        for other in resources.other_seeds(run)
    }


def _outside_the_band(run: Run, band: dict) -> dict | None:
    """Return what calls outside the band were worth on the official test set."""
    table = resources.predictions(run)
    own = table[table["split"] == "test"]
    if own.empty:
        return None
    return evaluation.selective(
        own["probability"].to_numpy(), own["label"].to_numpy(), band["low"], band["high"]
    )
