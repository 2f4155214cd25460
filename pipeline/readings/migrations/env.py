"""Run by Alembic on the connection that `pipeline.readings.upgrading` hands over."""

from alembic import context

from pipeline.readings.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    # SQLite, too: this project begins its transactions itself, and they hold changes of tables.
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
