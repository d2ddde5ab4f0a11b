"""Solved cases are found by their topic."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("status = 'resolved' AND first_answered_at IS NOT NULL")
    columns = ["topic", "category", "id"]
    op.create_index("ix_cases_solved", "cases", columns, sqlite_where=where, postgresql_where=where)
