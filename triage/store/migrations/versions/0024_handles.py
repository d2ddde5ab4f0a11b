"""Handles are looked up: who goes by the same one on another platform may be the same person."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

addresses = sa.table("addresses", sa.column("handle", sa.String()))


def upgrade() -> None:
    op.execute(sa.update(addresses).where(addresses.c.handle != "").values(handle=sa.func.lower(addresses.c.handle)))
    some = sa.text("handle <> ''")
    op.create_index("ix_addresses_handle", "addresses", ["handle"], sqlite_where=some, postgresql_where=some)
