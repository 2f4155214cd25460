"""What ``benchmark batch`` and ``benchmark load`` print: tables, and the same in words."""

from __future__ import annotations


def batch_lines(report: dict) -> list[str]:
    """Return the report of `pipeline.benchmark.batch.measure` as lines to read."""
    lines = ["Pictures a second of the running batch, medians of the rounds"]
    for size, what in report["pictures"].items():
        own = report[size]
        costs = ", ".join(f"{name} {ms:.2f}" for name, ms in own["steps_ms"].items())
        lines += [
            f"{own['per_second']:8.1f} {what}",
            f"{own['forward_per_second']:8.1f} forward passes alone; the batch reaches "
            f"{own['ratios']['to_forward']:.2f} of it",
            f"{own['perfect_per_second']:8.1f} if no core ever waited; the batch reaches "
            f"{own['ratios']['to_perfect']:.2f} of it",
            f"{'':8} milliseconds of a core for each picture: {costs}; the whole batch "
            f"{own['batch_cpu_ms']:.2f}",
            f"{'':8} first part after {own['first_seconds']:.1f} s, {own['pictures']} pictures "
            f"after {own['whole_seconds']:.1f} s",
        ]
    lines.append(f"{'batch':>8} {'forward':>8} {'of it':>6} {'of all steps':>13}  small pictures")
    for name, own in batch_networks(report):
        lines.append(
            f"{own['per_second']:8.1f} {own['forward_per_second']:8.1f} "
            f"{own['ratios']['to_forward']:6.2f} {own['ratios']['to_perfect']:13.2f}  {name}"
        )
    return [*lines, "In words: " + "; ".join(batch_sentences(report)) + "."]


def batch_networks(report: dict) -> list[tuple[str, dict]]:
    """Return name and figures of every measured network, the quickest first."""
    networks = {report["run"]: report["small"], **report["networks"]}
    return sorted(networks.items(), key=lambda entry: -entry[1]["forward_per_second"])


def batch_table(report: dict) -> list[str]:
    """Return the measured networks as a table in Markdown."""
    return [
        "| network | pictures a second | forward passes alone | of these | of all steps |",
        "|---|---|---|---|---|",
        *(
            f"| `{name}` | {own['per_second']:.0f} | {own['forward_per_second']:.0f} "
            f"| {own['ratios']['to_forward']:.2f} | {own['ratios']['to_perfect']:.2f} |"
            for name, own in batch_networks(report)
        ),
    ]


def batch_sentences(report: dict) -> list[str]:
    """Return what is to be said of a report in words."""
    small, large, explained, ray = (report[name] for name in ("small", "large", "explained", "ray"))
    share = small["steps_ms"]["forward"] / sum(small["steps_ms"].values())
    memory = " and ".join(
        f"{mb:.0f} MB for {int(count):,}" for count, mb in report["memory_mb"].items()
    )
    return [
        f"the network of {report['run']} is {100 * share:.0f} % of the work on a small picture",
        f"large pictures ({report['pictures']['large']}): {large['per_second']:.0f} a second, "
        f"{large['ratios']['to_perfect']:.2f} of all steps",
        f"with {explained['method']} {explained['per_second']:.1f} pictures a second, "
        f"{explained['passes_per_second']:.0f} forward passes, {explained['to_forward']:.2f} of "
        "those alone",
        f"one worker of Ray {ray['one_per_second']:.0f} pictures a second, two "
        f"{ray['two_per_second']:.0f}: {ray['efficiency']:.2f} of twice as many",
        f"the first part is there after {small['first_seconds']:.1f} s",
        f"all processes together need at most {memory} pictures"
        if memory
        else "how much memory it needs is not told here",
    ]


def load_lines(report: dict) -> list[str]:
    """Return the report of `pipeline.benchmark.load.measure` as lines to read."""
    cores, machine = report["cores"], report["machine"]
    lines = [
        f"{report['sessions']} people at once, {report['uploads']} of {report['asked_uploads']} "
        f"uploads judged in {report['took_seconds']:.0f} s; {machine['cores']} cores, load "
        f"{machine['load']} before; {report['shared']}" + _shares(cores),
        f"{'seconds':38}{'n':>6}{'p50':>9}{'p95':>9}{'p99':>9}{'longest':>9}",
    ]
    for phase, steps in report["steps"].items():
        lines.append(f"while {phase}")
        lines += [_step(name, step) for name, step in steps.items() if step["n"]]
    lines += [_explanations(report), _errors(report), *_memory(report["memory"])]
    if limit := report["limit"]:
        lines.append(
            f"Where {limit['per_minute']} uploads a minute are allowed, of {limit['uploads']} "
            f"{limit['judged']} were judged and {limit['told']} answered by the limit's sentence; "
            f"{sum(limit['errors'].values())} errors"
        )
    return [*lines, "In words: " + "; ".join(load_sentences(report)) + "."]


def _shares(cores: dict) -> str:
    if None in cores.values():
        return ""
    return (
        f" (cores: server {cores['server']:.2f}, client {cores['client']:.2f}, "
        f"others {cores['others']:.2f})"
    )


def _step(name: str, step: dict) -> str:
    figures = "".join(f"{step[at]:9.2f}" for at in ("p50", "p95", "p99", "longest"))
    return f"  {name:36}{step['n']:6}{figures}"


def _explanations(report: dict) -> str:
    finished = report["steps"].get("explaining", {}).get("explanation", {"n": 0})["n"]
    waited = [places for places in report["places"] if places]
    told = [places for places in waited if None not in places]
    most = max((max(places) for places in told), default=0)
    return (
        f"Explanations asked for at once: {report['asked_explanations']}, finished in time: "
        f"{finished}, waited: {len(waited)}, of these told their place: {len(told)} "
        f"(the last had {most} before it)"
    )


def _errors(report: dict) -> str:
    if not report["errors"]:
        return "Errors: none"
    return "Errors: " + "; ".join(f"{count} x {what}" for what, count in report["errors"].items())


def _memory(memory: dict | None) -> list[str]:
    if memory is None:
        return ["The server's memory is not known: it was not started here, or does not tell."]
    marks = ", ".join(f"{name} {mb:.0f}" for name, mb in memory["marks_mb"].items())
    lines = [f"Resident memory of the server in MB: {marks}, largest {memory['largest_mb']:.0f}"]
    growth = memory["growth"]
    if "mb_per_100_uploads" in growth:
        lines.append(
            f"From upload {growth['from']} to {growth['to']} a hundred uploads add "
            f"{growth['mb_per_100_uploads']:.1f} MB ({growth['low']:.1f} to {growth['high']:.1f})"
        )
    return lines


def load_sentences(report: dict) -> list[str]:
    """Return what is to be said of a report in words, with n and intervals."""
    steps, memory, cores = report["steps"], report["memory"], report["cores"]
    explained = steps.get("explaining", {}).get("explanation", {"n": 0})
    last = f", the last after {explained['longest']:.0f} s" if explained["n"] else ""
    told = [
        f"{report['sessions']} people at once, {report['uploads']} uploads judged in "
        f"{report['took_seconds']:.0f} s, {sum(report['errors'].values())} errors",
        f"of {report['asked_explanations']} explanations asked for at once {explained['n']} "
        f"finished in time{last}",
    ]
    for phase, name in (
        ("reading", "a prediction takes, with pauses,"),
        ("explaining", "beside explanations"),
        ("uploading", "without a pause"),
    ):
        step = steps.get(phase, {}).get("prediction", {"n": 0})
        if step["n"]:
            told.append(
                f"{name} {step['p50']:.2f} s (95th percentile {step['p95']:.2f}, n = {step['n']})"
            )
    if None not in cores.values():
        told.append(
            f"the server had {cores['server']:.2f} cores, the people {cores['client']:.2f}, others "
            f"on the machine {cores['others']:.2f}"
        )
    alone = report["core_seconds"].get("uploading", {"uploads": 0})
    if alone["uploads"] and alone["server"] is not None:
        told.append(f"{alone['server'] / alone['uploads']:.2f} seconds of a core for each")
    if memory:
        marks = memory["marks_mb"]
        of_marks = [f"{mb:.0f} {name}" for name, mb in marks.items()]
        told.append(f"MB of the server: {', '.join(of_marks)}, at most {memory['largest_mb']:.0f}")
        growth = memory["growth"]
        if "mb_per_100_uploads" in growth:
            told.append(
                f"{growth['mb_per_100_uploads']:.1f} MB ({growth['low']:.1f} to "
                f"{growth['high']:.1f}) for a hundred uploads more"
            )
    return told


def sizing_sentences(load: dict, batch: dict) -> list[str]:
    """Return what the two stored reports say to whoever chooses a machine."""
    marks, people = load["memory"]["marks_mb"], load["sessions"]
    empty, full = marks["after everybody has left"], marks["before everybody leaves"]
    alone = load["core_seconds"]["uploading"]
    cores = batch["machine"]["cores"]
    mb = max(batch["memory_mb"].values())
    return [
        f"{empty:.0f} MB for the server, and {(full - empty) / people:.0f} MB for every reader at "
        "work",
        f"{alone['server'] / alone['uploads']:.2f} seconds of a core for an upload with its page",
        f"{cores / batch['explained']['per_second']:.1f} seconds of a core for an explanation",
        f"{mb / (cores + 1):.0f} MB and a core for every worker of a batch, "
        f"{batch['small']['per_second'] / cores:.0f} small or "
        f"{batch['large']['per_second'] / cores:.0f} large pictures a second each",
    ]
