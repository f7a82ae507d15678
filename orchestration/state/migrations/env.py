"""Alembic's entry: migrate on the connection that the store hands over, in its transaction."""

from alembic import context

from orchestration.state.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
