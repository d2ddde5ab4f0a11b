"""Incidents, and by what cases belong together."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "case_signs",
        sa.Column("hour", BIG, nullable=False),
        sa.Column("sign", sa.Text(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("hour", "sign", "case_id", name="pk_case_signs"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "incidents",
        sa.Column("id", BIG, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("sign", "title", "status")),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("first_hour", BIG, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("status_at", MOMENT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("news", sa.Integer(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sqlite_autoincrement=True,
    )
    alive = sa.text("status IN ('proposed', 'confirmed')")
    op.create_index("ix_incidents_sign", "incidents", ["sign"], unique=True, sqlite_where=alive, postgresql_where=alive)
    op.create_table(
        "incident_cases",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("incident_id", BIG, nullable=True),
        sa.Column("waits_for", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name="pk_incident_cases"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_incident_cases_case_id_cases"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_cases_incident_id_incidents"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_incident_cases_incident_id", "incident_cases", ["incident_id"])
    waiting = sa.text("waits_for IS NOT NULL")
    op.create_index("ix_incident_cases_waiting", "incident_cases", ["incident_id", "case_id"], sqlite_where=waiting,
                    postgresql_where=waiting)  # fmt: skip
