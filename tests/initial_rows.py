"""The rows of a new database. A test that commits deletes them with all others, and then they are restored.

Django would create some of them again, for every app, which takes a quarter of a second.
"""

from typing import Any

from django.apps import AppConfig
from django.db import connection, transaction
from django.db.models.signals import post_migrate

COPIES = "initial"  # a schema with a copy of each table that has rows


def keep_initial_rows() -> None:
    """Copy the rows of a new test database, and restore them after each flush."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_entry DISABLE TRIGGER billing_entries_stay")  # it refuses to be flushed
        cursor.execute(f"DROP SCHEMA IF EXISTS {COPIES} CASCADE")
        cursor.execute(f"CREATE SCHEMA {COPIES}")
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            if cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():  # noqa: S608 - names of tables
                cursor.execute(f'CREATE TABLE {COPIES}."{table}" AS TABLE "{table}"')
    post_migrate.receivers = []  # those of Django, which create its own rows again
    post_migrate.connect(_restore_rows)


def _restore_rows(app_config: AppConfig, **_: Any) -> None:
    if app_config.name != "billing":  # once for all apps
        return
    with transaction.atomic(), connection.cursor() as cursor:  # foreign keys are checked when it is committed
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [COPIES])
        for (table,) in cursor.fetchall():
            cursor.execute(f'INSERT INTO "{table}" TABLE {COPIES}."{table}"')
