"""Contacts of impostors, and pitches that many send."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sightings",
        sa.Column("id", BIG, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("kind", "value", "why", "channel", "sender", "number")
        ),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
        sa.UniqueConstraint("hash", name="uq_sightings_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sightings_kind_value", "sightings", ["kind", "value"])
    op.create_table(
        "pitches",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_pitches"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_pitches_text_hash_at", "pitches", ["text_hash", "at"])
