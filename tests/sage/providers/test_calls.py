from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.db import connection
from django.utils import timezone

from sage.models import ProviderCall
from sage.providers.calls import SENTENCES, Caller, FailureCode, VendorCall, parse_retry_after


def test_retry_after_is_a_number_of_seconds_or_a_date():
    in_a_minute = format_datetime(timezone.now() + timedelta(minutes=1), usegmt=True)

    assert parse_retry_after("7") == 7
    assert 50 < (parse_retry_after(in_a_minute) or 0) <= 60
    assert parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT") == 0
    assert [parse_retry_after(value) for value in (None, "", "soon", "-1")] == [None] * 4


def test_a_key_is_not_shown_with_its_caller():
    assert "sk-secret" not in repr(Caller("sk-secret", "chat"))


def test_each_failure_has_a_sentence():
    assert set(FailureCode) - set(SENTENCES) == {FailureCode.KEY_REFUSED, FailureCode.UNEXPECTED}


@pytest.mark.django_db
def test_a_defect_of_ours_is_recorded_and_raised():
    def divide():
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        VendorCall("OpenAI", "openai:x", Caller(purpose="chat")).run(divide)

    assert ProviderCall.objects.get().error_code == "unexpected"


@pytest.mark.django_db(transaction=True)
def test_a_result_survives_a_full_disk(fill_database, caplog):
    fill_database()

    assert VendorCall("OpenAI", "openai:x", Caller()).run(lambda: 7) == 7

    connection.execute_wrappers.clear()
    assert not ProviderCall.objects.exists()
    assert "openai:x: could not record a call: OperationalError" in caplog.text


@pytest.mark.django_db
def test_operators_can_read_the_records_but_not_change_them(admin_client):
    VendorCall("OpenAI", "openai:x", Caller(purpose="chat")).run(lambda: 7)
    call = ProviderCall.objects.get()
    address = f"/admin/sage/providercall/{call.pk}/change/"

    assert "openai:x" in admin_client.get("/admin/sage/providercall/").content.decode()
    assert admin_client.get(address).status_code == 200
    assert admin_client.post(address, {"model": "other"}).status_code == 403
    assert admin_client.get("/admin/sage/providercall/add/").status_code == 403
