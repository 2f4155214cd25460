"""The process whose start is timed: ``python -m pipeline.benchmark.first_verdict FOLDER FILE N``.

Judges FILE with the run in FOLDER and says so at once on stdout; then judges it N times more and
prints how long each took and how much memory was needed, as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter


def main(folder: Path, file: Path, repeats: int) -> None:
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
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "training_libraries": loaded}))


def peak_mb(process: str = "self") -> float | None:
    """Return the largest resident memory of a process so far, None where the system is silent.

    Not ``getrusage``: a child's figure there starts from its parent's.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    # A process that has just ended has a status, and no memory.
    return round(int(fields["VmHWM"].split()[0]) * 1024 / 1e6, 1) if "VmHWM" in fields else None


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
