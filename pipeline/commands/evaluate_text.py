"""What ``evaluate`` prints in a terminal."""

from __future__ import annotations

from collections.abc import Mapping


def as_text(document: Mapping) -> str:
    """Return the document of `pipeline.judging.evaluate` or `evaluate_stored` as lines."""
    lines = _data_lines(document["data"]) if document["data"] else []
    for result in document["runs"]:
        lines += ["", *_run_lines(result)]
    if len(document["runs"]) > 1:
        lines += ["", f"Over {len(document['runs'])} runs", row("", "mean", "lowest", "highest")]
        lines += [
            row(spoken(name), *(f"{entry[key]:.4f}" for key in ("mean", "lowest", "highest")))
            for name, entry in document["over_runs"].items()
        ]
    return "\n".join(lines).lstrip("\n")


def spoken(name: str) -> str:
    """Return the name of a figure as it is written for people."""
    capitals = ("ppv", "npv", "auc", "ece")
    return name.upper() if name in capitals else name.replace("_", " ").capitalize()


def row(name: str, first: str, second: str, third: str) -> str:
    return f"  {name:<18}{first:>8}  {second:>17}  {third:>8}".rstrip()


def figure_rows(figures: Mapping[str, Mapping]) -> list[str]:
    """Return a line for each figure that exists: value, 95 % interval, n."""
    return [
        row(
            spoken(name),
            f"{entry['value']:.4f}",
            f"{entry['low']:.4f} - {entry['high']:.4f}",
            str(entry["n"]),
        )
        for name, entry in figures.items()
        if entry["value"] is not None
    ]


def _data_lines(data: Mapping) -> list[str]:
    lines = [
        f"{data['folder']} ({data['split']}): {data['pictures']} pictures of {data['patients']} "
        f"patients, {data['NORMAL']} NORMAL, {data['PNEUMONIA']} PNEUMONIA"
    ]
    for missing, there in (("NORMAL", "PNEUMONIA"), ("PNEUMONIA", "NORMAL")):
        if not data[missing]:
            lines.append(
                f"All pictures are {there}: what needs both classes cannot be told. "
                f"Put pictures of the other class under {missing}/."
            )
    if data["unreadable"]:
        lines.append(f"{len(data['unreadable'])} cannot be read and are left out:")
        lines += [f"  {entry['file']}: {entry['error']}" for entry in data["unreadable"]]
    return lines


def _run_lines(result: Mapping) -> list[str]:
    lines = [
        f"{result['run']} at operating point {result['operating_point']} "
        f"(pneumonia at probability >= {result['threshold']:.4f})",
    ]
    if "metrics_json" in result:
        lines.append(f"split {result['split']}; metrics.json {result['metrics_json']}")
    if "refit" in result:
        lines += _refit_lines(result["refit"])
    if result.get("seen_in_training"):
        lines.append(
            f"CAUTION: this seems to be the folder that the run was trained on "
            f"({result['seen_in_training']} names equal those of its validation pictures): "
            "figures on it flatter."
        )
    counts, figures = result["counts"], result["figures"]
    lines.append("  ".join(f"{name.upper()} {counts[name]}" for name in ("tp", "fn", "tn", "fp")))
    lines += [row("", "value", "95 % interval", "n"), *figure_rows(figures)]
    missing = [spoken(name) for name, entry in figures.items() if entry["value"] is None]
    if missing:
        lines.append(f"Cannot be computed from these pictures: {', '.join(missing)}.")
    for part, say in (
        ("change", _change_lines),
        ("at_prevalence", _prevalence_lines),
        ("abstain", _abstain_lines),
        ("subgroups", _subgroup_lines),
    ):
        if result.get(part):
            lines += say(result[part])
    return lines


def _refit_lines(refit: Mapping) -> list[str]:
    thresholds = ", ".join(
        f"{name} {threshold:.4f}" for name, threshold in refit["operating_points"].items()
    )
    return [
        f"fitted anew: temperature {refit['temperature_before']:.4f} -> "
        f"{refit['temperature']:.4f}; {thresholds}"
    ]


def _change_lines(change: Mapping) -> list[str]:
    lines = [f"Change against the {change['n_reference']} pictures of the official test set:"]
    if change["shared_pictures"]:
        lines.append(
            f"CAUTION: {change['shared_pictures']} of the pictures are in the official test set "
            "too, by their names."
        )
    lines.append(row("", "change", "95 % interval", "n, n there"))
    return lines + [
        row(
            spoken(name),
            f"{entry['value']:+.4f}",
            f"{entry['low']:+.4f} to {entry['high']:+.4f}",
            f"{entry['n']}, {entry['n_reference']}",
        )
        for name, entry in change["figures"].items()
        if entry["value"] is not None
    ]


def _prevalence_lines(entry: Mapping) -> list[str]:
    lines = [f"Where {entry['prevalence']:.1%} of the children have pneumonia:".replace("%", " %")]
    rows = figure_rows({name: entry[name] for name in ("ppv", "npv")})
    return [*lines, *(rows or ["  neither can be computed from these pictures"])]


def _abstain_lines(entry: Mapping) -> list[str]:
    undecided = " and ".join(f"{n} {name}" for name, n in entry["undecided"].items())
    names = ("coverage", "accuracy", "sensitivity", "specificity", "balanced_accuracy")
    return [
        f"With no call between {entry['low']:.4f} and {entry['high']:.4f} ({undecided} undecided); "
        "coverage, and the figures of the calls that are left:",
        *figure_rows({name: entry[name] for name in names}),
    ]


def _subgroup_lines(families: Mapping[str, Mapping]) -> list[str]:
    lines = []
    for family, parts in families.items():
        for name, part in parts.items():
            # Of one class only, the AUC is taken together with all pictures of the other.
            auc = part.get("auc_against_others") or part["figures"]["auc"]
            cells = [
                f"{words} {entry['value']:.3f} ({entry['low']:.3f} to {entry['high']:.3f}; "
                f"n {entry['n']})"
                for words, entry in (
                    ("sensitivity", part["figures"]["sensitivity"]),
                    ("specificity", part["figures"]["specificity"]),
                    ("AUC", auc),
                )
                if entry["value"] is not None
            ]
            lines.append(f"  {family}: {name}: {', '.join(cells)}")
    return ["Subgroups (AUC of one class: against all of the other):", *lines] if lines else []
