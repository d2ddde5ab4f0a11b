"""Cases that agents merged."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    merged, status = sa.text("merged_into IS NOT NULL"), sa.text("status = 'merged'")
    op.create_index("ix_cases_merged_into", "cases", ["merged_into"], sqlite_where=merged, postgresql_where=merged)
    op.create_index("ix_cases_merged", "cases", ["order_key", "id"], sqlite_where=status, postgresql_where=status)
