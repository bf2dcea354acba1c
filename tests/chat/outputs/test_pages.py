import json

import pytest

from chat.outputs.models import Output

pytestmark = pytest.mark.django_db
LIST_QUERIES = 7


def test_the_list_shows_outputs_and_filters_them(alice_client, make_output):
    make_output()
    make_output(type="chapters", content="- [0:00] Arrival")

    page = alice_client.get("/outputs/").content.decode()
    assert "Fishing boats leave." in page
    assert "Arrival" in page
    assert "Fishing boats leave." not in alice_client.get("/outputs/?type=chapters").content.decode()
    assert "No outputs match" in alice_client.get("/outputs/?type=voice_prompt").content.decode()


def test_the_query_count_does_not_grow_with_the_outputs(alice_client, make_output, django_assert_num_queries):
    make_output()
    alice_client.get("/outputs/")
    with django_assert_num_queries(LIST_QUERIES):
        alice_client.get("/outputs/")
    for _ in range(5):
        make_output()
    with django_assert_num_queries(LIST_QUERIES):
        alice_client.get("/outputs/")


def test_an_output_is_shown_with_citations_that_open_the_video(alice_client, make_output, harbour):
    output = make_output(data={"chapters": []})
    page = alice_client.get(f"/outputs/{output.pk}/").content.decode()

    assert f'href="/videos/{harbour.pk}/?t=10.00"' in page
    assert "&quot;chapters&quot;: []" in page


def test_markup_in_outputs_is_shown_as_text(alice_client, make_output):
    output = make_output(content="<script>alert(1)</script>", data={"x": "<script>alert(2)</script>"})
    page = alice_client.get(f"/outputs/{output.pk}/").content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize(("kind", "start"), [("md", "# Summary of Harbour tour"), ("json", "{")])
def test_outputs_are_exported(alice_client, make_output, kind, start):
    response = alice_client.get(f"/outputs/{make_output().pk}/export/?format={kind}")
    assert response.content.decode().startswith(start)
    assert f"summary-of-harbour-tour.{kind}" in response["Content-Disposition"]


def test_an_unknown_format_is_refused(alice_client, make_output):
    assert alice_client.get(f"/outputs/{make_output().pk}/export/?format=exe").status_code == 400


EXAMPLE = {
    "input": "What does it cost?",
    "output": "Thirty euros per month.",
    "metadata": {"type": "question_answer", "start": 35.0, "end": 45.0, "language": "en"},
}


def test_training_data_are_shown_and_exported_as_lines(alice_client, make_output, harbour):
    shown = json.dumps({"examples": [{"input": EXAMPLE["input"], "output": EXAMPLE["output"]}]})
    output = make_output(type="training_data", content=shown, data={"examples": [EXAMPLE, EXAMPLE]}, model="openai:m")
    page = alice_client.get(f"/outputs/{output.pk}/").content.decode()
    lines = alice_client.get(f"/outputs/{output.pk}/export/?format=jsonl")

    assert page.count("<dd>Thirty euros per month.</dd>") == 2
    assert f'href="/videos/{harbour.pk}/?t=35.0"' in page
    assert lines["Content-Type"] == "application/jsonl"
    assert "training-data-of-harbour-tour.jsonl" in lines["Content-Disposition"]
    rows = [json.loads(line) for line in lines.content.decode().splitlines()]
    known = {"video_id": str(harbour.pk), "video_title": "Harbour tour", "model": "openai:m"}
    assert rows == [{**EXAMPLE, "metadata": {**EXAMPLE["metadata"], **known}}] * 2
    assert json.loads(alice_client.get(f"/outputs/{output.pk}/export/?format=part").content) == json.loads(shown)


def test_only_training_data_have_lines(alice_client, make_output):
    assert alice_client.get(f"/outputs/{make_output().pk}/export/?format=jsonl").status_code == 400


@pytest.mark.parametrize(
    ("kind", "ending"), [("sales_analysis", "md"), ("voice_prompt", "txt"), ("structured_data", "json")]
)
def test_a_part_is_downloaded_alone(alice_client, make_output, kind, ending):
    response = alice_client.get(f"/outputs/{make_output(type=kind, content='Sell.').pk}/export/?format=part")
    assert response.content == b"Sell.\n"
    assert f".{ending}" in response["Content-Disposition"]


def test_structured_data_are_shown_as_lists(alice_client, make_output):
    found = {"sales_techniques": [{"name": "Closing", "description": "<b>Asks</b>", "start": 65.0}]}
    output = make_output(type="structured_data", content="{}", data={"analysis_data": found})
    page = alice_client.get(f"/outputs/{output.pk}/").content.decode()

    assert "<dd>Closing</dd>" in page
    assert "&lt;b&gt;Asks&lt;/b&gt;" in page
    assert ">1:05</a>" in page
    listed = alice_client.get("/outputs/").content.decode()
    assert "Sales techniques: 1, Communication strategies: 0" in listed


def test_deleting_offers_to_undo(alice_client, make_output):
    output = make_output()
    page = alice_client.post(f"/outputs/{output.pk}/delete/", follow=True).content.decode()
    assert f'action="/outputs/{output.pk}/restore/"' in page
    assert not Output.objects.exists()

    alice_client.post(f"/outputs/{output.pk}/restore/")
    assert Output.objects.exists()


def test_pages_of_others_are_not_found(bob_client, make_output):
    output = make_output()
    assert bob_client.get(f"/outputs/{output.pk}/").status_code == 404
    for action in ("delete", "restore"):
        assert bob_client.post(f"/outputs/{output.pk}/{action}/").status_code == 404
    assert bob_client.get("/outputs/?collection=nonsense").status_code == 404
