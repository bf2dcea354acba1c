import asyncio
import json

import pytest

from chat.training import exports, reviewing

pytestmark = pytest.mark.django_db(transaction=True)


def read_lines(response):
    async def collect():
        return "".join([part.decode() async for part in response])

    return [json.loads(line) for line in asyncio.run(collect()).splitlines()]


@pytest.fixture
def accepted(training_set):
    for pair in training_set.pairs.all():
        reviewing.change_pair(pair, {"status": "accepted"})
    return training_set


def test_only_accepted_pairs_are_exported_with_their_source(training_set, harbour):
    reviewing.change_pair(training_set.pairs.get(number=1), {"status": "accepted"})
    response = exports.export_pairs(training_set)
    [line] = read_lines(response)

    assert 'filename="sales-calls.jsonl"' in response["Content-Disposition"]
    assert line["input"] == "What does it cost per month?"
    assert line["metadata"] == {
        "video": "Harbour tour",
        "video_id": str(harbour.pk),
        "start": 35.0,
        "end": 45.0,
        "type": "question_answer",
        "language": "en",
        "model": "openai:m",
    }


def test_personal_data_that_a_reviewer_typed_is_removed(accepted):
    pair = accepted.pairs.get(number=1)
    reviewing.change_pair(pair, {"output_text": "Write to anna.miller@example.org or call +49 170 1234567."})
    line = read_lines(exports.export_pairs(accepted))[0]

    assert "[EMAIL]" in line["output"]
    assert "example.org" not in line["output"]
    assert "1234567" not in line["output"]


def test_pairs_that_change_during_the_export_are_written_as_they_are_then(accepted, monkeypatch):
    monkeypatch.setattr(exports, "PAIRS_PER_PART", 1)
    response = exports.export_pairs(accepted)
    reviewing.change_pair(accepted.pairs.get(number=1), {"output_text": "It costs forty euros per month."})
    reviewing.change_pair(accepted.pairs.get(number=2), {"status": "rejected"})
    lines = read_lines(response)

    assert [line["output"] for line in lines] == [
        "It costs forty euros per month.",
        "The premium plan costs ninety euros per month.",
    ]
