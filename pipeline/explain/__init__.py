"""What in the picture moved the probability?

``EXPLAINERS`` is the one list of methods, the one to begin with first. Each takes a predict
function (those of `LOOKS_INSIDE` the network's `FeatureMaps`) and a prepared image, the same
options, and returns an `Explanation`. Importing this package loads neither LIME nor scikit-image.
"""

from pipeline.explain import gradcam, kernel_shap, lime, occlusion, rise
from pipeline.explain.explanation import Explanation

EXPLAINERS = {
    "lime": lime.explain,
    "gradcam": gradcam.grad_cam,
    "hirescam": gradcam.hires_cam,
    "kernel_shap": kernel_shap.explain,
    "occlusion": occlusion.explain,
    "rise": rise.explain,
}
LOOKS_INSIDE = ("gradcam", "hirescam")

__all__ = ["EXPLAINERS", "LOOKS_INSIDE", "Explanation"]
