"""The rows of a new database, which a test that commits leaves as they were.

Django would truncate all tables, which takes a fifth of a second even if they are empty, and create its own rows again
for every app. Here a function of the database deletes the rows and copies the first ones back. The role of a replica
fires no triggers, neither those of foreign keys nor those that keep the ledger, and needs a superuser.
"""

from django.db import connection
from django.test import TransactionTestCase

COPIES = "initial"  # a schema with a copy of each table that has rows
RESTORE = """
CREATE FUNCTION {copies}.restore() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
BEGIN
    LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE;  -- waits for what threads of the test are still writing
    {statements}
END $$
"""


def keep_initial_rows() -> None:
    """Copy the rows of a new test database, and restore them after each test that commits."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    statements = [f'DELETE FROM "{table}";' for table in tables]  # noqa: S608 - names of tables
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {COPIES} CASCADE")
        cursor.execute(f"CREATE SCHEMA {COPIES}")
        for table in tables:
            if cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():  # noqa: S608 - names of tables
                cursor.execute(f'CREATE TABLE {COPIES}."{table}" AS TABLE "{table}"')
                statements.append(f'INSERT INTO "{table}" TABLE {COPIES}."{table}";')
        names = ", ".join(f'"{table}"' for table in tables)
        cursor.execute(RESTORE.format(copies=COPIES, tables=names, statements="\n    ".join(statements)))
    TransactionTestCase._fixture_teardown = _restore_rows


def _restore_rows(_: TransactionTestCase) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COPIES}.restore()")
