"""The audit as a chain of hashes that nothing but adding is allowed to."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORBIDDEN = "the audit is only added to"


def upgrade() -> None:
    op.add_column("audit", sa.Column("hash", sa.LargeBinary(), nullable=True))
    op.create_table(
        "audit_head",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_audit_head"),
        sqlite_with_rowid=False,
    )
    _link()
    (_forbid_sqlite if op.get_bind().dialect.name == "sqlite" else _forbid_postgresql)()


def _link() -> None:
    tx, last, count = op.get_bind(), bytes(32), 0
    rows = tx.execute(sa.text("SELECT id, at, who, action, case_id, details FROM audit ORDER BY id")).all()
    for row in rows:
        at = row.at if isinstance(row.at, int) else (row.at - EPOCH) // timedelta(microseconds=1)
        said = json.dumps([at, row.who, row.action, row.case_id, row.details], ensure_ascii=True, separators=(",", ":"))
        last, count = hashlib.sha256(last + said.encode()).digest(), count + 1
        tx.execute(sa.text("UPDATE audit SET hash = :hash WHERE id = :id"), {"hash": last, "id": row.id})
    head = sa.text("INSERT INTO audit_head (name, entries, hash) VALUES ('end', :entries, :hash)")
    tx.execute(head, {"entries": count, "hash": last})


def _forbid_sqlite() -> None:
    for what in ("UPDATE", "DELETE"):
        refused = f"BEGIN SELECT RAISE(ABORT, '{FORBIDDEN}'); END"
        op.execute(f"CREATE TRIGGER audit_no_{what.lower()} BEFORE {what} ON audit {refused}")


def _forbid_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{FORBIDDEN}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_added_to()"
    )
