"""Reader studies: their tables, and an audit trail that the database itself keeps append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# As of this revision, whatever the tables are called later.
_KEPT_FOREVER = ("reading_study", "reading_case", "reading_order", "reading_event")
_REFUSED = "rows of a reader study are never changed or deleted"


def upgrade() -> None:
    op.create_table(
        "reading_study",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.Column("design", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reading_study"),
    )
    op.create_table(
        "reading_case",
        sa.Column("study", sa.String(16), nullable=False),
        sa.Column("case_number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("patient", sa.String(40), nullable=False),
        sa.Column("label", sa.Integer),
        sa.Column("probability", sa.Float(53), nullable=False),
        sa.Column("called", sa.Integer, nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("study", "case_number", name="pk_reading_case"),
        _of_study("reading_case"),
        sa.UniqueConstraint("study", "sha256", name="uq_reading_case_study_sha256"),
    )
    op.create_table(
        "reading_picture",
        sa.Column("study", sa.String(16), nullable=False),
        sa.Column("case_number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
        sa.Column("deep_png", sa.LargeBinary),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("explanation", sa.LargeBinary),
        sa.PrimaryKeyConstraint("study", "case_number", name="pk_reading_picture"),
        _of_case("reading_picture"),
    )
    op.create_table(
        "reading_seat",
        sa.Column("study", sa.String(16), nullable=False),
        sa.Column("who", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("selector", sa.String(16), nullable=False),
        sa.Column("verifier", sa.String(48), nullable=False),
        sa.PrimaryKeyConstraint("study", "who", name="pk_reading_seat"),
        _of_study("reading_seat"),
        sa.UniqueConstraint("selector", name="uq_reading_seat_selector"),
    )
    op.create_table(
        "reading_order",
        sa.Column("study", sa.String(16), nullable=False),
        sa.Column("reader", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("pass_number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("case_number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(
            "study", "reader", "pass_number", "position", name="pk_reading_order"
        ),
        _of_case("reading_order"),
        sa.UniqueConstraint(
            "study",
            "reader",
            "pass_number",
            "case_number",
            name="uq_reading_order_study_reader_pass_number_case_number",
        ),
    )
    op.create_table(
        "reading_draft",
        sa.Column("study", sa.String(16), nullable=False),
        sa.Column("reader", sa.String(40), nullable=False),
        sa.Column("pass_number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("case_number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint(
            "study", "reader", "pass_number", "case_number", name="pk_reading_draft"
        ),
        _of_case("reading_draft"),
    )
    op.create_table(
        "reading_event",
        sa.Column("study", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("who", sa.String(40), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("pass_number", sa.Integer),
        sa.Column("case_number", sa.Integer),
        sa.Column("once", sa.String(40)),
        sa.Column("key", sa.String(80)),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("study", "number", name="pk_reading_event"),
        _of_study("reading_event"),
        sa.UniqueConstraint("study", "who", "turn", name="uq_reading_event_study_who_turn"),
        sa.UniqueConstraint("study", "who", "once", name="uq_reading_event_study_who_once"),
        sa.UniqueConstraint(
            "study", "who", "what", "key", name="uq_reading_event_study_who_what_key"
        ),
    )
    op.create_index(
        "ix_reading_event_study_who_pass_number_case_number",
        "reading_event",
        ["study", "who", "pass_number", "case_number"],
    )
    if op.get_bind().dialect.name == "postgresql":
        _refuse_changes_on_postgresql()
    else:
        _refuse_changes_on_sqlite()


def _of_study(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["study"], ["reading_study.id"], name=f"fk_{table}_study")


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["study", "case_number"],
        ["reading_case.study", "reading_case.case_number"],
        name=f"fk_{table}_study_case_number",
    )


def _refuse_changes_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION reading_refused() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    for table in _KEPT_FOREVER:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION reading_refused()"
        )
        op.execute(  # it fires no trigger of rows
            f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION reading_refused()"
        )


def _refuse_changes_on_sqlite() -> None:
    for table in _KEPT_FOREVER:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
    # INSERT OR REPLACE deletes what is in its way without firing a trigger.
    op.execute(
        "CREATE TRIGGER reading_event_replace BEFORE INSERT ON reading_event "
        "WHEN EXISTS (SELECT 1 FROM reading_event WHERE study = NEW.study "
        "AND (number = NEW.number OR (who = NEW.who AND (turn = NEW.turn OR once = NEW.once "
        "OR (what = NEW.what AND key = NEW.key))))) "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )
