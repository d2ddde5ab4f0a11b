"""What the limits count: the breaker's last minute, and replies to each mail domain."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("pace", sa.Column("name", sa.Text(), nullable=False), sa.Column("spent", sa.Text(), nullable=False),
                    sa.PrimaryKeyConstraint("name", name=op.f("pk_pace")), sqlite_with_rowid=False)  # fmt: skip
    op.add_column("outbox", sa.Column("domain_hash", sa.LargeBinary(), nullable=True))
    known = sa.text("domain_hash IS NOT NULL")
    op.create_index("ix_outbox_domain", "outbox", ["domain_hash", "created_at"], sqlite_where=known,
                    postgresql_where=known)  # fmt: skip
    op.drop_index("ix_outbox_automatic", "outbox")
