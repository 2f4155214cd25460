"""What a run is worth, turned so that somebody can decide: at which threshold, at which share of
ill children, at which price of an error. numpy and `pipeline.evaluation` only; nothing is drawn.
"""
