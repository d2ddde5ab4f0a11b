"""Webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("message", "action")),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        *(sa.Column(name, MOMENT, nullable=True) for name in ("failing_since", "resume_at")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("taken", "failed", "given_up")),
        sa.PrimaryKeyConstraint("name", name="pk_webhooks"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook_retries",
        sa.Column("id", BIG, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("webhook", "msg_id", "body")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_retries"),
        sa.UniqueConstraint("webhook", "msg_id", name="uq_webhook_retries_webhook_msg_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_retries_webhook_due_at", "webhook_retries", ["webhook", "due_at"])
