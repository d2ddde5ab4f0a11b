"""Waiting times that customers were told."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.add_column("cases", sa.Column("promised_at", MOMENT, nullable=True))
    op.add_column("cases", sa.Column("promised_by", MOMENT, nullable=True))
    op.add_column("cases", sa.Column("promised_ahead", sa.Integer(), nullable=True))
    op.add_column("cases", sa.Column("promise_state", sa.Text(), nullable=True))
    answered = sa.text("first_answered_at IS NOT NULL")
    running = sa.text("promise_state = 'running'")
    late = sa.text("status = 'open' AND promise_state = 'broken'")
    for name, columns, where in (
        ("first_answered_at", ["first_answered_at"], answered),
        ("promise_running", ["promised_by", "id"], running),
        ("promise_late", ["promised_by"], late),
    ):
        op.create_index(f"ix_cases_{name}", "cases", columns, sqlite_where=where, postgresql_where=where)
