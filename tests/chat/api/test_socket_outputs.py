import uuid

import pytest

from chat.api.growing import GrowingAnswer
from chat.api.socket_outputs import Envelope, build_error, build_last_output, build_output

ENVELOPE = Envelope("my-session", uuid.UUID(int=7), "exchange", "message")


def test_an_output_repeats_the_ids_of_its_envelope():
    output = build_output(ENVELOPE, "progress", GrowingAnswer(text="So far"))
    assert [output[key] for key in ("session_id", "conv_id", "msg_id")] == ["my-session", "exchange", "message"]
    assert output["metadata"]["conversation_id"] == str(uuid.UUID(int=7))
    assert output["actions"] == ["stop"]


@pytest.mark.parametrize(("status", "is_stopped"), [("complete", False), ("stopped", True)])
def test_an_answer_that_ends_or_is_stopped_is_a_success(status, is_stopped):
    output = build_last_output(ENVELOPE, GrowingAnswer(text="All"), {"status": status})
    assert (output["status"], output["metadata"]["stopped"]) == ("success", is_stopped)
    assert output["content"][0]["text"] == "All"


def test_a_failed_answer_has_a_message_and_no_content():
    output = build_last_output(
        ENVELOPE, GrowingAnswer(text="Half"), {"status": "failed", "code": "X", "message": "Why"}
    )
    assert (output["status"], output["content"], output["message"]) == ("error", [], "Why")
    assert output["metadata"]["error_type"] == "X"


@pytest.mark.parametrize("sent", [7, "x" * 65, "a\nb", None])
def test_an_error_does_not_repeat_what_cannot_be_an_id(sent):
    assert build_error({"session_id": sent}, "X", "Why")["session_id"] is None
