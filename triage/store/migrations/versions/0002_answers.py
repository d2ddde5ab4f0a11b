"""Agents' answers and notes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    # ALTER TABLE, not Alembic's batch mode: that would copy every case and drop what refers to them.
    op.add_column("cases", sa.Column("first_answered_at", MOMENT, nullable=True))
    op.add_column("cases", sa.Column("answered_at", MOMENT, nullable=True))
    answered = sa.text("status = 'answered'")
    op.create_index("ix_cases_answered", "cases", ["order_key", "id"], sqlite_where=answered, postgresql_where=answered)
    op.create_table(
        "notes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_notes_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notes_case_id", "notes", ["case_id"])
