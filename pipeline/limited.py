"""Run as a program: it limits itself, then becomes another one. See `pipeline.isolated`.

    python -I limited.py BYTES SECONDS PROGRAM [ARGUMENT ...]

Imports little, since a reader waits for it.
"""

import runpy
import sys


def limit(memory_bytes, seconds):
    try:
        import resource
    except ImportError:  # there is none on Windows; the clock ends the program all the same
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no dump of what somebody sent on disk


if __name__ == "__main__":
    limit(int(sys.argv[1]), int(sys.argv[2]))
    del sys.argv[:3]
    runpy.run_path(sys.argv[0], run_name="__main__")
