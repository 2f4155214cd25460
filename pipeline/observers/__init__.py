"""How reliable are readers, and what does the model change? From a study's readings alone.

`findings` computes everything, `summary` says it in text. Cases are independent only between
patients: every interval that is not Wilson's for one reader's count is drawn over patients. A
figure that does not exist is None with the reason, never NaN.
"""

from pipeline.observers.panel import AFTER, BEFORE, Moment
from pipeline.observers.study import Findings, findings
from pipeline.observers.text import summary

__all__ = ["AFTER", "BEFORE", "Findings", "Moment", "findings", "summary"]
