"""How good is a classifier, and how sure are we? numpy, scipy and scikit-learn only.

Everything chosen (temperature, thresholds, the abstain band) is fitted on validation patients by
`fit_decision`; the rest only applies it. No module loads scipy's or scikit-learn's parts on
import: the classifier that serves imports this package.
"""

from pipeline.evaluation.abstaining import abstain_band, selective
from pipeline.evaluation.calibration import (
    calibrate,
    expected_calibration_error,
    log_odds,
    pneumonia_logit,
    probability,
)
from pipeline.evaluation.change import change
from pipeline.evaluation.decisions import (
    DEFAULT_OPERATING_POINT,
    fit_decision,
    operating_points,
)
from pipeline.evaluation.measures import (
    FIGURES,
    LOWER_IS_BETTER,
    PROPORTIONS,
    confusion,
    figures,
)
from pipeline.evaluation.paired import delong, holm, mcnemar
from pipeline.evaluation.prevalence import at_prevalence
from pipeline.evaluation.reporting import judge, report
from pipeline.evaluation.resampling import bootstrap, mean_over_patients, resampled_weights
from pipeline.evaluation.strata import name_families, subgroups, thirds
from pipeline.evaluation.wilson_score import wilson

__all__ = [
    "DEFAULT_OPERATING_POINT",
    "FIGURES",
    "LOWER_IS_BETTER",
    "PROPORTIONS",
    "abstain_band",
    "at_prevalence",
    "bootstrap",
    "calibrate",
    "change",
    "confusion",
    "delong",
    "expected_calibration_error",
    "figures",
    "fit_decision",
    "holm",
    "judge",
    "log_odds",
    "mcnemar",
    "mean_over_patients",
    "name_families",
    "operating_points",
    "pneumonia_logit",
    "probability",
    "report",
    "resampled_weights",
    "selective",
    "subgroups",
    "thirds",
    "wilson",
]
