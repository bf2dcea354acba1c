import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sage.encryption import encrypt
from sage.models import IdempotentResponse

pytestmark = pytest.mark.django_db
BEFORE = [("sage", None), ("accounts", "0007_record_by_ids")]


def test_responses_stored_by_accounts_are_replayed_from_sage(alice):
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    answers = executor.loader.project_state(BEFORE[1:]).apps.get_model("accounts", "Answer").objects
    answers.create(user_id=alice.pk, key="one", asked="0" * 64, status=201, sealed=encrypt('{"id": 7}'))

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

    stored = IdempotentResponse.objects.get()
    assert (stored.user, stored.key, stored.request_digest) == (alice, "one", "0" * 64)
    assert (stored.status, stored.body) == (201, {"id": 7})
