"""``python -m pipeline <command>``: everything that the pages do, and training, from a shell."""

from __future__ import annotations

import argparse
import importlib
import sys

from pipeline.errors import PipelineError

# What each command does; its module in pipeline.commands is imported only when asked for.
COMMANDS = {
    "data": "fetch the data set or samples, check a folder, audit it, fit the chest field",
    "train": "train an architecture and store it as a run",
    "runs": "list the stored runs",
    "evaluate": "judge a run on labelled pictures",
    "shortcuts": "does a run look at the lungs? Judge it with parts hidden",
    "compare": "compare runs on the same pictures: better, or chance?",
    "lab": "what was tried on the way, and what it gave",
    "card": "write a run's model card, or hold one to its run",
    "predict": "judge X-ray files",
    "batch": "judge any number of pictures, on all cores or a Ray cluster",
    "gate": "may these pictures be judged? Fit, ask and measure the gate",
    "explain": "explain X-rays: maps, what they are worth, a page for each",
    "readings": "reader studies: make, watch, export and check them",
    "sanity": "does a run's map depend on what it learnt? Shuffle its weights",
    "benchmark": "measure speed as ratios",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status (0 done, 1 a user's situation, 2 wrong usage)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = arguments[0] if arguments else None
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary.capitalize())
        if name == wanted:
            module = importlib.import_module(f"pipeline.commands.{name}")
            module.add_arguments(subparser)
            subparser.set_defaults(run_command=module.run)
    parsed = parser.parse_args(arguments)
    try:
        return parsed.run_command(parsed)
    except PipelineError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main())
