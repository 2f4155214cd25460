"""What ``benchmark load`` prints: a table, and the same in words."""

from __future__ import annotations


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
    explained = steps.get("explaining", {}).get("explanation", {"n": 0})["n"]
    told = [
        f"{report['sessions']} people at once, {report['uploads']} uploads judged in "
        f"{report['took_seconds']:.0f} s, {sum(report['errors'].values())} errors",
        f"of {report['asked_explanations']} explanations asked for at once {explained} finished in "
        "time",
    ]
    for phase, name in (
        ("reading", "with pauses"),
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
        told.append(f"at most {memory['largest_mb']:.0f} MB")
        growth = memory["growth"]
        if "mb_per_100_uploads" in growth:
            told.append(
                f"{growth['mb_per_100_uploads']:.1f} MB ({growth['low']:.1f} to "
                f"{growth['high']:.1f}) for a hundred uploads more"
            )
    return told
