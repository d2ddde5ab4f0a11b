"""Which request made a token, so that none makes two; and no token has more than its user's role."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

users = sa.table("users", sa.column("id"), sa.column("role"))
tokens = sa.table("tokens", sa.column("user_id"), sa.column("scope"))


def upgrade() -> None:
    op.add_column("tokens", sa.Column("asked", sa.LargeBinary(), nullable=True))
    op.create_index("ix_tokens_asked", "tokens", ["asked"], unique=True)
    own = sa.select(users.c.role).where(users.c.id == tokens.c.user_id).scalar_subquery()
    op.execute(sa.update(tokens).where(tokens.c.scope > own).values(scope=own))
