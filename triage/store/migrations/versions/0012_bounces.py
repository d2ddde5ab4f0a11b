"""Mails that came back."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bounces",
        sa.Column("outbox_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("outbox_id", name="pk_bounces"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_bounces_outbox_id_outbox"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dead_addresses",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_dead_addresses"),
        sqlite_with_rowid=False,
    )
