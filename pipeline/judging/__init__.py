"""Runs judged: on pictures that are read anew, or from their stored predictions.

Temperature, thresholds and the abstain band are each run's own, fitted on its validation
patients; nothing is fitted on the pictures that are judged.
"""

from pipeline.judging.pictures import evaluate, labelled_items
from pipeline.judging.predictions import evaluate_stored, refitted

__all__ = ["evaluate", "evaluate_stored", "labelled_items", "refitted"]
