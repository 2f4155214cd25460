"""The process whose start is timed: ``python -m pipeline.benchmark.first_verdict FOLDER FILE N``.

Judges FILE with the run in FOLDER and says so at once on stdout; then judges it N times more and
prints how long each took and how much memory was needed, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter


def main(folder: Path, file: Path, repeats: int) -> None:
    from pipeline.benchmark.process import peak_mb
    from pipeline.classifier import Classifier
    from pipeline.runs import open_run

    data = file.read_bytes()
    classifier = Classifier(open_run(folder.parent, folder.name))
    print(classifier.judge(data).probability, flush=True)
    seconds = []
    for _ in range(repeats):
        started = perf_counter()
        classifier.judge(data)
        seconds.append(perf_counter() - started)
    loaded = sorted({"tensorflow", "keras", "jax", "torch"} & set(sys.modules))
    print(
        json.dumps(
            {"seconds": seconds, "peak_mb": peak_mb(os.getpid()), "training_libraries": loaded}
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
