"""Runs that other programs logged: TensorBoard, Keras, MLflow, Weights & Biases, and our own.

`read` recognises what lies at a path and returns training curves under our names, each with what
was renamed and what could not be read. Nothing is written here: `pipeline.importing` does that.
No TensorFlow and no tracker is imported, so that the dashboard can read an upload.
"""

from pipeline.foreign.found import Foreign, Found
from pipeline.foreign.reading import read
from pipeline.foreign.uploads import read_uploads

__all__ = ["Foreign", "Found", "read", "read_uploads"]
