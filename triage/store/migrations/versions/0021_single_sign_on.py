"""Which user a subject of single sign-on is."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "subjects",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_subjects_user_id_users"),
        sa.PrimaryKeyConstraint("hash", name="pk_subjects"),
        sa.UniqueConstraint("user_id", name="uq_subjects_user_id"),
        sqlite_with_rowid=False,
    )
