"""Turns in the inbox: what waits already keeps its order and comes first."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("line", "turn"):
        op.add_column("inbox", sa.Column(name, BIG, nullable=False, server_default="0"))
    op.create_index("ix_inbox_turn", "inbox", ["turn", "id"])
    op.create_index("ix_inbox_line", "inbox", ["line", "turn"])
