import pytest

from chat.api.socket_inputs import MAX_INPUT_CHARACTERS, StopSerializer, parse_message, validate
from sage.errors import BadRequest, InvalidInput


@pytest.mark.parametrize("text", [None, "", "[]", "no JSON", "[" * 50_000])
def test_what_is_no_object_is_refused_with_an_example(text):
    with pytest.raises(BadRequest, match="JSON object such as"):
        parse_message(text)


def test_a_message_that_is_too_long_is_refused():
    with pytest.raises(InvalidInput):
        parse_message(" " * (MAX_INPUT_CHARACTERS + 1))


def test_the_first_wrong_value_is_named():
    with pytest.raises(InvalidInput) as caught:
        validate(StopSerializer, {"session_id": "my-session", "msg_id": "none"})
    assert "msg_id" in str(caught.value.details)
