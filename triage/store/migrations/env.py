"""Run by Alembic: migrations go into the transaction that `upgrade` opened, all or none of them."""

from alembic import context

from triage.store.tables import inbox


def _ours(name: str | None, kind: str, _: object) -> bool:
    """Leave the search index alone: it is made differently in each database (`triage.store.searching`)."""
    return kind != "table" or not str(name).startswith("message_words")


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=inbox.metadata,
    render_as_batch=True,
    transactional_ddl=True,  # true for SQLite too, because we begin its transactions ourselves
    include_name=_ours,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
