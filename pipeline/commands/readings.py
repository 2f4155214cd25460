"""``python -m pipeline readings``: reader studies, made, watched and taken away from a shell.

Whoever may run this may read the database, and so has an owner's rights in every study.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline.commands import printable, readings_create
from pipeline.errors import StoreError
from pipeline.readings import database
from pipeline.readings.store import Store, Study, Verified
from pipeline.storage import replacing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    readings_create.add_arguments(actions)
    listing = _action(actions, "list", "which studies there are", _list, study=False)
    listing.add_argument("--json", action="store_true", help="print one JSON document")
    codes = _action(actions, "codes", "give new codes in place of lost ones", _codes)
    codes.add_argument("readers", nargs="*", metavar="READER", help="who gets a new code")
    codes.add_argument("--owner", action="store_true", help="the owner gets a new code")
    progress = _action(actions, "progress", "how far each reader is", _progress)
    progress.add_argument("--json", action="store_true", help="print one JSON document")
    export = _action(actions, "export", "write everything but pictures and codes", _export)
    export.add_argument("--out", type=Path, required=True, metavar="FILE.zip", help="a ZIP file")
    truth = _action(actions, "truth", "store the truth about cases", _truth)
    truth.add_argument(
        "table", type=Path, metavar="CSV", help="columns: case or sha256, label, perhaps patient"
    )
    verify = _action(actions, "verify", "was anything changed behind the program's back?", _verify)
    verify.add_argument(
        "--head", metavar="HASH", help="one that was printed before: it must be in the trail"
    )
    _action(actions, "close", "take no more readings; what was said stays", _close)
    delete = _action(
        actions,
        "delete",
        "delete pictures, drafts and codes for good; the audit trail stays",
        _delete,
    )
    delete.add_argument("--yes", action="store_true", help="needed: it cannot be undone")
    backup = _action(actions, "backup", "write all studies to one file", _backup, study=False)
    backup.add_argument("--to", type=Path, required=True, metavar="FILE", help="a new file")
    restoring = _action(
        actions, "restore", "fill an empty database from a backup", _restore, study=False
    )
    restoring.add_argument("file", type=Path, metavar="FILE", help="what 'readings backup' wrote")
    restoring.add_argument(
        "--unsound", action="store_true", help="even if its audit trail shows that it was changed"
    )
    _action(actions, "agreement", "how readers and model agree, with intervals", _agreement)


def run(arguments: argparse.Namespace) -> int:
    store = Store.from_environment()
    try:
        return arguments.act(store, arguments)
    finally:
        store.dispose()


def _action(actions, name: str, summary: str, act, study: bool = True) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=summary, description=summary.capitalize())
    parser.set_defaults(act=act)
    if study:
        parser.add_argument("study", metavar="STUDY", help="its id; 'readings list' shows it")
    return parser


def _list(store: Store, arguments: argparse.Namespace) -> int:
    studies = store.studies()
    if arguments.json:
        print(json.dumps([_told(study) for study in studies], indent=1))
    elif not studies:
        print("No study yet. 'python -m pipeline readings create --help' tells how to make one.")
    else:
        print(f"{'STUDY':8}  {'CREATED':16}  CASES  READERS  STATE   TITLE")
        for study in studies:
            print(
                f"{study.id:8}  {study.created:%Y-%m-%d %H:%M}  {study.n_cases:5}  "
                f"{len(study.readers):7}  {'closed' if study.closed else 'open':6}  "
                f"{printable(study.title)}"
            )
    print(f"Kept in {printable(store.place)}.", file=sys.stderr)
    return 0


def _codes(store: Store, arguments: argparse.Namespace) -> int:
    people = [*([None] if arguments.owner else []), *dict.fromkeys(arguments.readers)]
    if not people:
        study = store.study(arguments.study)
        raise StoreError(
            "Codes are stored only as hashes and cannot be shown again.",
            "Name who gets a new one: --owner, or of "
            f"{', '.join(printable(reader) for reader in study.readers)}.",
        )
    for reader in people:
        code = store.new_code(arguments.study, reader)
        print(f"{code}  {'owner' if reader is None else printable(reader)}")
    return 0


def _progress(store: Store, arguments: argparse.Namespace) -> int:
    study = store.study(arguments.study)
    rows = []
    for reader in study.readers:
        items = store.worklist(study.id, reader)
        for number in range(1, len(study.design.passes) + 1):
            own = [item for item in items if item.pass_number == number]
            done = sum(item.state == "finished" for item in own)
            opens = own[0].opens.isoformat() if own[0].opens else None
            rows.append({"reader": reader, "pass": number, "finished": done, "cases": len(own)})
            rows[-1] |= {"open": own[0].open, "opens": opens}
    if arguments.json:
        print(json.dumps(rows, indent=1))
        return 0
    width = max(len("READER"), *(len(printable(row["reader"])) for row in rows))
    print(f"{'READER':{width}}  PASS  FINISHED")
    for row in rows:
        print(
            f"{printable(row['reader']):{width}}  {row['pass']:4}  "
            f"{row['finished']} of {row['cases']}"
            + (f", opens {row['opens'][:16]} UTC" if row["opens"] else "")
        )
    return 0


def _export(store: Store, arguments: argparse.Namespace) -> int:
    from pipeline.readings import export

    content = export.as_zip(store, arguments.study)
    try:
        # Opinions on patients' pictures are for whoever asked for them.
        with replacing(arguments.out, mode=0o600) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise StoreError(
            f"{arguments.out} cannot be written ({error.strerror or error}).",
            "Name another file with --out.",
        ) from error
    print(f"Written to {printable(str(arguments.out))}; columns.csv inside explains every column.")
    return 0


def _truth(store: Store, arguments: argparse.Namespace) -> int:
    from pipeline.readings import truth

    try:
        content = arguments.table.read_bytes()
    except OSError as error:
        raise StoreError(
            f"The table cannot be read ({error.strerror or error}).", "Check its path."
        ) from error
    count = store.set_truth(arguments.study, truth.read(content))
    print(f"The truth of {count} cases is stored.")
    return 0


def _verify(store: Store, arguments: argparse.Namespace) -> int:
    found = store.verify(arguments.study)
    problems = list(found.problems)
    if arguments.head and all(one.hash != arguments.head for one in store.events(arguments.study)):
        problems.append("The audit trail does not hold that hash: its end was cut off or replaced.")
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{found.events} entries of the audit trail, all cases and pictures are as written.")
    print(f"Last hash: {found.head}")
    return 1 if problems else 0


def _backup(store: Store, arguments: argparse.Namespace) -> int:
    from pipeline.readings.backup import back_up

    found = back_up(database.from_environment(), arguments.to)
    problems = _tell(found)
    print(
        f"Written to {printable(str(arguments.to))}. It holds the pictures: keep it as safe as the "
        "database."
    )
    return 1 if problems else 0


def _restore(store: Store, arguments: argparse.Namespace) -> int:
    from pipeline.readings.restoring import restore

    found = restore(database.from_environment(), arguments.file, arguments.unsound)
    problems = _tell(found)
    print(f"Restored into {printable(store.place)}.")
    return 1 if problems else 0


def _tell(found: Mapping[str, Verified]) -> int:
    """Print what each study is worth; return how many problems there are."""
    for study, told in found.items():
        print(f"{study}  {told.events} entries of the audit trail, the last hash {told.head}")
        for problem in told.problems:
            print(f"{study}  {problem}")
    return sum(len(told.problems) for told in found.values())


def _close(store: Store, arguments: argparse.Namespace) -> int:
    store.close_study(arguments.study)
    print("The study is closed.")
    return 0


def _delete(store: Store, arguments: argparse.Namespace) -> int:
    if not arguments.yes:
        study = store.study(arguments.study)
        raise StoreError(
            f"Pictures, drafts and codes of {study.id} ({printable(study.title)}) would be gone "
            "for good.",
            "Export the study first, then say --yes.",
        )
    store.delete_study(arguments.study)
    print("Pictures, drafts and codes are deleted. The audit trail is kept.")
    return 0


def _agreement(store: Store, arguments: argparse.Namespace) -> int:
    from pipeline.observers.text import summary

    print(summary(store.readings(arguments.study)))
    return 0


def _told(study: Study) -> dict:
    return {
        "id": study.id,
        "title": study.title,
        "created": study.created.isoformat(),
        "cases": study.n_cases,
        "readers": list(study.readers),
        "closed": study.closed,
    }
