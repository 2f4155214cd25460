"""What is in a data set, and what figures made from it can be trusted for.

`audit` says whether a training can start; `examine` is the whole audit, with the models.
"""

from pipeline.audit.files import Audit, Crossing, Identical, Unreadable, audit

__all__ = ["Audit", "Crossing", "Identical", "Unreadable", "audit"]
