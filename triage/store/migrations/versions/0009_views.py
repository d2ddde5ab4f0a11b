"""Named filters of users, and columns and indexes for filters of the list that had none."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
DUE = {
    "sqlite": "CAST(strftime('%s', json_extract(place, '$.due_at')) AS INTEGER) * 1000000",
    "postgresql": "CAST(CAST(place AS json) ->> 'due_at' AS timestamptz)",
}


def upgrade() -> None:
    op.add_column("cases", sa.Column("due_at", MOMENT, nullable=True))
    op.add_column("cases", sa.Column("escalated", sa.Boolean(), nullable=True))
    due = DUE[op.get_bind().dialect.name]
    op.execute(f'UPDATE cases SET due_at = {due}, escalated = place LIKE \'%"name":"escalated"%\'')  # noqa: S608
    op.create_table(
        "views",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_views_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_views"),
        sa.UniqueConstraint("user_id", "name", name="uq_views_user_id_name"),
        sqlite_autoincrement=True,
    )
    for column in ("topic", "language"):
        _index(f"open_{column}", "status = 'open'", column, "order_key", "id")
    _index("open_escalated", "status = 'open' AND escalated", "order_key", "id")


def _index(name: str, where: str, *columns: str) -> None:
    some = sa.text(where)
    op.create_index(f"ix_cases_{name}", "cases", list(columns), sqlite_where=some, postgresql_where=some)
