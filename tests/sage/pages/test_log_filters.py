import io
import logging

import pytest
from django.http import HttpResponse
from django.utils.log import log_response

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(monkeypatch):
    """Return the text that the console handler of the settings writes."""
    [handler] = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    text = io.StringIO()
    monkeypatch.setattr(handler, "stream", text)
    return text


def test_a_request_with_an_unknown_host_logs_one_warning_without_a_traceback(client, console):
    answer = client.get("/", headers={"Host": "evil.example"})

    lines = console.getvalue().splitlines()
    assert answer.status_code == 400
    assert [line for line in lines if "evil.example" in line and " WARNING " in line]
    assert "Traceback" not in console.getvalue() and " ERROR " not in console.getvalue()
    assert len(lines) <= 2


@pytest.mark.parametrize(("status", "level"), [(502, "WARNING"), (503, "WARNING"), (500, "ERROR")])
def test_an_outage_of_another_service_is_a_warning(rf, console, status, level):
    log_response("%s", "/v2/provider-keys/openai", response=HttpResponse(status=status), request=rf.get("/"))

    assert f" {level} django.request: /v2/provider-keys/openai" in console.getvalue()
