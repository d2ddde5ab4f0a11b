"""The sum that the customer of a case speaks of; NULL: none, or nobody looked yet."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("claimed", sa.Integer(), nullable=True))
