"""What in the picture moved the probability?

``EXPLAINERS`` is the one list of methods. Each takes a predict function and a prepared image and
returns an `Explanation`; importing this package imports neither LIME nor scikit-image.
"""

from pipeline.explain.explanation import Explanation
from pipeline.explain.lime import explain as explain_by_lime

EXPLAINERS = {"lime": explain_by_lime}

__all__ = ["EXPLAINERS", "Explanation"]
