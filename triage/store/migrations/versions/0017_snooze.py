"""Cases that are put off until a time."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.add_column("cases", sa.Column("snoozed_until", MOMENT, nullable=True))
    where = sa.text("status = 'open' AND snoozed_until IS NOT NULL")
    for name, columns in (("snoozed", ["order_key", "id"]), ("wakes", ["snoozed_until"])):
        op.create_index(f"ix_cases_{name}", "cases", columns, sqlite_where=where, postgresql_where=where)
