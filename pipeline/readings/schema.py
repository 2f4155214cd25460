"""The tables of reader studies. A change here needs a new file in ``migrations/versions``.

The event table is the audit trail and the only place where it stands what readers said; the others
hold what a study is made of, which never changes, besides codes and what is half filled in.
Documents are JSON as text, and moments are ISO 8601 as text: both read back exactly as written, on
both databases, which the hashes of the trail need.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

# The newest revision of `migrations`; a test holds the two together. Kept here so that opening a
# store that is up to date need not import Alembic.
HEAD = "0001"
VERSION_TABLE = "reading_version"

# Rows of these are never changed and never deleted, which triggers of the database see to.
KEPT_FOREVER = ("reading_study", "reading_case", "reading_order", "reading_event")

# Names of constraints and indexes are the same on every database, so that migrations can name them.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _of_study() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["study"], ["reading_study.id"])


def _of_case() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["study", "case_number"], ["reading_case.study", "reading_case.case_number"]
    )


study = Table(
    "reading_study",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("created", String(40), nullable=False),
    Column("design", Text, nullable=False),
)

case = Table(
    "reading_case",
    metadata,
    Column("study", String(16), primary_key=True),
    Column("case_number", Integer, primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False),  # of the file that the picture was read from
    Column("patient", String(40), nullable=False),
    Column("label", Integer),
    Column("probability", Float(53), nullable=False),
    Column("called", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("reasons", Text, nullable=False),
    _of_study(),
    UniqueConstraint("study", "sha256"),
)

# Apart from the case: the pixels can be deleted, and nobody reads them to list the cases.
picture = Table(
    "reading_picture",
    metadata,
    Column("study", String(16), primary_key=True),
    Column("case_number", Integer, primary_key=True, autoincrement=False),
    Column("png", LargeBinary, nullable=False),
    Column("deep_png", LargeBinary),
    Column("about", Text, nullable=False),
    Column("explanation", LargeBinary),
    _of_case(),
)

seat = Table(
    "reading_seat",
    metadata,
    Column("study", String(16), primary_key=True),
    Column("who", String(40), primary_key=True),
    Column("number", Integer, nullable=False),  # 0 for the owner
    Column("selector", String(16), nullable=False),
    Column("verifier", String(48), nullable=False),
    _of_study(),
    UniqueConstraint("selector"),
)

order = Table(
    "reading_order",
    metadata,
    Column("study", String(16), primary_key=True),
    Column("reader", String(40), primary_key=True),
    Column("number", Integer, nullable=False),  # of the reader, as they were named
    Column("pass_number", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("case_number", Integer, nullable=False),
    _of_case(),
    UniqueConstraint("study", "reader", "pass_number", "case_number"),
)

draft = Table(
    "reading_draft",
    metadata,
    Column("study", String(16), primary_key=True),
    Column("reader", String(40), primary_key=True),
    Column("pass_number", Integer, primary_key=True, autoincrement=False),
    Column("case_number", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("seconds", Float(53), nullable=False),
    _of_case(),
)

event = Table(
    "reading_event",
    metadata,
    Column("study", String(16), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("who", String(40), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("what", String(16), nullable=False),
    Column("pass_number", Integer),
    Column("case_number", Integer),
    # Of a step that is taken once: which; no two rows of a reader have the same.
    Column("once", String(40)),
    Column("key", String(80)),
    Column("payload", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    _of_study(),
    UniqueConstraint("study", "who", "turn"),
    UniqueConstraint("study", "who", "once"),
    UniqueConstraint("study", "who", "what", "key"),
    Index(None, "study", "who", "pass_number", "case_number"),
)
