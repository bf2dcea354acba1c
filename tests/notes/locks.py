"""Two transactions at the same time, of which one waits for a lock of the other."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection

WAIT_SECONDS = 30


class Threads(ThreadPoolExecutor):
    """Run functions on connections of their own. `result()` of what `begin` returns raises what they raised."""

    def begin(self, function, *arguments) -> Future:
        def run():
            try:
                return function(*arguments)
            finally:
                connection.close()

        return self.submit(run)


def wait_for_waiting(count: int) -> None:
    """Return as soon as `count` transactions of this database wait for a lock."""
    until = time.monotonic() + WAIT_SECONDS
    query = (
        "SELECT count(DISTINCT waiting.pid) FROM pg_locks waiting JOIN pg_locks held USING (pid) "
        "JOIN pg_database ON pg_database.oid = held.database "
        "WHERE NOT waiting.granted AND datname = current_database()"
    )  # pg_stat_activity does not change within a transaction
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(query)
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.02)
    raise AssertionError(f"{count} transactions did not come to wait for a lock.")
